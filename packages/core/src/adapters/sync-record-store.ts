import type { BranchKey } from "../domain/repository.js";
import type { SyncMetrics, SyncRecord, SyncRecordChange, SyncRecordDraft, SyncStatus } from "../domain/sync-record.js";

/** Which records a history shows: those of one user's project, and of one repository when it is named. */
export interface SyncHistoryQuery {
  readonly userId: string;
  readonly projectId: string;
  /** `owner/name`, compared without case. */
  readonly repository?: string;
}

/** One page of a history, newest first. */
export interface SyncHistoryPage {
  readonly records: readonly SyncRecord[];
  /** Opaque; the next page begins after it. `null` on the last page. */
  readonly nextCursor: string | null;
}

/** What is told of a project at a glance. */
export interface SyncSummary {
  readonly totalSyncs: number;
  readonly latest: SyncRecord | null;
  readonly lastSuccessful: SyncRecord | null;
}

/** A step of a record: the states that it may be in now, and the one it goes to. */
export interface SyncTransition {
  readonly from: readonly SyncStatus[];
  readonly to: SyncStatus;
  /**
   * The fencing token of the lease under which the step is made. Given: the step is refused when the record carries a
   * higher one, and the record carries this one afterwards. Left out: for steps that need no lease (cancel, retry).
   */
  readonly leaseToken?: number;
}

/**
 * Sync records. Ids are integers that grow in the order of creation.
 *
 * Atomicity: `transition` and `update` are compare-and-set. They check status and fencing token and write in one step, so
 * of several callers that want the same step exactly one succeeds. `create` never gives one id twice.
 */
export interface SyncRecordStore {
  /** Stores a new record as `pending`. */
  create(draft: SyncRecordDraft): Promise<SyncRecord>;
  /** The record, or `null`. */
  find(id: number): Promise<SyncRecord | null>;
  /** Makes a step and writes the change with it; `null` when the record is in none of the states, or the token is too old. */
  transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null>;
  /** Writes into a record that is `in_progress` under exactly this token; `null` when it is not. */
  update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null>;
  /** The first `pending` record of a branch by id, or `null`. */
  oldestPending(branch: BranchKey): Promise<SyncRecord | null>;
  /** `pending` and `in_progress` records with a greater id than `afterId`, ascending, at most `limit`. */
  unfinished(afterId: number, limit: number): Promise<readonly SyncRecord[]>;
  /** `failed` and `cancelled` records of a branch that have an attempt of `unknown` outcome, ascending by id. */
  withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]>;
  /** Newest first; `limit` records after the cursor. A cursor that is none throws `validation_failed`. */
  history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage>;
  /** Counts and the two records that matter, without reading the rest. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary>;
  /** Sums over all records of a user, made in the store. */
  metrics(userId: string): Promise<SyncMetrics>;
}
