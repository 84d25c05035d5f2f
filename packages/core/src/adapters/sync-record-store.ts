import type { ProjectKey } from "../domain/project-file.js";
import type { BranchKey } from "../domain/repository.js";
import type {
  SyncHistoryEntry,
  SyncMetrics,
  SyncRecord,
  SyncRecordChange,
  SyncRecordDraft,
  SyncStatus,
  UnfinishedSync,
} from "../domain/sync-record.js";

/** A filter for a history: the records of a user's project, optionally of one repository. */
export interface SyncHistoryQuery {
  readonly userId: string;
  readonly projectId: string;
  /** `owner/name`, compared without case. */
  readonly repository?: string;
}

/** A page of a history, newest first. */
export interface SyncHistoryPage {
  readonly records: readonly SyncHistoryEntry[];
  /** An opaque cursor of the next page, or `null` on the last page. */
  readonly nextCursor: string | null;
}

/** The number of a project's syncs and the most important ones. */
export interface SyncSummary {
  readonly totalSyncs: number;
  readonly latest: SyncHistoryEntry | null;
  readonly lastSuccessful: SyncHistoryEntry | null;
}

/** The changes of a project's records after a number. */
export interface ProjectChanges {
  /** The records whose `changeSeq` is greater, in ascending order of it, each as it is now. */
  readonly records: readonly SyncRecord[];
  /** The last number that was taken before the records were read; 0 for a project without changes. */
  readonly seq: number;
  /**
   * A random text that belongs to the project's numbers: numbers with another `feedId` mean nothing here. `null` for a project
   * without changes. It changes when the store is emptied.
   */
  readonly feedId: string | null;
}

/** A limit on the pending syncs of one user. */
export interface PendingLimit {
  /** The maximum number of the user's `pending` records, including the new one. Defaults to no limit. */
  readonly maxPending?: number;
}

/** A change of a record's status. */
export interface SyncTransition extends PendingLimit {
  /** The statuses from which the transition is made. */
  readonly from: readonly SyncStatus[];
  readonly to: SyncStatus;
  /**
   * The fencing token of the caller's lease. The transition is rejected when the record has a higher one; otherwise the record
   * stores this one. Omitted by transitions without a lease (cancel, retry).
   */
  readonly leaseToken?: number;
}

/**
 * A store of sync records. Ids are integers that increase in the order of creation.
 *
 * Atomicity: `transition` and `update` are compare-and-set. They check status and fencing token and write in one step, so that
 * exactly one of several concurrent callers succeeds. `create` never assigns one id twice. `maxPending` may be exceeded by the
 * number of concurrent calls for one user.
 *
 * `create` and `transition` take the project's next number as the record's `changeSeq`, in the same transaction: a number is
 * visible only together with all lower ones, and a rejected call takes none. `update` leaves it unchanged.
 *
 * Records that cannot be decoded, because they are damaged or of a newer version, must not make a list fail:
 * `unfinished`, `withOpenAttempts`, `history`, `summary` and `changedSince` skip them. `due` may return them. `find`, `transition`
 * and `update` throw `store_failed` for such a record.
 *
 * Records whose `runsFrom` exceeds `SYNC_RECORD_VERSION` belong to newer processes: `due` and `unfinished`
 * omit them, and `transition` does not start them.
 */
export interface SyncRecordStore {
  /**
   * Stores a new `pending` record.
   *
   * @throws GitHubSdkError `input_too_large` when the options exceed 1 MiB; `too_many_pending_syncs` when the user has
   * `maxPending` pending records
   */
  create(draft: SyncRecordDraft, limit?: PendingLimit): Promise<SyncRecord>;
  /** Resolves to a record, or to `null` when it does not exist. */
  find(id: number): Promise<SyncRecord | null>;
  /**
   * Changes a record's status and writes a change with it. Resolves to `null` when the record's status is not in `from` or the
   * lease token is too old.
   *
   * @throws GitHubSdkError `too_many_pending_syncs` when the transition leads to `pending` and the user has `maxPending`
   * pending records
   */
  transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null>;
  /** Writes a change of a record that is `in_progress` with exactly this lease token. Resolves to `null` otherwise. */
  update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null>;
  /**
   * Resolves to the syncs to run next: `pending` records of a GitHub API without a `holder`, whose `notBefore` has passed by the
   * store's clock and whose branch has no record in progress. At most one per user and at most `limit`. Users with the fewest
   * records in progress come first. Within equal users and within one user, `interactive` records come first, then the lowest id.
   *
   * @param except the ids of at most 1,000 records to leave out
   */
  due(apiUrl: string, limit: number, except?: readonly number[]): Promise<readonly UnfinishedSync[]>;
  /** Resolves to `pending` and `in_progress` records with ids greater than `afterId`, in ascending order, at most `limit`. */
  unfinished(afterId: number, limit: number): Promise<readonly UnfinishedSync[]>;
  /**
   * Resolves to the last completed record of each branch of a GitHub API, latest first, at most `limit`. Branches that are not
   * among the last 1,000 completed records may be missing.
   */
  recentlySynced(apiUrl: string, limit: number): Promise<readonly SyncHistoryEntry[]>;
  /** Resolves to the `failed` and `cancelled` records of a branch that have an attempt of `unknown` outcome, by ascending id. */
  withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]>;
  /**
   * Resolves to `limit` records after the cursor, newest first.
   *
   * @throws GitHubSdkError `validation_failed` when the cursor is invalid
   */
  history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage>;
  /**
   * Resolves to at most `limit` records of a project whose `changeSeq` is greater than `after`, in ascending order of it. With
   * a limit of 0 it reads the current number only.
   */
  changedSince(project: ProjectKey, after: number, limit: number): Promise<ProjectChanges>;
  /** Resolves to the number of records, the latest record and the latest completed record. Does not read other records. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary>;
  /** Resolves to the sums over all records of a user. The store computes them. */
  metrics(userId: string): Promise<SyncMetrics>;
}
