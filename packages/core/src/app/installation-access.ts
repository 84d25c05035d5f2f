import { z } from "zod";
import type { ClientName } from "../domain/connection.js";
import type { Installation, InstallationBinding, InstallationKey } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { parseAnswer } from "../github/parse-answer.js";
import { repositoryParameters } from "../github/repository-name.js";
import { RecentValues } from "../timing/recent-values.js";
import type { AppServices, UserAccount } from "./app-services.js";
import { UserInstallations } from "./user-installations.js";

/** What a user may do with a repository. */
export type RepositoryRight = "pull" | "push";

const permissionsSchema = z.object({
  full_name: z.string(),
  permissions: z.record(z.string(), z.boolean()).default({}),
});
const RIGHTS_KEPT_FOR = 2 * 60_000;
// Who owns an organization changes, and GitHub does not always tell.
const OWNERSHIP_COUNTS_FOR = 15 * 60_000;

/** What a user may do with a repository, as it was read. */
interface KnownRights {
  /** The repository's present `owner/name`. */
  readonly fullName: string;
  readonly granted: ReadonlySet<string>;
}

/**
 * Decides whose installation an installation is. An id from a client is a claim: it counts when the host's user is bound to
 * the installation, and bound means proved with the user's own token (or a signed webhook): the account is the user's, or an
 * organization that the user owns. Nothing else lets anybody in.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/about-the-setup-url
 */
export class InstallationAccess {
  readonly #services: AppServices;
  readonly #rights: RecentValues<KnownRights>;

  constructor(services: AppServices) {
    this.#services = services;
    this.#rights = new RecentValues(services.clock, { maxAgeMs: RIGHTS_KEPT_FOR });
  }

  /**
   * Passes when the user may use the installation; proves it now where that was not done before.
   *
   * @throws GitHubSdkError `installation_not_yours`, and what requests to GitHub throw
   */
  async require(userId: string, installationId: number, signal: AbortSignal): Promise<void> {
    const { authorizeInstallation } = this.#services;
    if (authorizeInstallation !== null) {
      if (await authorizeInstallation({ userId, installationId })) return;
      throw this.#notYours();
    }
    const account = await this.#services.account(userId);
    if (account !== null && (await this.#isBound(userId, installationId, account))) return;
    const credential = await this.#appCredential(userId);
    if (account === null || credential === null) throw this.#notYours();
    await this.prove({ userId, installationId, githubUserId: account.githubUserId, credential }, signal);
  }

  /**
   * Proves an installation with the user's token of the App, and remembers the proof.
   *
   * @throws GitHubSdkError `installation_not_yours`
   */
  async prove(
    claim: {
      readonly userId: string;
      readonly installationId: number;
      readonly githubUserId: number;
      readonly credential: Credential;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { app, clients, clock, installations } = this.#services;
    const provenAt = new Date(clock.now());
    const asUser = new UserInstallations(clients, claim.credential, app.appId);
    const listed = (await asUser.list(signal)).find(({ installationId }) => installationId === claim.installationId);
    if (listed === undefined) throw this.#notYours();
    if (listed.suspendedAt !== null) throw this.#notYours("The installation is suspended.");
    const isOwner = await this.#isOwner(asUser, listed, claim.githubUserId, signal);
    if (isOwner === null) throw this.#notYours(MEMBERS_HIDDEN);
    if (!isOwner) throw this.#notYours();
    await installations.save(listed, provenAt);
    const { userId, githubUserId } = claim;
    const binding: InstallationBinding = { ...keyOf(listed), userId, githubUserId, proof: "user_token", provenAt };
    if (!(await installations.bind(binding))) throw this.#notYours();
  }

  /**
   * Passes when the user himself may do that with a repository: an installation may be able to do more than its user.
   *
   * @returns the repository's present `owner/name`
   * @throws GitHubSdkError `repository_not_found`, `insufficient_permissions`, `github_not_connected`
   */
  async requireRight(userId: string, fullName: string, right: RepositoryRight, signal: AbortSignal): Promise<string> {
    // GitHub shows the App's own token what the App reaches; an organization may hide the same from an OAuth App.
    const credential = (await this.#appCredential(userId)) ?? (await this.#services.userCredential(userId));
    const key = JSON.stringify([credential.key, fullName.toLowerCase()]);
    const known = this.#rights.get(key);
    // What was remembered refuses nothing: it is looked at anew.
    const rights = known?.granted.has(right) === true ? known : await this.#readRights(credential, fullName, signal);
    if (rights !== known) this.#rights.put(key, rights);
    if (rights.granted.has(right)) return rights.fullName;
    throw new GitHubSdkError(
      "insufficient_permissions",
      `The GitHub account that is connected may not ${right === "push" ? "write to" : "read"} ${fullName}.`,
    );
  }

  async #readRights(credential: Credential, fullName: string, signal: AbortSignal): Promise<KnownRights> {
    const client = this.#services.clients.for(credential);
    const answer = await client.request("GET /repos/{owner}/{repo}", repositoryParameters(fullName), { signal });
    const { full_name, permissions } = parseAnswer(permissionsSchema, answer);
    const granted = new Set(Object.keys(permissions).filter((right) => permissions[right] === true));
    return { fullName: full_name, granted };
  }

  /**
   * A proof counts while GitHub takes a token of the account that it was made for, and the installation is there; that of an
   * organization's owner for some minutes, and is made anew then.
   */
  async #isBound(userId: string, installationId: number, account: UserAccount): Promise<boolean> {
    const { installations, apiUrl, clock } = this.#services;
    // A user who took back every authorization at GitHub would be bound for ever otherwise.
    if ((await this.#credential(userId)) === null) return false;
    const key = { apiUrl, installationId };
    const binding = await installations.findBinding(key, userId);
    if (binding === null || binding.githubUserId !== account.githubUserId) return false;
    const installation = await installations.find(key);
    if (installation === null || installation.suspendedAt !== null) return false;
    if (installation.account.type === "User") return installation.account.id === account.githubUserId;
    return clock.now() - binding.provenAt.getTime() < OWNERSHIP_COUNTS_FOR;
  }

  async #isOwner(
    asUser: UserInstallations,
    { account }: Installation,
    githubUserId: number,
    signal: AbortSignal,
  ): Promise<boolean | null> {
    return account.type === "User" ? account.id === githubUserId : asUser.owns(account.login, signal);
  }

  /** Only a token of the App itself lists its installations; `null` when the user gave none. */
  #appCredential(userId: string): Promise<Credential | null> {
    return this.#credential(userId, "app");
  }

  /** `null` when the user has none that GitHub takes. */
  async #credential(userId: string, client?: ClientName): Promise<Credential | null> {
    try {
      return await this.#services.userCredential(userId, client);
    } catch (error) {
      if (isGitHubSdkError(error, "github_not_connected") || isGitHubSdkError(error, "reauth_required")) return null;
      throw error;
    }
  }

  #notYours(reason = ""): GitHubSdkError {
    const { slug } = this.#services.app;
    const install =
      slug === null
        ? "install the App"
        : `install the App (${this.#services.serverUrl}/apps/${slug}/installations/new)`;
    return new GitHubSdkError(
      "installation_not_yours",
      `It is not proved that this installation is yours. ${reason === "" ? "" : `${reason} `}Log in with GitHub through the App's client, as the account or an owner of the organization that installed it, or ${install}.`,
    );
  }
}

const MEMBERS_HIDDEN =
  "GitHub does not tell the App who owns the organization: give it the organization permission to read members, and authorize it for single sign-on where the organization demands that.";

function keyOf({ apiUrl, installationId }: Installation): InstallationKey {
  return { apiUrl, installationId };
}
