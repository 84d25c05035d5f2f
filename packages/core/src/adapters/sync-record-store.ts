import type { BranchKey } from "../domain/repository.js";
import type { SyncMetrics, SyncRecord, SyncRecordChange, SyncRecordDraft, SyncStatus } from "../domain/sync-record.js";

/** The records of a history: those of a user's project, optionally of one repository. */
export interface SyncHistoryQuery {
  readonly userId: string;
  readonly projectId: string;
  /** `owner/name`, compared case-insensitively. */
  readonly repository?: string;
}

/** One page of a history, newest first. */
export interface SyncHistoryPage {
  readonly records: readonly SyncRecord[];
  /** An opaque position for the next page; `null` on the last page. */
  readonly nextCursor: string | null;
}

/** A summary of the syncs of a project. */
export interface SyncSummary {
  readonly totalSyncs: number;
  readonly latest: SyncRecord | null;
  readonly lastSuccessful: SyncRecord | null;
}

/** A transition of a record: the allowed current statuses and the new one. */
export interface SyncTransition {
  readonly from: readonly SyncStatus[];
  readonly to: SyncStatus;
  /**
   * The fencing token of the lease. The transition is rejected when the record has a higher token; otherwise the record has
   * this one afterwards. Omitted for transitions without a lease (cancel, retry).
   */
  readonly leaseToken?: number;
}

/**
 * A store of sync records. IDs are integers that increase in the order of creation.
 *
 * Atomicity: `transition` and `update` check status and fencing token and write in one step, so that exactly one of several
 * callers succeeds with the same transition. `create` never uses an ID twice.
 */
export interface SyncRecordStore {
  /** Stores a new record with the status `pending`. */
  create(draft: SyncRecordDraft): Promise<SyncRecord>;
  /** Returns the record, or `null`. */
  find(id: number): Promise<SyncRecord | null>;
  /** Changes the status and writes the change. Returns null when the record has another status or the token is too old. */
  transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null>;
  /** Writes a change to a record that is `in_progress` with exactly this token. Returns null otherwise. */
  update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null>;
  /** Returns the `pending` record of a branch with the lowest ID, or `null`. */
  oldestPending(branch: BranchKey): Promise<SyncRecord | null>;
  /** Returns at most `limit` records with the status `pending` or `in_progress` and an ID above `afterId`, ascending. */
  unfinished(afterId: number, limit: number): Promise<readonly SyncRecord[]>;
  /** Returns the `failed` and `cancelled` records of a branch that have an attempt with the outcome `unknown`, ascending by ID. */
  withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]>;
  /** Returns at most `limit` records after the cursor, newest first. @throws GitHubSdkError `validation_failed` for an invalid cursor */
  history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage>;
  /** Returns the number of records, the latest one and the last successful one. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary>;
  /** Returns totals over all records of a user. */
  metrics(userId: string): Promise<SyncMetrics>;
}
