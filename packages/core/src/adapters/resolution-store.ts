import type { SyncTarget } from "../domain/repository.js";
import type { StoredResolution } from "../domain/stored-resolution.js";

/**
 * A store of people's resolutions of conflicts, one per target and path. All five fields of a target are compared exactly and
 * case-sensitively, as are paths.
 *
 * Atomicity: when several callers put a resolution of one path concurrently, exactly one of them is stored, completely.
 * `remove` checks the ID in the same step as it deletes, so a resolution that replaced another one is never removed by the ID
 * of the earlier one.
 */
export interface ResolutionStore {
  /** Returns a target's resolutions, sorted by path in the order of UTF-16 code units. */
  list(target: SyncTarget): Promise<readonly StoredResolution[]>;
  /** Stores a resolution and replaces an earlier one of the same path. */
  put(target: SyncTarget, resolution: StoredResolution): Promise<void>;
  /** Removes the resolutions with these IDs. IDs that are not stored are ignored. */
  remove(target: SyncTarget, ids: readonly string[]): Promise<void>;
}
