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
  | "submodule_in_the_repository"
  | "path_is_a_directory_in_the_project"
  | "parent_is_a_file_in_the_project";

/**
 * The resolution of a conflict: `merge` for a clean three-way text merge, `keep_change` for a change against a deletion, `content`
 * for a content that a person gave.
 */
export type ConflictResolution = "merge" | "keep_change" | "ours" | "theirs" | "pull_request" | "content";

/** A path that changed in the project and on the branch. */
export interface SyncConflict {
  /** Relative to the project. */
  readonly path: string;
  readonly reason: ConflictReason;
  /** True when the sync resolved the conflict. An unresolved one ends the sync without a write, or is skipped: see `onConflict`. */
  readonly resolved: boolean;
  /** The resolution that was applied, or that would resolve the conflict. */
  readonly resolution: ConflictResolution;
  /** The blob on the branch; `null` when the branch has none. */
  readonly remoteOid: ObjectId | null;
  /** The blob in the project; `null` when the project does not have the file. */
  readonly localOid: ObjectId | null;
  /** The blob of the common base; `null` when there is none. */
  readonly baseOid: ObjectId | null;
  /** True when a side is known not to be text that can be merged. */
  readonly isBinary: boolean;
  /** Bytes of the blob on the branch; `null` when it was not read. */
  readonly remoteSize: number | null;
}
