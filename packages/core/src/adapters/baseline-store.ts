import type { Baseline, StagedChange } from "../domain/baseline.js";
import type { SyncTarget } from "../domain/repository.js";

/** What a store holds for one sync target. */
export interface StoredBaseline {
  readonly baseline: Baseline | null;
  /** A change whose commit was being written when the process ended; `null` when there is none. */
  readonly staged: StagedChange | null;
}

/**
 * Baselines by sync target (all five fields compared exactly, case included).
 *
 * Atomicity: every write carries the fencing token of the lease under which it is made. A store keeps the highest token
 * that it has seen for a target and refuses a lower one, in the same atomic step as the write: a process that lost its
 * lease can change nothing any more. Readers see a write whole or not at all.
 */
export interface BaselineStore {
  /** What is held for a target; both fields `null` when nothing is. */
  load(target: SyncTarget): Promise<StoredBaseline>;
  /** Keeps a change beside the baseline, in place of the one that was staged before. `false`: the token was too old. */
  stage(target: SyncTarget, staged: StagedChange, leaseToken: number): Promise<boolean>;
  /** Replaces the baseline and drops what was staged, both in one step. `false`: the token was too old. */
  save(target: SyncTarget, baseline: Baseline, leaseToken: number): Promise<boolean>;
  /** Drops what was staged and leaves the baseline as it is. `false`: the token was too old. */
  unstage(target: SyncTarget, leaseToken: number): Promise<boolean>;
}
