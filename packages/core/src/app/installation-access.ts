import * as z from "zod";
import type { ClientName } from "../domain/connection.js";
import type { Installation, InstallationBinding, InstallationKey } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { interactiveClients } from "../github/github-clients.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { RecentValues } from "../timing/recent-values.js";
import type { AppServices, UserAccount } from "./app-services.js";
import { hasRights, type RepositoryOperation } from "./member-rights.js";
import { UserInstallations } from "./user-installations.js";

/** A query for a user's right to a repository. */
export interface RightQuery {
  readonly userId: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly right: "pull" | "push";
  /** Reads the right from GitHub even when it is cached. Defaults to `false`. */
  readonly isFresh?: boolean;
}

const permissionsSchema = z.object({
  full_name: z.string(),
  permissions: z.record(z.string(), z.boolean()).default({}),
});
const RIGHTS_VALID_FOR_MS = 2 * 60_000;
// The owners of an organization change, and GitHub does not send a webhook for every change.
const OWNERSHIP_VALID_FOR_MS = 15 * 60_000;

/** A user's rights to a repository, as last read from GitHub. */
interface KnownRights {
  /** The repository's current `owner/name`. */
  readonly fullName: string;
  readonly granted: ReadonlySet<string>;
}

/**
 * Decides if a host user may use an installation. An installation ID from a client is a claim. It is accepted only when the
 * user is bound to the installation: the user's own token (or a signed webhook) has proven that the installation's account is
 * the user's, or an organization that the user owns.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/about-the-setup-url
 */
export class InstallationAccess {
  readonly #services: AppServices;
  readonly #rights: RecentValues<KnownRights>;

  constructor(services: AppServices) {
    this.#services = services;
    this.#rights = new RecentValues(services.clock, { maxAgeMs: RIGHTS_VALID_FOR_MS });
  }

  /**
   * Resolves when the user may use the installation. Proves ownership now when it was not proven before.
   *
   * @throws GitHubSdkError `installation_not_yours`, and the errors of GitHub requests
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
   * Resolves when the user may carry out an operation in repositories of an installation: as {@link require}, or, when the host's
   * policy allows it, by the user's own rights to these repositories. `null` is an operation that needs the whole installation.
   *
   * @throws GitHubSdkError as `require`
   */
  async requireFor(
    userId: string,
    installationId: number,
    operation: RepositoryOperation | null,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.require(userId, installationId, signal);
    } catch (error) {
      const { authorizeInstallation, installationMembers } = this.#services;
      const isByRight = authorizeInstallation === null && installationMembers === "repository" && operation !== null;
      if (!isByRight || !isGitHubSdkError(error, "installation_not_yours")) throw error;
      const credential = await this.#appCredential(userId);
      if (credential === null || !(await hasRights(this.#asUser(credential), operation, signal))) throw error;
    }
  }

  /**
   * Proves that the user owns an installation, with the user's token of the App, and stores the proof.
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
    const { clock, installations } = this.#services;
    const provenAt = new Date(clock.now());
    const asUser = this.#asUser(claim.credential);
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
   * Resolves when the user has a right to a repository. An installation may have more rights than its user. A right that
   * GitHub confirmed is cached for two minutes; with `isFresh` it is read again.
   *
   * @returns the repository's current `owner/name`
   * @throws GitHubSdkError `repository_not_found`, `insufficient_permissions`, `github_not_connected`
   */
  async requireRight(
    { userId, repository: fullName, right, isFresh = false }: RightQuery,
    signal: AbortSignal,
  ): Promise<string> {
    // The App's token is preferred, since an organization may restrict the access of OAuth Apps.
    const credential = (await this.#appCredential(userId)) ?? (await this.#services.userCredential(userId));
    const key = JSON.stringify([credential.key, fullName.toLowerCase()]);
    const known = isFresh ? null : this.#rights.get(key);
    // A cached right can only allow; a missing right is read again.
    const rights = known?.granted.has(right) === true ? known : await this.#readRights(credential, fullName, signal);
    if (rights !== known) this.#rights.put(key, rights);
    if (rights.granted.has(right)) return rights.fullName;
    throw new GitHubSdkError(
      "insufficient_permissions",
      `The connected GitHub account does not have permission to ${right === "push" ? "write to" : "read"} ${fullName}.`,
    );
  }

  /** Discards all cached rights, since GitHub reported that the access of users has changed. */
  forgetRights(): void {
    this.#rights.clear();
  }

  async #readRights(credential: Credential, fullName: string, signal: AbortSignal): Promise<KnownRights> {
    const client = interactiveClients(this.#services.clients).for(credential);
    const response = await client.request("GET /repos/{owner}/{repo}", repositoryParameters(fullName), { signal });
    const { full_name, permissions } = parseResponse(permissionsSchema, response);
    const granted = new Set(Object.keys(permissions).filter((right) => permissions[right] === true));
    return { fullName: full_name, granted };
  }

  /**
   * Returns `true` when the user has a valid proof: GitHub still accepts a token of the account that made the proof, and the
   * installation exists. The proof of an organization's owner expires after 15 minutes.
   */
  async #isBound(userId: string, installationId: number, account: UserAccount): Promise<boolean> {
    const { installations, apiUrl, clock } = this.#services;
    // Without this check a user who revoked every authorization at GitHub would stay bound.
    if ((await this.#credential(userId)) === null) return false;
    const key = { apiUrl, installationId };
    const binding = await installations.findBinding(key, userId);
    if (binding === null || binding.githubUserId !== account.githubUserId) return false;
    const installation = await installations.find(key);
    if (installation === null || installation.suspendedAt !== null) return false;
    if (installation.account.type === "User") return installation.account.id === account.githubUserId;
    return clock.now() - binding.provenAt.getTime() < OWNERSHIP_VALID_FOR_MS;
  }

  async #isOwner(
    asUser: UserInstallations,
    { account }: Installation,
    githubUserId: number,
    signal: AbortSignal,
  ): Promise<boolean | null> {
    return account.type === "User" ? account.id === githubUserId : asUser.owns(account, signal);
  }

  #asUser(credential: Credential): UserInstallations {
    const { app, clients } = this.#services;
    return new UserInstallations(interactiveClients(clients), credential, app.appId);
  }

  /** Returns the user's token of the App, which alone can list its installations; `null` when there is none. */
  #appCredential(userId: string): Promise<Credential | null> {
    return this.#credential(userId, "app");
  }

  /** Returns `null` when the user has no token that GitHub accepts. */
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
      `You have not proven that you own this installation. ${reason === "" ? "" : `${reason} `}Sign in with GitHub through the App's client, as the account or as an owner of the organization that installed it, or ${install}.`,
    );
  }
}

const MEMBERS_HIDDEN =
  "The App cannot read the organization's members. Grant it the organization permission to read members, and authorize it for single sign-on if the organization requires that.";

function keyOf({ apiUrl, installationId }: Installation): InstallationKey {
  return { apiUrl, installationId };
}
