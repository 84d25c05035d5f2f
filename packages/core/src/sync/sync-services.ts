import type { BaselineStore } from "../adapters/baseline-store.js";
import type { Clock } from "../adapters/clock.js";
import type { JobRunner } from "../adapters/job-runner.js";
import type { LockStore } from "../adapters/lock-store.js";
import type { SyncRecordStore } from "../adapters/sync-record-store.js";
import type { SyncRecord } from "../domain/sync-record.js";
import type { EventBus } from "../events.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { CommitWriter } from "../repository/commit-writer.js";
import type { CachedView, RepositoryCache } from "../repository/repository-cache.js";
import type { SyncSources } from "./project/sync-sources.js";

/** What a sync is done for: enough to find the credential again after a restart. */
export interface SyncOwner {
  readonly userId: string;
  /** `project:{user}/{id}`, or `app:{installation}`. */
  readonly source: string;
  /** `owner/name`. */
  readonly repository: string;
}

/** The owner of a record. */
export function ownerOf({ userId, target, repository }: SyncRecord): SyncOwner {
  return { userId, source: target.source, repository };
}

/** Everything that the sync engine works with. */
export interface SyncServices {
  readonly apiUrl: string;
  readonly clients: GitHubClients;
  /** The credential of a sync. @throws GitHubSdkError `github_not_connected`, `reauth_required` */
  readonly credentialFor: (owner: SyncOwner) => Promise<Credential>;
  readonly files: SyncSources;
  /** Looks at branches that were taken when a record was made, for its first run. */
  readonly initialSnapshots: Map<number, CachedView>;
  readonly records: SyncRecordStore;
  readonly baselines: BaselineStore;
  readonly locks: LockStore;
  readonly jobs: JobRunner;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly repositories: RepositoryCache;
  /** In the order of preference. */
  readonly writers: readonly CommitWriter[];
  /** Milliseconds that one request may take at the most, waiting for rate limits included. */
  readonly longestRequest: number;
  /** Milliseconds that a lease lasts when it is not renewed. */
  readonly leaseTtl: number;
}
