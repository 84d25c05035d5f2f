import type { BaselineEntry } from "../domain/baseline.js";
import type { ConflictReason } from "../domain/conflict.js";
import type { FileMode } from "../domain/project-file.js";
import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import type { LocalFile } from "./read-project.js";

/** A file of the project whose mode is settled. */
export interface LocalVersion extends LocalFile {
  readonly mode: FileMode;
}

/** A path on the three sides; `null` where it is not there. */
export interface PathVersions {
  readonly base: BaselineEntry | null;
  readonly local: LocalVersion | null;
  readonly remote: RemoteEntry | null;
}

/**
 * What the three sides of a path call for:
 * - `unchanged`: nothing, and nothing to tell;
 * - `converged`: both sides made the same change;
 * - `write`: only the project changed, the branch gets its version;
 * - `keep_remote`: only the branch changed, it keeps its version and the project is behind;
 * - `foreign`: the branch's own file, which the project never had;
 * - `conflict`: both changed, differently.
 */
export type Comparison =
  | { readonly kind: "unchanged" | "converged" | "write" | "keep_remote" | "foreign" }
  | { readonly kind: "conflict"; readonly reason: ConflictReason };

/** Compares the three sides of one path. */
export function compareVersions({ base, local, remote }: PathVersions): Comparison {
  if (sameVersion(local, remote)) return { kind: sameVersion(base, local) ? "unchanged" : "converged" };
  if (sameVersion(base, local)) return { kind: base === null ? "foreign" : "keep_remote" };
  if (sameVersion(base, remote)) return { kind: "write" };
  return { kind: "conflict", reason: conflictReason({ base, local, remote }) };
}

/**
 * The mode that a source without modes stands for: the one of the last sync, else the one in the repository. An executable
 * bit that a person set on the branch is not taken back by a source that cannot say it.
 */
export function settledMode(mode: FileMode | null, base: BaselineEntry | null, remote: RemoteEntry | null): FileMode {
  if (mode !== null) return mode;
  if (base !== null) return base.mode;
  return remote?.mode === "100755" ? "100755" : "100644";
}

function conflictReason({ base, local, remote }: PathVersions): ConflictReason {
  if (local === null) return "deleted_locally_changed_remotely";
  if (remote?.mode === SUBMODULE) return "submodule_in_the_repository";
  if (remote === null) return "changed_locally_deleted_remotely";
  return base === null ? "different_without_common_base" : "changed_on_both_sides";
}

const SUBMODULE = "160000";

function sameVersion(
  left: { readonly mode: string; readonly oid: ObjectId } | null,
  right: { readonly mode: string; readonly oid: ObjectId } | null,
): boolean {
  if (left === null || right === null) return left === right;
  return left.oid === right.oid && left.mode === right.mode;
}
