import { type Clock, systemClock } from "./adapters/clock.js";
import type { JobRunner } from "./adapters/job-runner.js";
import type { ProjectFiles } from "./adapters/project-files.js";
import type { PubSub } from "./adapters/pub-sub.js";
import type { RateBudget } from "./adapters/rate-budget.js";
import type { SecretDetector } from "./adapters/secret-detector.js";
import type { GitHubSdkStores } from "./adapters/stores.js";
import type { TokenCache } from "./adapters/token-cache.js";
import type { TokenCipher } from "./adapters/token-cipher.js";
import { hookSigner, type JwtSigner, keySigner } from "./app/app-jwt.js";
import type { AppIdentity, AuthorizeInstallation } from "./app/app-services.js";
import type { InstallationMembers } from "./app/installation-members.js";
import { parsePrivateKey } from "./app/private-key.js";
import type { GitHubAppOptions, OAuthAppOptions, WebhookOptions } from "./app-options.js";
import { keyringCipher } from "./connections/keyring-cipher.js";
import type { OAuthClient, OAuthClients } from "./connections/oauth-client.js";
import { defined } from "./defined.js";
import type { CommitAuthor } from "./domain/commit-author.js";
import type { ProtectedBranchPolicy } from "./domain/pull-request-options.js";
import { GitHubSdkError } from "./errors.js";
import type { Credential } from "./github/credential.js";
import { webAddressOf } from "./github/web-address.js";
import { issueText } from "./issue-text.js";
import { DefaultLogger, type Logger, messageFirst, redactingLogger } from "./logger.js";
import { MemoryJobRunner } from "./memory/memory-job-runner.js";
import { MemoryPubSub } from "./memory/memory-pub-sub.js";
import { MemoryRateBudget } from "./memory/memory-rate-budget.js";
import { memoryStores } from "./memory/memory-stores.js";
import { MemoryTokenCache } from "./memory/memory-token-cache.js";
import { optionsSchema, type ParsedOptions } from "./options-schema.js";
import type { SignCommit } from "./repository/sign-commit.js";
import { Secret } from "./secret.js";
import { boundedDetector } from "./secrets/bounded-detector.js";
import { recommendedSecretDetector } from "./secrets/recommended-detector.js";
import { credentialsOf, type GitHubSdkAuth } from "./sync/record/sync-auth.js";
import type { SyncOwner } from "./sync/record/sync-owner.js";

/** The options of {@link createGitHubSdk}. */
export interface GitHubSdkOptions {
  /** The source of project files, such as `folderFiles(directory)`. */
  readonly projectFiles: ProjectFiles;
  /** The credential of syncs. Defaults to the connection of the sync's user. */
  readonly auth?: GitHubSdkAuth;
  /** The API's base URL; `https://HOST/api/v3` for GitHub Enterprise Server. Defaults to `https://api.github.com`. */
  readonly apiUrl?: string;
  /** GitHub's web address. Defaults to `https://github.com`, or to the host of `apiUrl`. */
  readonly serverUrl?: string;
  /** The OAuth App that users authorize. Defaults to the GitHub App, when it has a client. */
  readonly oauth?: OAuthAppOptions;
  /** The GitHub App. Defaults to none: its endpoints respond with 501 then. */
  readonly app?: GitHubAppOptions;
  readonly webhooks?: WebhookOptions;
  /** The URL that GitHub redirects to after an authorization. Defaults to the callback URL that is registered for the app. */
  readonly redirectUri?: string;
  /** `kid:base64key[,kid:base64key…]`. The first key encrypts stored tokens, all keys decrypt. Required to connect accounts. */
  readonly encryptionKeys?: string;
  /** Encrypts stored tokens instead of `encryptionKeys`, for example with a key management service. */
  readonly tokenCipher?: TokenCipher;
  /** The stores, such as those of `@infrajet/github-prisma`. Defaults to memory, which is lost when the process ends. */
  readonly stores?: Partial<GitHubSdkStores>;
  /** Sends events between processes. Defaults to this process only. */
  readonly pubSub?: PubSub;
  /** Runs the syncs. Defaults to this process, four at a time. */
  readonly jobs?: JobRunner;
  /**
   * Keeps requests within GitHub's rate limits before GitHub refuses them, for all processes together: at most 80 requests that
   * create content in a minute and 500 in an hour. Defaults to this process only. `null` waits only after a refusal, for a server
   * without these limits.
   *
   * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
   */
  readonly rateBudget?: RateBudget | null;
  /** Keeps the installation tokens of the GitHub App. Defaults to this process only. */
  readonly tokenCache?: TokenCache;
  /**
   * The logger: `console`, a logger of pino or bunyan, or an object with the same methods. Defaults to warnings and errors on
   * `console`; `silentLogger` turns them off. Secrets are removed from every message and field.
   */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The timeout of one request to GitHub. Defaults to 60_000. */
  readonly requestTimeoutMs?: number;
  /** The longest wait for a rate limit; a request that would wait longer fails with `rate_limited`. Defaults to 60_000. */
  readonly maxRateLimitWaitMs?: number;
  /** The pause before the first retry of an idempotent request. It grows with each retry. Defaults to 1_000. */
  readonly retryPauseMs?: number;
  /** The maximum number of pending syncs of one user. More are rejected with `too_many_pending_syncs`. Defaults to `100`. */
  readonly maxPendingSyncs?: number;
  /**
   * The maximum number of syncs of one user that this process runs at the same time, so that one user never takes all places.
   * Defaults to half of the syncs that the job runner runs at a time, at least 1.
   */
  readonly perUser?: number;
  /**
   * The longest time that a sync waits for rate limits of GitHub, from the first one on, in milliseconds. Until then it is
   * `pending` and continues by itself; then it fails with `rate_limited`. Defaults to 86_400_000, one day.
   */
  readonly rateLimitDeadlineMs?: number;
  /** The author of commits that the SDK creates itself (writer `push`). Defaults to the account of the credential. */
  readonly commitAuthor?: CommitAuthor;
  /** Signs commits that the SDK creates itself (writer `push`), by SSH or OpenPGP. Defaults to unsigned. */
  readonly signCommit?: SignCommit;
  /**
   * Searches files for secrets before they are sent to GitHub. Defaults to {@link recommendedSecretDetector}; `null` sends every
   * file unsearched.
   */
  readonly secretDetector?: SecretDetector | null;
  /** `pull_request` opens a pull request when the branch of a sync is protected. Defaults to `fail`. A sync's own option counts first. */
  readonly protectedBranch?: ProtectedBranchPolicy;
  /**
   * The address of a sync at the host, which pull requests link: a URL with the placeholders `{syncId}`, `{projectId}` and
   * `{userId}`. Defaults to no link.
   */
  readonly syncUrl?: string;
}

/** The validated options of the GitHub App. */
export interface ResolvedApp extends AppIdentity {
  readonly webhookSecrets: readonly Secret[];
  readonly allowUnsignedWebhooks: boolean;
  readonly authorizeInstallation: AuthorizeInstallation | null;
  readonly installationMembers: InstallationMembers;
}

/** The validated options of connections. */
export interface ResolvedConnections {
  readonly clients: OAuthClients;
  readonly scopes: readonly string[];
  readonly redirectUri: string | null;
  readonly cipher: TokenCipher;
}

/** Validated options with their defaults. */
export interface ResolvedOptions {
  readonly projectFiles: ProjectFiles;
  /** `null` for the connection of the sync's user. */
  readonly auth: ((owner: SyncOwner) => Promise<Credential>) | null;
  /** True when `auth` is one credential for all users. */
  readonly hasSharedCredential: boolean;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** `null` when no app is configured that users can authorize. */
  readonly connections: ResolvedConnections | null;
  /** `null` when no GitHub App is configured. */
  readonly app: ResolvedApp | null;
  readonly webhooks: Required<WebhookOptions>;
  readonly stores: GitHubSdkStores;
  readonly pubSub: PubSub;
  readonly jobs: JobRunner;
  readonly rateBudget: RateBudget | null;
  readonly tokenCache: TokenCache;
  readonly logger: Logger;
  /** The logger without the option `logger`; unused with it. */
  readonly defaultLogger: DefaultLogger;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxRateLimitWaitMs: number;
  readonly retryPauseMs: number;
  readonly maxPendingSyncs: number;
  readonly perUser: number | null;
  readonly rateLimitDeadlineMs: number;
  readonly commitAuthor: CommitAuthor | null;
  readonly signCommit: SignCommit | null;
  readonly secretDetector: SecretDetector | null;
  readonly protectedBranch: ProtectedBranchPolicy;
  readonly syncUrl: string | null;
}

const DEFAULT_SCOPES = ["repo", "workflow", "read:user", "user:email"];

/** Validates the options and fills in their defaults. @throws GitHubSdkError `invalid_options` naming the option */
export function resolveOptions(options: GitHubSdkOptions): ResolvedOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    throw invalid(`${issueText(parsed.error.issues, "options")}.`);
  }
  if (typeof options.projectFiles?.open !== "function") {
    throw invalid("projectFiles is missing. Set it to folderFiles(directory) or another source.");
  }
  const { apiUrl, serverUrl = webAddressOf(apiUrl), commitAuthor = null, syncUrl = null, ...rest } = parsed.data;
  const { requestTimeoutMs, maxRateLimitWaitMs, retryPauseMs, maxPendingSyncs, protectedBranch } = rest;
  const clock = options.clock ?? systemClock;
  const defaultLogger = new DefaultLogger();
  const logger = redactingLogger(messageFirst(options.logger ?? defaultLogger));
  const connections = resolveConnections(parsed.data, options.tokenCipher ?? null);
  const app = resolveApp(parsed.data, options.app?.authorizeInstallation ?? null, clock);
  if (options.auth === undefined && connections === null && app === null) {
    throw invalid(
      "auth is missing. Set it to a token, or configure oauth or app so that users can connect their accounts.",
    );
  }
  return {
    projectFiles: options.projectFiles,
    auth: options.auth === undefined ? null : credentialsOf(options.auth),
    hasSharedCredential: options.auth !== undefined && typeof options.auth !== "function",
    ...{ apiUrl, serverUrl, connections, app, logger, clock },
    webhooks: parsed.data.webhooks,
    stores: resolveStores(options.stores ?? {}, clock),
    pubSub: options.pubSub ?? new MemoryPubSub({ logger }),
    jobs: options.jobs ?? new MemoryJobRunner({ logger, clock }),
    rateBudget: options.rateBudget === undefined ? new MemoryRateBudget({ clock }) : options.rateBudget,
    tokenCache: options.tokenCache ?? new MemoryTokenCache({ clock }),
    perUser: parsed.data.perUser ?? null,
    rateLimitDeadlineMs: parsed.data.rateLimitDeadlineMs,
    defaultLogger,
    ...{ requestTimeoutMs, maxRateLimitWaitMs, retryPauseMs, maxPendingSyncs, commitAuthor, protectedBranch, syncUrl },
    signCommit: options.signCommit ?? null,
    secretDetector: resolveDetector(options.secretDetector, clock),
  };
}

function resolveDetector(given: GitHubSdkOptions["secretDetector"], clock: Clock): SecretDetector | null {
  if (given === undefined) return recommendedSecretDetector();
  if (given !== null && typeof given.find !== "function") {
    throw invalid("secretDetector must have the method find. Set it to null to turn the search off.");
  }
  return given && boundedDetector(given, clock);
}

function resolveStores(given: Partial<GitHubSdkStores>, clock: Clock): GitHubSdkStores {
  const together = [given.records, given.baselines, given.locks].filter((store) => store !== undefined);
  if (together.length > 0 && together.length < 3) {
    throw invalid(
      "stores.records, stores.baselines and stores.locks must be set together, because the tokens of the locks fence the others.",
    );
  }
  return { ...memoryStores({ clock }), ...defined(given) };
}

function resolveConnections(
  { oauth, app, redirectUri, encryptionKeys }: ParsedOptions,
  cipher: TokenCipher | null,
): ResolvedConnections | null {
  const clients: OAuthClients = defined({
    oauth: oauth && toClient(oauth.clientId, oauth.clientSecret),
    app: app?.clientId && app.clientSecret ? toClient(app.clientId, app.clientSecret) : undefined,
  });
  if (clients.oauth === undefined && clients.app === undefined) return null;
  return {
    clients,
    scopes: oauth?.scopes ?? DEFAULT_SCOPES,
    redirectUri: redirectUri ?? null,
    // Tokens are never stored unencrypted: the error for an empty keyring says how to create a key.
    cipher: cipher ?? keyringCipher(encryptionKeys ?? ""),
  };
}

function resolveApp(
  { app }: ParsedOptions,
  authorizeInstallation: AuthorizeInstallation | null,
  clock: Clock,
): ResolvedApp | null {
  if (app === undefined) return null;
  return {
    appId: app.appId,
    slug: app.slug ?? null,
    signer: app.signJwt === undefined ? ownSigner(app.privateKey ?? "") : hookSigner(app.signJwt, clock),
    webhookSecrets: (app.webhookSecrets ?? []).map((secret) => new Secret(secret)),
    allowUnsignedWebhooks: app.allowUnsignedWebhooks,
    authorizeInstallation,
    installationMembers: app.installationMembers,
  };
}

function ownSigner(privateKey: string): JwtSigner {
  return keySigner(parsePrivateKey(privateKey, "app.privateKey (GITHUB_PRIVATE_KEY)"));
}

function toClient(clientId: string, clientSecret: string): OAuthClient {
  return { clientId, clientSecret: new Secret(clientSecret) };
}

function invalid(words: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `createGitHubSdk: ${words}`);
}
