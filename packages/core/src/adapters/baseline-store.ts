import type { Baseline, StagedChange } from "../domain/baseline.js";
import type { SyncTarget } from "../domain/repository.js";

/** The stored state of one sync target. */
export interface StoredBaseline {
  readonly baseline: Baseline | null;
  /** A change whose commit may have landed before the process ended; `null` when there is none. */
  readonly staged: StagedChange | null;
}

/**
 * A store of baselines by sync target. All five fields are compared exactly and case-sensitively.
 *
 * Atomicity: every write carries the fencing token of its lease. A store keeps the highest token of each target and rejects
 * a lower one in the same atomic step as the write, so a process that lost its lease cannot change anything. Readers see
 * a write completely or not at all.
 */
export interface BaselineStore {
  /** Returns the state of a target; both fields are `null` when there is none. */
  load(target: SyncTarget): Promise<StoredBaseline>;
  /** Stores a staged change beside the baseline and replaces an earlier one. Returns false when the token is too old. */
  stage(target: SyncTarget, staged: StagedChange, leaseToken: number): Promise<boolean>;
  /** Replaces the baseline and deletes the staged change in one step. Returns false when the token is too old. */
  save(target: SyncTarget, baseline: Baseline, leaseToken: number): Promise<boolean>;
  /** Deletes the staged change and keeps the baseline. Returns false when the token is too old. */
  unstage(target: SyncTarget, leaseToken: number): Promise<boolean>;
}
