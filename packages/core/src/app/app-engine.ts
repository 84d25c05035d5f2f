import { closedError } from "../closed-error.js";
import { defined } from "../defined.js";
import type { ClientName } from "../domain/connection.js";
import type { Installation } from "../domain/installation.js";
import type { InstallationToken } from "../domain/installation-token.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { type Credential, tokenCredential } from "../github/credential.js";
import { interactiveClients } from "../github/github-clients.js";
import { AppClient } from "./app-client.js";
import { type AppHealth, AppHealthProbe } from "./app-health.js";
import { type AppManifest, type AppManifestOptions, appManifest } from "./app-manifest.js";
import type { AppRepository } from "./app-repository.js";
import type { AppServices, InstallationFilesRequest, UserAccount, WrittenFiles } from "./app-services.js";
import { falseWhenDenied } from "./false-when-denied.js";
import { FileCredentials } from "./file-credentials.js";
import { parseFilesToWrite } from "./files-to-write.js";
import type {
  AccessQuery,
  AccessReport,
  CreateRepositoryRequest,
  FilesRequest,
  GitHubApp,
  InstallationClaim,
  InstallationRepositoryOptions,
  InstallLink,
  InstallLinkRequest,
  UncheckedApp,
} from "./github-app.js";
import { InstallationAccess } from "./installation-access.js";
import { type InstallationRepositoryPage, readInstallationRepositories } from "./installation-repositories.js";
import { InstallationRequests, type PendingInstallation } from "./installation-requests.js";
import { type InstallationTokenRequest, InstallationTokens } from "./installation-tokens.js";
import { KnownInstallations } from "./known-installations.js";
import { operationOf } from "./member-rights.js";
import { assertNewRepository } from "./new-repository.js";
import { RepositoryCreator } from "./repository-creator.js";
import { UserInstallations } from "./user-installations.js";

/** Acts as a GitHub App for users who have proven that they own an installation. */
export class AppEngine implements GitHubApp {
  readonly unchecked: UncheckedApp;
  readonly #services: AppServices;
  readonly #client: AppClient;
  readonly #tokens: InstallationTokens;
  readonly #installations: KnownInstallations;
  readonly #files: FileCredentials;
  readonly #access: InstallationAccess;
  readonly #creator: RepositoryCreator;
  readonly #requests: InstallationRequests;
  readonly #health: AppHealthProbe;
  readonly #closing = new AbortController();
  readonly #subscriptions: readonly (() => void)[];

  constructor(services: AppServices) {
    const { app, clients, clock } = services;
    this.#services = services;
    this.#client = new AppClient(app, clients, clock, this.#closing.signal);
    this.#tokens = new InstallationTokens({
      apiUrl: services.apiUrl,
      appId: app.appId,
      client: this.#client,
      cache: services.tokenCache,
      clock,
      logger: services.logger,
      closing: this.#closing.signal,
    });
    this.#installations = new KnownInstallations(services, this.#client, this.#closing.signal);
    this.#files = new FileCredentials(this.#installations, this.#tokens);
    this.#access = new InstallationAccess(services);
    this.#creator = new RepositoryCreator({
      app: this.#client,
      tokens: this.#tokens,
      clients: interactiveClients(clients),
      clock,
      closing: this.#closing.signal,
    });
    this.#requests = new InstallationRequests(services, this.#client);
    this.unchecked = {
      credential: (request) => this.#tokens.credential(request, true),
      fileCredential: (installationId, repository) => this.#files.for(installationId, repository),
    };
    this.#health = new AppHealthProbe(this.#client, app.appId, clock);
    this.#subscriptions = this.#subscribe();
  }

  async installations(user: { readonly userId: string; readonly token?: string }): Promise<readonly Installation[]> {
    const credential =
      user.token === undefined ? await this.#services.userCredential(user.userId, "app") : givenCredential(user.token);
    return this.#asUser(credential).list(this.#closing.signal);
  }

  async pendingInstallations(
    { userId }: { readonly userId: string },
    visible: readonly Installation[],
  ): Promise<readonly PendingInstallation[]> {
    return this.#requests.pending(userId, visible, this.#closing.signal);
  }

  async token({ userId, ...request }: InstallationClaim & InstallationTokenRequest): Promise<InstallationToken> {
    await this.#access.requireFor(userId, request.installationId, operationOf(request), this.#closing.signal);
    return this.#tokens.get(request);
  }

  async repositories({
    userId,
    installationId,
    page = 1,
    perPage = 30,
  }: InstallationClaim & InstallationRepositoryOptions): Promise<InstallationRepositoryPage> {
    const { signal } = this.#closing;
    assertPage(page, perPage);
    await this.#access.require(userId, installationId, signal);
    const credential = this.#tokens.credential({ installationId, permissions: { metadata: "read" } });
    return readInstallationRepositories(
      interactiveClients(this.#services.clients).for(credential),
      { page, perPage },
      signal,
    );
  }

  async createRepository(request: CreateRepositoryRequest): Promise<AppRepository> {
    assertNewRepository(request);
    const { userId, installationId, owner } = request;
    await this.#access.require(userId, installationId, this.#closing.signal);
    const installation = await this.#installations.fetch(installationId);
    if (owner !== undefined && owner.toLowerCase() !== installation.account.login.toLowerCase()) {
      const message = `\`owner\` must be ${installation.account.login}, the account in which the App is installed, not ${owner}.`;
      throw new GitHubSdkError("validation_failed", message, { details: { option: "owner" } });
    }
    return this.#creator.create(installation, request, () => this.#ownerCredential(userId, installation));
  }

  push(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "ours");
  }

  sync(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "fail");
  }

  async validateAccess({ userToken, installationId, repository }: AccessQuery): Promise<AccessReport> {
    const { signal } = this.#closing;
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

  async installUrl(request: InstallLinkRequest): Promise<InstallLink> {
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

  /** Stores that a user requested an installation from the owners of an organization. */
  requestInstallation(requester: UserAccount & { readonly userId: string }): Promise<void> {
    return this.#requests.add(requester);
  }

  /** Proves with the token of the user who requested an installation that the user owns it, and binds it; nothing when it does not. */
  async proveRequester(claim: InstallationClaim): Promise<void> {
    try {
      await this.#access.require(claim.userId, claim.installationId, this.#closing.signal);
    } catch (error) {
      if (!isGitHubSdkError(error, "installation_not_yours")) throw error;
    }
  }

  manifest(options: AppManifestOptions): AppManifest {
    return appManifest(options);
  }

  health(): Promise<AppHealth> {
    return this.#health.check(this.#closing.signal);
  }

  /** Reads an installation from GitHub as the App, in the background; `null` when it no longer exists. */
  readInstallation(installationId: number): Promise<Installation | null> {
    return this.#installations.read(installationId, true);
  }

  /** Sends a request as the App itself in the background, such as a request for its delivery log. */
  request(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal) {
    return this.#client.request(route, parameters, { signal, isPatient: true });
  }

  /** Discards the cached tokens of an installation that was removed or whose permissions changed. */
  forget(installationId: number): void {
    this.#tokens.forget(installationId);
  }

  /** Aborts pending requests. */
  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#closing.abort(closedError());
  }

  async #write(
    { userId, ...request }: FilesRequest,
    strategy: InstallationFilesRequest["strategy"],
  ): Promise<WrittenFiles> {
    const { signal } = this.#closing;
    const { installationId, branch = "main" } = request;
    const files = parseFilesToWrite(request.files);
    const operation = { installationId, repositories: [request.repository], right: "push" } as const;
    await this.#access.requireFor(userId, installationId, operation, signal);
    const query = { userId, repository: request.repository, right: "push" } as const;
    const repository = await this.#access.requireRight(query, signal);
    await this.#files.refreshFor(installationId, files.keys());
    const authorize = async (signal: AbortSignal): Promise<void> => {
      await this.#access.requireFor(userId, installationId, { ...operation, repositories: [repository] }, signal);
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
    return new UserInstallations(interactiveClients(this.#services.clients), credential, this.#services.app.appId);
  }
}

const INSTALLATION_EVENTS = [
  "installation.created",
  "installation.removed",
  "installation.suspended",
  "installation.unsuspended",
  "installation.changed",
] as const;

/** Creates a credential from a client's token. Rejects values that cannot be sent in an HTTP header. */
function givenCredential(token: string): Credential {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return tokenCredential(token);
  throw new GitHubSdkError("reauth_required", "GitHub does not accept the token. Sign in with GitHub again.");
}

function assertPage(page: number, perPage: number): void {
  const isValid =
    Number.isSafeInteger(page) && page >= 1 && Number.isSafeInteger(perPage) && perPage >= 1 && perPage <= 100;
  if (!isValid)
    throw new GitHubSdkError("validation_failed", "`page` starts at 1, and `perPage` must be from 1 to 100.");
}
