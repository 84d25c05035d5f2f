import { z } from "zod";
import type { Installation } from "../domain/installation.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClient } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { pages } from "../github/pagination.js";
import { parseAnswer } from "../github/parse-answer.js";
import { installationSchema, toInstallation } from "./installation-shape.js";

const listSchema = z.object({ installations: z.array(z.looseObject({ app_id: z.int(), target_type: z.string() })) });
const repositoriesSchema = z.object({ repositories: z.array(z.object({ full_name: z.string() })) });
const membershipSchema = z.object({ state: z.string(), role: z.string() });

/** An enterprise, the third kind, is no account that has repositories. */
const ACCOUNTS: ReadonlySet<string> = new Set(["User", "Organization"]);

/** What a user's own token tells about the App's installations. GitHub gives only what the user can see. */
export class UserInstallations {
  readonly #client: GitHubClient;
  readonly #appId: number;

  constructor(clients: GitHubClients, credential: Credential, appId: number) {
    this.#client = clients.for(credential);
    this.#appId = appId;
  }

  /**
   * All installations of this App that the user can see, on all pages.
   *
   * @see https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token
   */
  async list(signal: AbortSignal): Promise<readonly Installation[]> {
    const installations: Installation[] = [];
    for await (const page of pages(this.#client, "GET /user/installations", {}, { signal })) {
      for (const listed of parseAnswer(listSchema, page).installations) {
        if (listed.app_id !== this.#appId || !ACCOUNTS.has(listed.target_type)) continue;
        const shape = parseAnswer(installationSchema, { ...page, data: listed });
        installations.push(toInstallation(this.#client.apiUrl, shape));
      }
    }
    return installations;
  }

  /** Whether the user sees that repository through that installation. */
  async reaches(installationId: number, fullName: string, signal: AbortSignal): Promise<boolean> {
    const route = "GET /user/installations/{installation_id}/repositories";
    const wanted = fullName.toLowerCase();
    for await (const page of pages(this.#client, route, { installation_id: installationId }, { signal })) {
      const { repositories } = parseAnswer(repositoriesSchema, page);
      if (repositories.some(({ full_name }) => full_name.toLowerCase() === wanted)) return true;
    }
    return false;
  }

  /**
   * Whether the user is an owner of the organization; `null` when GitHub does not tell, since the App may not read members or
   * the organization demands single sign-on.
   *
   * @see https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user
   */
  async owns(organization: string, signal: AbortSignal): Promise<boolean | null> {
    const parameters = { org: organization };
    const answer = await this.#client.request("GET /user/memberships/orgs/{org}", parameters, {
      signal,
      expect: [403, 404],
    });
    if (answer.status === 403) return null;
    if (answer.status !== 200) return false;
    const { state, role } = parseAnswer(membershipSchema, answer);
    return state === "active" && role === "admin";
  }
}
