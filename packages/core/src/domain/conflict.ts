import type { ObjectId } from "./repository.js";

/** The strategy by which a sync resolves conflicts. */
export type ConflictStrategy = "fail" | "merge" | "ours" | "theirs" | "pull_request";

/** The reason for a conflict. */
export type ConflictReason =
  | "changed_on_both_sides"
  | "deleted_locally_changed_remotely"
  | "changed_locally_deleted_remotely"
  | "different_without_common_base"
  | "path_is_a_directory_in_the_repository"
  | "parent_is_a_file_in_the_repository"
  | "submodule_in_the_repository";

/** The resolution of a conflict: `merge` for a clean three-way text merge, `keep_change` for a change against a deletion. */
export type ConflictResolution = "merge" | "keep_change" | "ours" | "theirs" | "pull_request";

/** A path that changed in the project and on the branch. */
export interface SyncConflict {
  /** Relative to the project. */
  readonly path: string;
  readonly reason: ConflictReason;
  /** True when the sync resolved the conflict. An unresolved conflict ends the sync without a write. */
  readonly resolved: boolean;
  /** The resolution that was applied, or that would resolve the conflict. */
  readonly resolution: ConflictResolution;
  /** The blob on the branch; `null` when the branch has none. */
  readonly remoteOid: ObjectId | null;
  /** Bytes of the blob on the branch; `null` when it was not read. */
  readonly remoteSize: number | null;
}
