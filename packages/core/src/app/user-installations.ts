import * as z from "zod";
import type { Installation } from "../domain/installation.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClient } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { pages } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import { installationSchema, toInstallation } from "./installation-shape.js";

const listSchema = z.object({ installations: z.array(z.looseObject({ app_id: z.int(), target_type: z.string() })) });
const repositoriesSchema = z.object({
  repositories: z.array(
    z.object({ full_name: z.string(), permissions: z.record(z.string(), z.boolean()).default({}) }),
  ),
});
const membershipSchema = z.object({
  state: z.string(),
  role: z.string(),
  organization: z.object({ id: z.int() }),
});

/** The account types that own repositories. An installation can also belong to an enterprise. */
const ACCOUNTS: ReadonlySet<string> = new Set(["User", "Organization"]);

/** Reads the App's installations with a user's own token, so that GitHub returns only those that the user can see. */
export class UserInstallations {
  readonly #client: GitHubClient;
  readonly #appId: number;

  constructor(clients: GitHubClients, credential: Credential, appId: number) {
    this.#client = clients.for(credential);
    this.#appId = appId;
  }

  /**
   * Returns all installations of this App that the user can see.
   *
   * @see https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token
   */
  async list(signal: AbortSignal): Promise<readonly Installation[]> {
    const installations: Installation[] = [];
    for await (const page of pages(this.#client, "GET /user/installations", {}, { signal })) {
      for (const listed of parseResponse(listSchema, page).installations) {
        if (listed.app_id !== this.#appId || !ACCOUNTS.has(listed.target_type)) continue;
        const shape = parseResponse(installationSchema, { ...page, data: listed });
        installations.push(toInstallation(this.#client.apiUrl, shape));
      }
    }
    return installations;
  }

  /** Returns `true` when the user can access the repository through the installation. */
  async reaches(installationId: number, fullName: string, signal: AbortSignal): Promise<boolean> {
    const route = "GET /user/installations/{installation_id}/repositories";
    const wanted = fullName.toLowerCase();
    for await (const page of pages(this.#client, route, { installation_id: installationId }, { signal })) {
      const { repositories } = parseResponse(repositoriesSchema, page);
      if (repositories.some(({ full_name }) => full_name.toLowerCase() === wanted)) return true;
    }
    return false;
  }

  /** Returns those of the repositories (`owner/name` in lower case) of the installation to which the user has the right. */
  async withRight(
    installationId: number,
    wanted: ReadonlySet<string>,
    right: "pull" | "push",
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const route = "GET /user/installations/{installation_id}/repositories";
    const found = new Set<string>();
    for await (const page of pages(this.#client, route, { installation_id: installationId }, { signal })) {
      for (const { full_name, permissions } of parseResponse(repositoriesSchema, page).repositories) {
        const name = full_name.toLowerCase();
        if (wanted.has(name) && permissions[right] === true) found.add(name);
      }
      if (found.size === wanted.size) break;
    }
    return found;
  }

  /**
   * Returns `true` when the user is an owner of the organization, which is compared by ID, since logins can be reused; `null` when GitHub denies access to the membership, since the
   * App has no permission to read members or the organization requires single sign-on.
   *
   * @see https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user
   */
  async owns(organization: Installation["account"], signal: AbortSignal): Promise<boolean | null> {
    const parameters = { org: organization.login };
    const response = await this.#client.request("GET /user/memberships/orgs/{org}", parameters, {
      signal,
      expect: [403, 404],
    });
    if (response.status === 403) return null;
    if (response.status !== 200) return false;
    const membership = parseResponse(membershipSchema, response);
    return (
      membership.state === "active" && membership.role === "admin" && membership.organization.id === organization.id
    );
  }
}
