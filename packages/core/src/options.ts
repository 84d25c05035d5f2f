import { z } from "zod";
import { type Clock, systemClock } from "./adapters/clock.js";
import type { JobRunner } from "./adapters/job-runner.js";
import type { ProjectFiles } from "./adapters/project-files.js";
import type { PubSub } from "./adapters/pub-sub.js";
import type { GitHubSdkStores } from "./adapters/stores.js";
import type { TokenCipher } from "./adapters/token-cipher.js";
import type { AppIdentity, AuthorizeInstallation } from "./app/app-services.js";
import { parsePrivateKey } from "./app/private-key.js";
import { keyringCipher } from "./connections/keyring-cipher.js";
import type { OAuthClient, OAuthClients } from "./connections/oauth-client.js";
import { defined } from "./defined.js";
import { GitHubSdkError } from "./errors.js";
import { cleanIdentity } from "./git/commit.js";
import { type Credential, tokenCredential } from "./github/credential.js";
import { webAddressOf } from "./github/web-address.js";
import { issueText } from "./issue-text.js";
import { type Logger, redactingLogger, silentLogger } from "./logger.js";
import { MemoryJobRunner } from "./memory/memory-job-runner.js";
import { MemoryPubSub } from "./memory/memory-pub-sub.js";
import { memoryStores } from "./memory/memory-stores.js";
import type { CommitAuthor } from "./repository/branch-view.js";
import type { SignCommit } from "./repository/sign-commit.js";
import { Secret } from "./secret.js";
import type { SyncOwner } from "./sync/record/sync-owner.js";

/** In whose name syncs are made: one token for all, one credential, or one for each sync by its owner. */
export type GitHubSdkAuth = string | Credential | ((owner: SyncOwner) => Promise<string | Credential>);

/** An app's client at GitHub's authorization server, as its settings page shows it. */
export interface OAuthClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An OAuth App that users authorize. */
export interface OAuthAppOptions extends OAuthClientOptions {
  /** The scopes to request. Defaults to `repo`, `workflow`, `read:user` and `user:email`. */
  readonly scopes?: readonly string[];
}

/** The GitHub App that this host is. */
export interface GitHubAppOptions extends Partial<OAuthClientOptions> {
  readonly appId: number;
  /** PEM, PKCS#1 or PKCS#8; newlines may be written as `\n`. */
  readonly privateKey: string;
  /** The last part of `https://github.com/apps/SLUG`: needed for install links. */
  readonly slug?: string;
  /** The webhook's secret; several while one is being replaced. */
  readonly webhookSecrets?: readonly string[];
  /** Decides whose installation an installation is, in place of the proof that GitHub gives. */
  readonly authorizeInstallation?: AuthorizeInstallation;
  /** Takes webhooks without a signature while there is no secret: for development only. */
  readonly allowUnsignedWebhooks?: boolean;
}

/** What {@link createGitHubSdk} is made from. */
export interface GitHubSdkOptions {
  /** Where the files of projects are. */
  readonly projectFiles: ProjectFiles;
  /** A token, a credential, or a function that gives one for the owner of a sync. Unless told, the user's own connection. */
  readonly auth?: GitHubSdkAuth;
  /** `https://api.github.com` unless told; `https://HOST/api/v3` for GitHub Enterprise Server. */
  readonly apiUrl?: string;
  /** GitHub's web address: `https://github.com`, or the host of `apiUrl`, unless told. */
  readonly serverUrl?: string;
  readonly oauth?: OAuthAppOptions;
  readonly app?: GitHubAppOptions;
  /** Where GitHub sends the browser after an authorization; what is registered for the app unless told. */
  readonly redirectUri?: string;
  /** `kid:base64key[,kid:base64key…]`: stored tokens are encrypted with the first, all decrypt. Needed to connect accounts. */
  readonly encryptionKeys?: string;
  /** Encrypts stored tokens in place of `encryptionKeys`, such as with a key service. */
  readonly tokenCipher?: TokenCipher;
  /** Stores on a database, such as those of `@infrajet/github-prisma`. */
  readonly stores?: Partial<GitHubSdkStores>;
  /** Carries events between processes; this process alone unless told. */
  readonly pubSub?: PubSub;
  /** Where syncs run; in this process, four at once, unless told. */
  readonly jobs?: JobRunner;
  /** Silent unless told. Secrets are taken out before anything gets there. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Milliseconds that one request to GitHub may take: 60,000 unless told. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that a request may wait for a rate limit to end before it fails with `rate_limited`: 60,000 unless told. */
  readonly maxRateLimitWaitMs?: number;
  /** Milliseconds before a request that may safely be repeated is repeated, growing from try to try: 1,000 unless told. */
  readonly retryPauseMs?: number;
  /** Whose name commits carry that the SDK makes itself (by `push`): the account that the credential belongs to, unless told. */
  readonly commitAuthor?: CommitAuthor;
  /** Signs the commits that the SDK makes itself (by `push`), by SSH or OpenPGP; without it they are not signed. */
  readonly signCommit?: SignCommit;
}

/** The App with what belongs to it. */
export interface ResolvedApp extends AppIdentity {
  readonly webhookSecrets: readonly Secret[];
  readonly allowUnsignedWebhooks: boolean;
  readonly authorizeInstallation: AuthorizeInstallation | null;
}

/** What connecting accounts takes. */
export interface ResolvedConnections {
  readonly clients: OAuthClients;
  readonly scopes: readonly string[];
  readonly redirectUri: string | null;
  readonly cipher: TokenCipher;
}

/** Options that were checked, with their defaults. Never changed afterwards. */
export interface ResolvedOptions {
  readonly projectFiles: ProjectFiles;
  /** `null`: the user's own connection is used. */
  readonly auth: ((owner: SyncOwner) => Promise<Credential>) | null;
  readonly apiUrl: string;
  readonly serverUrl: string;
  /** `null`: no account can be connected. */
  readonly connections: ResolvedConnections | null;
  /** `null`: the host is no GitHub App. */
  readonly app: ResolvedApp | null;
  readonly stores: GitHubSdkStores;
  readonly pubSub: PubSub;
  readonly jobs: JobRunner;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxRateLimitWaitMs: number;
  readonly retryPauseMs: number;
  readonly commitAuthor: CommitAuthor | null;
  readonly signCommit: SignCommit | null;
}

const DEFAULT_SCOPES = ["repo", "workflow", "read:user", "user:email"];

const webUrl = z
  .url({ protocol: /^https?$/, error: "has to be a URL that begins with https:// or http://" })
  .transform((url) => url.replace(/\/+$/, ""));
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, "is not a valid scope (RFC 6749, 3.3)");
const client = { clientId: z.string().min(1), clientSecret: z.string().min(1) };

const commitText = z.string().refine((text) => cleanIdentity(text) !== "", "holds nothing that can stand in a commit");

const scalars = z.object({
  apiUrl: webUrl.default("https://api.github.com"),
  serverUrl: webUrl.optional(),
  redirectUri: webUrl.optional(),
  oauth: z.object({ ...client, scopes: z.array(scope).max(50).optional() }).optional(),
  app: z
    .object({
      appId: z.int().positive(),
      slug: z.string().min(1).optional(),
      privateKey: z.string().min(1),
      clientId: client.clientId.optional(),
      clientSecret: client.clientSecret.optional(),
      webhookSecrets: z.array(z.string().min(1)).optional(),
      allowUnsignedWebhooks: z.boolean().default(false),
    })
    .refine((app) => (app.clientId === undefined) === (app.clientSecret === undefined), {
      message: "clientId and clientSecret belong together",
    })
    .optional(),
  encryptionKeys: z.string().min(1).optional(),
  requestTimeoutMs: z.int().min(1_000).max(600_000).default(60_000),
  maxRateLimitWaitMs: z.int().min(0).default(60_000),
  retryPauseMs: z.int().min(0).default(1_000),
  commitAuthor: z.object({ name: commitText, email: commitText }).optional(),
  signCommit: z.custom<SignCommit>((value) => typeof value === "function", "has to be a function").optional(),
});

type Scalars = z.infer<typeof scalars>;

/** Checks options and fills in their defaults. @throws GitHubSdkError `invalid_options` naming the option and the mend. */
export function resolveOptions(options: GitHubSdkOptions): ResolvedOptions {
  const parsed = scalars.safeParse(options);
  if (!parsed.success) {
    throw invalid(`${issueText(parsed.error.issues, "options")}.`);
  }
  if (typeof options.projectFiles?.open !== "function") {
    throw invalid("projectFiles is missing: give folderFiles(directory) or another source.");
  }
  const { apiUrl, serverUrl, requestTimeoutMs, maxRateLimitWaitMs, retryPauseMs, commitAuthor } = parsed.data;
  const clock = options.clock ?? systemClock;
  const logger = redactingLogger(options.logger ?? silentLogger);
  const connections = resolveConnections(parsed.data, options.tokenCipher ?? null);
  const app = resolveApp(parsed.data, options.app?.authorizeInstallation ?? null);
  if (options.auth === undefined && connections === null && app === null) {
    throw invalid("auth is missing: give a token, or configure oauth or app so that users connect their accounts.");
  }
  return {
    projectFiles: options.projectFiles,
    auth: options.auth === undefined ? null : credentialsOf(options.auth),
    apiUrl,
    serverUrl: serverUrl ?? webAddressOf(apiUrl),
    connections,
    app,
    stores: resolveStores(options.stores ?? {}, clock),
    pubSub: options.pubSub ?? new MemoryPubSub({ logger }),
    jobs: options.jobs ?? new MemoryJobRunner({ logger }),
    logger,
    clock,
    requestTimeoutMs,
    maxRateLimitWaitMs,
    retryPauseMs,
    commitAuthor: commitAuthor ?? null,
    signCommit: options.signCommit ?? null,
  };
}

function resolveStores(given: Partial<GitHubSdkStores>, clock: Clock): GitHubSdkStores {
  const together = [given.records, given.baselines, given.locks].filter((store) => store !== undefined);
  if (together.length > 0 && together.length < 3) {
    throw invalid(
      "stores.records, stores.baselines and stores.locks belong together: the tokens of the locks guard the others. Give all three.",
    );
  }
  return { ...memoryStores({ clock }), ...defined(given) };
}

function resolveConnections(
  { oauth, app, redirectUri, encryptionKeys }: Scalars,
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
    // Without a key nothing is stored in the clear: an empty keyring says how to make one.
    cipher: cipher ?? keyringCipher(encryptionKeys ?? ""),
  };
}

function resolveApp({ app }: Scalars, authorizeInstallation: AuthorizeInstallation | null): ResolvedApp | null {
  if (app === undefined) return null;
  return {
    appId: app.appId,
    slug: app.slug ?? null,
    privateKey: parsePrivateKey(app.privateKey, "app.privateKey (GITHUB_PRIVATE_KEY)"),
    webhookSecrets: (app.webhookSecrets ?? []).map((secret) => new Secret(secret)),
    allowUnsignedWebhooks: app.allowUnsignedWebhooks,
    authorizeInstallation,
  };
}

function toClient(clientId: string, clientSecret: string): OAuthClient {
  return { clientId, clientSecret: new Secret(clientSecret) };
}

function credentialsOf(auth: GitHubSdkAuth): (owner: SyncOwner) => Promise<Credential> {
  if (typeof auth === "function") return async (owner) => toCredential(await auth(owner));
  const one = toCredential(auth);
  return async () => one;
}

function toCredential(given: string | Credential): Credential {
  if (typeof given !== "string") return given;
  if (given.trim() !== "") return tokenCredential(given.trim());
  throw invalid("auth is an empty token. Set GITHUB_TOKEN, or give a credential.");
}

function invalid(words: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `createGitHubSdk: ${words}`);
}
