import { z } from "zod";
import type { BaselineStore } from "./adapters/baseline-store.js";
import { type Clock, systemClock } from "./adapters/clock.js";
import type { JobRunner } from "./adapters/job-runner.js";
import type { LockStore } from "./adapters/lock-store.js";
import type { ProjectFiles } from "./adapters/project-files.js";
import type { PubSub } from "./adapters/pub-sub.js";
import type { SyncRecordStore } from "./adapters/sync-record-store.js";
import { GitHubSdkError } from "./errors.js";
import { type Credential, tokenCredential } from "./github/credential.js";
import { type Logger, redactingLogger, silentLogger } from "./logger.js";
import { MemoryBaselineStore } from "./memory/memory-baseline-store.js";
import { MemoryJobRunner } from "./memory/memory-job-runner.js";
import { MemoryLockStore } from "./memory/memory-lock-store.js";
import { MemoryPubSub } from "./memory/memory-pub-sub.js";
import { MemorySyncRecordStore } from "./memory/memory-sync-record-store.js";
import type { SyncOwner } from "./sync/sync-services.js";

/** Where the SDK remembers things. What is left out is kept in memory, for as long as the process lives. */
export interface GitHubSdkStores {
  readonly records: SyncRecordStore;
  readonly baselines: BaselineStore;
  readonly locks: LockStore;
}

/** In whose name requests are made: one token for all, one credential, or one for each sync by its owner. */
export type GitHubSdkAuth = string | Credential | ((owner: SyncOwner) => Promise<string | Credential>);

/** What {@link createGitHubSdk} is made from. */
export interface GitHubSdkOptions {
  /** Where the files of projects are. */
  readonly projectFiles: ProjectFiles;
  /** A token, a credential, or a function that gives one for the owner of a sync. */
  readonly auth: GitHubSdkAuth;
  /** `https://api.github.com` unless told; `https://HOST/api/v3` for GitHub Enterprise Server. */
  readonly apiUrl?: string;
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
  readonly requestTimeout?: number;
  /** Milliseconds that a request may wait for a rate limit to end before it fails with `rate_limited`: 60,000 unless told. */
  readonly maxRateLimitWait?: number;
  /** Milliseconds before a request that may safely be repeated is repeated, growing from try to try: 1,000 unless told. */
  readonly retryPause?: number;
}

/** Options that were checked, with their defaults. Never changed afterwards. */
export interface ResolvedOptions extends GitHubSdkStores {
  readonly projectFiles: ProjectFiles;
  readonly credentialFor: (owner: SyncOwner) => Promise<Credential>;
  readonly apiUrl: string;
  readonly pubSub: PubSub;
  readonly jobs: JobRunner;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly requestTimeout: number;
  readonly maxRateLimitWait: number;
  readonly retryPause: number;
}

const scalars = z.object({
  apiUrl: z
    .url({ protocol: /^https?$/, error: "has to be a URL such as https://api.github.com" })
    .default("https://api.github.com")
    .transform((url) => url.replace(/\/+$/, "")),
  requestTimeout: z.int().min(1_000).max(600_000).default(60_000),
  maxRateLimitWait: z.int().min(0).default(60_000),
  retryPause: z.int().min(0).default(1_000),
});

/** Checks options and fills in their defaults. @throws GitHubSdkError `invalid_options` naming the option and the mend. */
export function resolveOptions(options: GitHubSdkOptions): ResolvedOptions {
  const parsed = scalars.safeParse(options);
  if (!parsed.success) {
    const words = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new GitHubSdkError("invalid_options", `createGitHubSdk: ${words}`);
  }
  if (typeof options.projectFiles?.open !== "function") {
    throw new GitHubSdkError(
      "invalid_options",
      "createGitHubSdk: projectFiles is missing: give folderFiles(directory) or another source.",
    );
  }
  const clock = options.clock ?? systemClock;
  const logger = redactingLogger(options.logger ?? silentLogger);
  return {
    ...parsed.data,
    projectFiles: options.projectFiles,
    credentialFor: credentialsOf(options.auth),
    records: options.stores?.records ?? new MemorySyncRecordStore(),
    baselines: options.stores?.baselines ?? new MemoryBaselineStore(),
    locks: options.stores?.locks ?? new MemoryLockStore(clock),
    pubSub: options.pubSub ?? new MemoryPubSub({ logger }),
    jobs: options.jobs ?? new MemoryJobRunner({ logger }),
    logger,
    clock,
  };
}

function credentialsOf(auth: GitHubSdkAuth): (owner: SyncOwner) => Promise<Credential> {
  const credential = (given: string | Credential): Credential => {
    if (typeof given !== "string") return given;
    if (given.trim() !== "") return tokenCredential(given.trim());
    throw new GitHubSdkError(
      "invalid_options",
      "createGitHubSdk: auth is an empty token. Set GITHUB_TOKEN, or give a credential.",
    );
  };
  if (typeof auth === "function") return async (owner) => credential(await auth(owner));
  if (auth === undefined || auth === null) {
    throw new GitHubSdkError(
      "invalid_options",
      "createGitHubSdk: auth is missing: give a token or a function that gives one.",
    );
  }
  const one = credential(auth);
  return async () => one;
}
