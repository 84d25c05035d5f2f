import type { Clock } from "./adapters/clock.js";
import { AppEngine } from "./app/app-engine.js";
import type { InstallationFilesRequest, WrittenFiles } from "./app/app-services.js";
import { ConnectionEngine } from "./connections/connection-engine.js";
import type { DoctorReport } from "./doctor/finding.js";
import { installationOf, installationSource } from "./domain/sync-source.js";
import { GitHubSdkError } from "./errors.js";
import { EventBus, type SdkEventName, type SdkEvents } from "./events.js";
import type { Credential } from "./github/credential.js";
import { createGitHubClients, type GitHubClients, interactiveClients } from "./github/github-clients.js";
import type { GitHubSdk } from "./github-sdk.js";
import type { DefaultLogger, Logger } from "./logger.js";
import { memoryStoreWarning } from "./memory-store-warning.js";
import { type GitHubSdkOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import { type Readiness, ReadinessProbe } from "./readiness.js";
import { RealtimeEngine } from "./realtime/realtime-engine.js";
import { createGitDataWriter } from "./repository/git-data-writer.js";
import { graphqlWriter } from "./repository/graphql-writer.js";
import { createPushWriter } from "./repository/push-writer.js";
import { RepositoryCache } from "./repository/repository-cache.js";
import { diagnoseSdk } from "./sdk-doctor.js";
import { LinkSyncs } from "./sync/link/link-syncs.js";
import { originOf } from "./sync/record/own-commit.js";
import { ownerOf, type SyncOwner } from "./sync/record/sync-owner.js";
import { SyncEngine } from "./sync/sync-engine.js";
import { WebhookEngine } from "./webhooks/webhook-engine.js";
import type { WebhookApp } from "./webhooks/webhook-services.js";

const USER_AGENT = "infrajet-github";
// A dead process's syncs are recovered within 45 seconds: this, and the interval of recovery.
const LEASE_TTL_MS = 24_000;
// Within 120 seconds when it died while the branch was moving. A live process renews the lease for as long as a request takes.
const MAX_MOVE_LEASE_MS = 90_000;
// GitHub ends a delivery after 10 seconds.
const WEBHOOK_HANDLER_TIMEOUT = 8_000;

/**
 * Creates the SDK. It continues the interrupted syncs of earlier processes in the background.
 *
 * @throws GitHubSdkError `invalid_options` naming the option
 */
export function createGitHubSdk(options: GitHubSdkOptions): GitHubSdk {
  return new AssembledSdk(resolveOptions(options));
}

/** Assembles the engines and passes each of them the functions that it needs of the others. */
class AssembledSdk implements GitHubSdk {
  readonly sync: SyncEngine;
  readonly #bus: EventBus;
  readonly #clients: GitHubClients;
  readonly webhooks: WebhookEngine;
  readonly realtime: RealtimeEngine;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly hasSharedCredential: boolean;
  readonly #connections: ConnectionEngine | null;
  readonly #app: AppEngine | null;
  readonly #options: ResolvedOptions;
  readonly #readiness: ReadinessProbe;
  readonly #defaultLogger: DefaultLogger;

  constructor(options: ResolvedOptions) {
    const { apiUrl, serverUrl, clock, logger, requestTimeoutMs } = options;
    this.logger = logger;
    this.#defaultLogger = options.defaultLogger;
    const warning = process.env.NODE_ENV === "production" ? memoryStoreWarning(options) : null;
    if (warning !== null) logger.warn(warning);
    this.clock = clock;
    this.hasSharedCredential = options.hasSharedCredential;
    this.apiUrl = apiUrl;
    this.serverUrl = serverUrl;
    this.#options = options;
    this.#bus = new EventBus(options.pubSub, logger);
    this.#clients = createGitHubClients({
      apiUrl,
      serverUrl,
      userAgent: USER_AGENT,
      clock,
      logger,
      requestTimeoutMs,
      maxRateLimitWaitMs: options.maxRateLimitWaitMs,
      retryBaseMs: options.retryPauseMs,
      rateBudget: options.rateBudget,
      onLimited: (key, waitMs) => this.#bus.emit("credential.limited", { apiUrl, key, waitMs }),
    });
    this.#bus.on("credential.limited", (limited) => {
      if (limited.apiUrl === apiUrl) this.#clients.limited(limited.key, limited.waitMs);
    });
    this.#connections = this.#createConnections(options);
    this.#app = this.#createApp(options);
    this.#readiness = new ReadinessProbe(options);
    this.sync = new SyncEngine({
      ...options,
      ...options.stores,
      credentialFor: (owner) => this.#credentialFor(owner, options.auth),
      clients: this.#clients,
      bus: this.#bus,
      repositories: new RepositoryCache(clock),
      writers: [
        graphqlWriter,
        createPushWriter({ author: options.commitAuthor, sign: options.signCommit }),
        createGitDataWriter(),
      ],
      leaseTtlMs: LEASE_TTL_MS,
      moveLeaseMs: Math.min(requestTimeoutMs + options.maxRateLimitWaitMs, MAX_MOVE_LEASE_MS),
    });
    this.webhooks = this.#createWebhooks(options);
    // Created after the sync engine, so that its listeners run after those of the sync engine.
    this.realtime = new RealtimeEngine({
      bus: this.#bus,
      clock,
      logger,
      records: options.stores.records,
      states: options.stores.states,
      progress: (syncId) => this.sync.progress(syncId),
      running: (query) => this.sync.running(query),
    });
  }

  get connections(): ConnectionEngine {
    return (
      this.#connections ?? missing("Connecting GitHub accounts", "`oauth`, or `app` with its clientId and clientSecret")
    );
  }

  get app(): AppEngine {
    return this.#app ?? missing("The GitHub App", "`app`");
  }

  on<Name extends SdkEventName>(name: Name, listener: (payload: SdkEvents[Name]) => void): () => void {
    return this.#bus.on(name, listener);
  }

  useDefaultLogger(logger: Logger): void {
    this.#defaultLogger.use(logger);
  }

  ready(): Promise<Readiness> {
    return this.#readiness.check();
  }

  doctor(): Promise<DoctorReport> {
    return diagnoseSdk({
      options: this.#options,
      app: this.#app,
      connections: this.#connections,
      webhooks: this.webhooks,
      clients: this.#clients,
      ready: () => this.ready(),
    });
  }

  async close(): Promise<void> {
    this.#readiness.close();
    await this.webhooks.close();
    await this.sync.close();
    await this.realtime.close();
    await this.#connections?.close();
    this.#app?.close();
    await this.#clients.close();
    await this.#bus.close();
  }

  #createConnections(options: ResolvedOptions): ConnectionEngine | null {
    const { connections, stores, app, apiUrl, serverUrl, clock, logger, requestTimeoutMs } = options;
    if (connections === null) return null;
    return new ConnectionEngine({
      apiUrl,
      serverUrl,
      oauthClients: connections.clients,
      redirectUri: connections.redirectUri,
      scopes: connections.scopes,
      cipher: connections.cipher,
      connections: stores.connections,
      states: stores.states,
      locks: stores.locks,
      clients: interactiveClients(this.#clients),
      bus: this.#bus,
      clock,
      logger,
      requestTimeout: requestTimeoutMs,
      bindInstallation: app === null ? null : (claim) => this.app.bind(claim),
      requestInstallation: app === null ? null : (requester) => this.app.requestInstallation(requester),
    });
  }

  #createApp({ app, stores, tokenCache, apiUrl, serverUrl, clock, logger }: ResolvedOptions): AppEngine | null {
    if (app === null) return null;
    return new AppEngine({
      apiUrl,
      serverUrl,
      app,
      clients: this.#clients,
      installations: stores.installations,
      tokenCache,
      bus: this.#bus,
      clock,
      logger,
      account: async (userId) => (await this.#connections?.account(userId)) ?? null,
      userCredential: (userId, client) => this.connections.credential(userId, client),
      beginInstall: (request) => this.connections.beginInstall(request),
      writeFiles: (request) => this.#writeFiles(request),
      authorizeInstallation: app.authorizeInstallation,
      installationMembers: app.installationMembers,
    });
  }

  #createWebhooks(options: ResolvedOptions): WebhookEngine {
    const { app, auth, webhooks, stores, apiUrl, clock, logger } = options;
    const linkSyncs = new LinkSyncs({ ...options, ...stores, bus: this.#bus });
    return new WebhookEngine({
      apiUrl,
      secrets: app?.webhookSecrets ?? [],
      allowUnsigned: app?.allowUnsignedWebhooks ?? false,
      app: app === null ? null : this.#webhookApp(app.appId, this.app),
      clients: this.#clients,
      deliveries: stores.deliveries,
      installations: stores.installations,
      locks: stores.locks,
      bus: this.#bus,
      clock,
      logger,
      ...webhooks,
      handlerTimeout: WEBHOOK_HANDLER_TIMEOUT,
      accountOfGitHubUser: async (id) => (await this.#connections?.accountOfGitHubUser(id)) ?? null,
      revokedByGitHub: async (account) => (await this.#connections?.revokedByGitHub(account)) ?? null,
      recentlySynced: (limit) => stores.records.recentlySynced(apiUrl, limit),
      proveRequester: async (claim) => this.#app?.proveRequester(claim),
      originOf: (commit) => originOf(stores.records, commit),
      links: stores.links,
      branchMoved: (move) => linkSyncs.branchMoved(move),
      credentialOf: (link) => this.#credentialFor(ownerOf(link), auth),
    });
  }

  #webhookApp(appId: number, app: AppEngine): WebhookApp {
    return {
      appId,
      readInstallation: (installationId) => app.readInstallation(installationId),
      credential: (request) => app.unchecked.credential(request),
      request: (route, parameters, signal) => app.request(route, parameters, signal),
    };
  }

  /** Returns the credential of a sync: the installation for files of an installation, otherwise the credential of the owner. */
  async #credentialFor(owner: SyncOwner, auth: ResolvedOptions["auth"]): Promise<Credential> {
    const installationId = installationOf(owner.source);
    if (installationId !== null) return this.app.unchecked.fileCredential(installationId, owner.repository);
    return auth === null ? this.connections.credential(owner.userId) : auth(owner);
  }

  async #writeFiles({ installationId, signal, ...request }: InstallationFilesRequest): Promise<WrittenFiles> {
    const record = await this.sync.writeFiles(
      { ...request, source: installationSource(installationId) },
      { signal, isInteractive: true },
    );
    const { error, conflicts, commitId, commitUrl, repository, filesSynced, filesDeleted } = record;
    if (error !== null && error.code !== "conflicts") throw new GitHubSdkError(error.code, error.message);
    if (record.status === "cancelled") throw new GitHubSdkError("cancelled", "The write was cancelled.");
    const written = error === null;
    const repositoryUrl = `${this.serverUrl}/${repository}`;
    return {
      commitId: written ? commitId : null,
      commitUrl: written && commitId !== null ? (commitUrl ?? `${repositoryUrl}/commit/${commitId}`) : null,
      repository,
      repositoryUrl,
      files: written ? filesSynced + filesDeleted : 0,
      conflicts,
    };
  }
}

function missing(capability: string, option: string): never {
  throw new GitHubSdkError("capability_not_configured", `${capability} is not configured. Set the option ${option}.`);
}
