import type { ObjectId } from "./repository.js";

/** How conflicts of a sync are settled. */
export type ConflictStrategy = "fail" | "merge" | "ours" | "theirs" | "pull_request";

/** Why a path cannot simply be written. */
export type ConflictReason =
  | "changed_on_both_sides"
  | "deleted_locally_changed_remotely"
  | "changed_locally_deleted_remotely"
  | "different_without_common_base"
  | "path_is_a_directory_in_the_repository"
  | "parent_is_a_file_in_the_repository"
  | "submodule_in_the_repository";

/** How a conflict was, or can be, settled: `merge` when the three-way text merge is clean, `keep_change` for a change against a deletion. */
export type ConflictResolution = "merge" | "keep_change" | "ours" | "theirs" | "pull_request";

/** A path that changed on both sides, with what became of it. */
export interface SyncConflict {
  /** Relative to the project. */
  readonly path: string;
  readonly reason: ConflictReason;
  /** Whether the sync settled it; an unresolved conflict ends the sync without a write. */
  readonly resolved: boolean;
  /** How it was settled, or what would settle it. */
  readonly resolution: ConflictResolution;
  /** The blob on the branch; `null` when the branch has none. */
  readonly remoteOid: ObjectId | null;
  /** Bytes of the blob on the branch; `null` when it was not read. */
  readonly remoteSize: number | null;
}
