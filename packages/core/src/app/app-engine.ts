import { defined } from "../defined.js";
import type { ClientName } from "../domain/connection.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { type Credential, tokenCredential } from "../github/credential.js";
import { AppClient } from "./app-client.js";
import { type AppHealth, AppHealthProbe } from "./app-health.js";
import type { AppServices, InstallationFilesRequest, WrittenFiles } from "./app-services.js";
import { FileCredentials } from "./file-credentials.js";
import { type FilesToWrite, parseFilesToWrite } from "./files-to-write.js";
import { InstallationAccess } from "./installation-access.js";
import { type InstallationToken, type InstallationTokenRequest, InstallationTokens } from "./installation-tokens.js";
import { KnownInstallations } from "./known-installations.js";
import { type CreatedRepository, createRepository, type NewRepository } from "./repository-creation.js";
import { UserInstallations } from "./user-installations.js";

/** A host user's request to use an installation. It is a claim until ownership is proven. */
export interface InstallationClaim {
  readonly userId: string;
  readonly installationId: number;
}

/** A request to create a repository for a user. */
export type CreateRepositoryRequest = InstallationClaim &
  NewRepository & {
    /** The login of the installation's account, as the caller expects it. A different login is rejected. */
    readonly owner?: string;
  };

/** A request to write files to a branch for a user. */
export interface FilesRequest extends InstallationClaim {
  /** `owner/name`. */
  readonly repository: string;
  /** Defaults to `main`. */
  readonly branch?: string;
  readonly message: string;
  readonly files: FilesToWrite;
}

/** The access of a user's token to an installation and a repository. */
export interface AccessReport {
  readonly hasAccess: boolean;
  readonly installationFound: boolean;
  readonly repositoryAccessible: boolean;
}

/** The addresses at which a user can install the App. */
export interface InstallLink {
  readonly installationUrl: string;
  readonly appName: string;
  /** The state of the request; `null` when it had none. */
  readonly state: string | null;
  readonly appUrl: string;
}

/** Acts as a GitHub App for users who have proven that they own an installation. */
export class AppEngine {
  readonly #services: AppServices;
  readonly #client: AppClient;
  readonly #tokens: InstallationTokens;
  readonly #installations: KnownInstallations;
  readonly #files: FileCredentials;
  readonly #access: InstallationAccess;
  readonly #health: AppHealthProbe;
  readonly #closing = new AbortController();
  readonly #subscriptions: readonly (() => void)[];

  constructor(services: AppServices) {
    const { app, clients, clock } = services;
    this.#services = services;
    this.#client = new AppClient(app, clients, clock);
    this.#tokens = new InstallationTokens(this.#client, clock, this.#closing.signal);
    this.#installations = new KnownInstallations(services, this.#client, this.#closing.signal);
    this.#files = new FileCredentials(this.#installations, this.#tokens);
    this.#access = new InstallationAccess(services);
    this.#health = new AppHealthProbe(this.#client, app.appId, clock);
    this.#subscriptions = this.#subscribe();
  }

  /**
   * Returns all installations of this App that a user can see, with the given token or with the user's connection.
   *
   * @throws GitHubSdkError `github_not_connected`; `reauth_required`, also for a given token that GitHub rejects
   */
  async installations(user: { readonly userId: string; readonly token?: string }): Promise<readonly Installation[]> {
    const credential =
      user.token === undefined ? await this.#services.userCredential(user.userId, "app") : givenCredential(user.token);
    return this.#asUser(credential).list(this.#closing.signal);
  }

  /**
   * Returns an installation token, restricted to the requested repositories and permissions.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`
   */
  async token({ userId, ...request }: InstallationClaim & InstallationTokenRequest): Promise<InstallationToken> {
    await this.#access.require(userId, request.installationId, this.#closing.signal);
    return this.#tokens.get(request);
  }

  /**
   * Creates a repository in the installation's account: as the App in an organization, as the user in a personal account.
   *
   * @throws GitHubSdkError `installation_not_yours`, `validation_failed` when `owner` is not the installation's account,
   * `github_not_connected`, `repository_exists`
   */
  async createRepository(request: CreateRepositoryRequest): Promise<CreatedRepository> {
    const { userId, installationId, owner } = request;
    const { signal } = this.#closing;
    await this.#access.require(userId, installationId, signal);
    const installation = await this.#installations.fetch(installationId);
    if (owner !== undefined && owner.toLowerCase() !== installation.account.login.toLowerCase()) {
      throw new GitHubSdkError(
        "validation_failed",
        `\`owner\` must be ${installation.account.login}, the account in which the App is installed, not ${owner}.`,
      );
    }
    const credentials = {
      installation: () => this.#tokens.credential({ installationId, permissions: { administration: "write" } }),
      user: () => this.#ownerCredential(userId, installation),
    };
    return createRepository(this.#services.clients, installation, request, credentials, signal);
  }

  /**
   * Writes files in one commit, overwriting changes on the branch.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`, and the errors of a sync
   */
  push(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "ours");
  }

  /**
   * Writes files in one commit unless one of them was changed on the branch since this SDK last wrote it. Then it writes
   * nothing and returns the conflicts.
   *
   * @throws GitHubSdkError as {@link push}
   */
  sync(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "fail");
  }

  /** Checks that a user's token can see an installation, and a repository through it. An invalid token results in `false`. */
  async validateAccess(request: {
    readonly userToken: string;
    readonly installationId: number;
    /** `owner/name`. */
    readonly repository: string;
  }): Promise<AccessReport> {
    const { signal } = this.#closing;
    const { userToken, installationId, repository } = request;
    const installationFound = await falseWhenDenied(async () => {
      const installations = await this.#asUser(givenCredential(userToken)).list(signal);
      return installations.some((installation) => installation.installationId === installationId);
    });
    const repositoryAccessible =
      installationFound &&
      (await falseWhenDenied(() =>
        this.#asUser(givenCredential(userToken)).reaches(installationId, repository, signal),
      ));
    return { hasAccess: repositoryAccessible, installationFound, repositoryAccessible };
  }

  /**
   * Returns the address at which a user installs the App. GitHub sends a given state back to the callback, where it works once.
   *
   * @throws GitHubSdkError `capability_not_configured` when `app.slug` is not set, `validation_failed`
   * @see https://docs.github.com/en/apps/sharing-github-apps/sharing-your-github-app
   */
  async installUrl(request: {
    readonly userId: string;
    readonly state?: string;
    /** The `hash` of a browser binding. Set it when the browser itself will deliver the callback. */
    readonly browser?: string;
    /** The numeric ID of the account that GitHub preselects. */
    readonly suggestedTargetId?: number;
  }): Promise<InstallLink> {
    const { app, serverUrl } = this.#services;
    if (app.slug === null) {
      throw new GitHubSdkError(
        "capability_not_configured",
        "The App's slug is not configured. Set `app.slug` (GITHUB_APP_NAME).",
      );
    }
    const appUrl = `${serverUrl}/apps/${app.slug}`;
    const { userId, state, browser, suggestedTargetId } = request;
    if (suggestedTargetId !== undefined && !(Number.isSafeInteger(suggestedTargetId) && suggestedTargetId > 0)) {
      throw new GitHubSdkError("validation_failed", "`suggestedTargetId` must be the numeric ID of a GitHub account.");
    }
    const url = new URL(`${appUrl}/installations/new${suggestedTargetId === undefined ? "" : "/permissions"}`);
    if (suggestedTargetId !== undefined) url.searchParams.set("suggested_target_id", String(suggestedTargetId));
    if (state !== undefined) {
      await this.#services.beginInstall(defined({ userId, state, browser }));
      url.searchParams.set("state", state);
    }
    return { installationUrl: url.href, appName: app.slug, state: state ?? null, appUrl };
  }

  /**
   * Proves that the user owns an installation, with the token of the authorization whose callback named it.
   *
   * @throws GitHubSdkError `installation_not_yours`
   */
  async bind(
    claim: InstallationClaim & {
      readonly githubUserId: number;
      readonly client: ClientName;
      readonly credential: Credential;
    },
  ): Promise<void> {
    const canProve = this.#services.authorizeInstallation === null && claim.client === "app";
    if (canProve) return this.#access.prove(claim, this.#closing.signal);
    return this.#access.require(claim.userId, claim.installationId, this.#closing.signal);
  }

  /** Returns the App's health, cached for 10 seconds. Never rejects. */
  health(): Promise<AppHealth> {
    return this.#health.check(this.#closing.signal);
  }

  /** Returns an installation credential for one repository, with only the permissions that writing files requires. */
  fileCredential(installationId: number, repository: string): Promise<Credential> {
    return this.#files.for(installationId, repository);
  }

  /** Returns an installation credential without checking any user's access to it. Only for the host's own use. */
  credential(request: InstallationTokenRequest): Credential {
    return this.#tokens.credential(request);
  }

  /** Reads an installation from GitHub as the App; `null` when it no longer exists. */
  readInstallation(installationId: number): Promise<Installation | null> {
    return this.#installations.read(installationId);
  }

  /** Sends a request as the App itself, such as a request for its delivery log. */
  request(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal) {
    return this.#client.request(route, parameters, { signal });
  }

  /** Discards the cached tokens of an installation that was removed or whose permissions changed. */
  forget(installationId: number): void {
    this.#tokens.forget(installationId);
  }

  /** Aborts pending requests. */
  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#closing.abort(new GitHubSdkError("cancelled", "The SDK was closed while the request was pending."));
  }

  async #write(
    { userId, ...request }: FilesRequest,
    strategy: InstallationFilesRequest["strategy"],
  ): Promise<WrittenFiles> {
    const { signal } = this.#closing;
    const { installationId, branch = "main" } = request;
    const files = parseFilesToWrite(request.files);
    await this.#access.require(userId, installationId, signal);
    const query = { userId, repository: request.repository, right: "push" } as const;
    const repository = await this.#access.requireRight(query, signal);
    await this.#files.refreshFor(installationId, files.keys());
    const authorize = async (signal: AbortSignal): Promise<void> => {
      await this.#access.require(userId, installationId, signal);
      await this.#access.requireRight({ ...query, repository, isFresh: true }, signal);
    };
    return this.#services.writeFiles({ ...request, files, repository, branch, strategy, authorize, signal });
  }

  /** Discards cached tokens and rights in every process when any process receives a webhook about them. */
  #subscribe(): readonly (() => void)[] {
    const { bus } = this.#services;
    const onInstallation = INSTALLATION_EVENTS.map((name) =>
      bus.on(name, ({ installationId }) => this.#tokens.forget(installationId)),
    );
    return [...onInstallation, bus.on("access.changed", () => this.#access.forgetRights())];
  }

  /** Only the owner can create repositories in a personal account; another user's token would create them in that user's account. */
  async #ownerCredential(userId: string, { account }: Installation): Promise<Credential> {
    const connected = await this.#services.account(userId);
    if (connected?.githubUserId !== account.id)
      throw new GitHubSdkError("github_not_connected", "The installation's account is not connected.");
    return this.#services.userCredential(userId);
  }

  #asUser(credential: Credential): UserInstallations {
    return new UserInstallations(this.#services.clients, credential, this.#services.app.appId);
  }
}

const INSTALLATION_EVENTS = [
  "installation.created",
  "installation.removed",
  "installation.suspended",
  "installation.unsuspended",
  "installation.changed",
] as const;

/** The codes of errors that mean that GitHub denies the user access. */
const DENIED: ReadonlySet<string> = new Set([
  "reauth_required",
  "insufficient_permissions",
  "repository_not_found",
  "github_rejected",
]);

/** Returns the result of a check, or `false` when GitHub denies the user access to it. */
async function falseWhenDenied(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch (error) {
    if (isGitHubSdkError(error) && DENIED.has(error.code)) return false;
    throw error;
  }
}

/** Creates a credential from a client's token. Rejects values that cannot be sent in an HTTP header. */
function givenCredential(token: string): Credential {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return tokenCredential(token);
  throw new GitHubSdkError("reauth_required", "GitHub does not accept the token. Sign in with GitHub again.");
}
