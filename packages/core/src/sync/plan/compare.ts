import type { BaselineEntry } from "../../domain/baseline.js";
import type { ConflictReason } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import { normalizeMode } from "../../git/file-mode.js";
import type { LocalFile } from "../project/read-project.js";

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
 * Lays the three sides of a path beside each other. A source that knows no modes has no opinion about them: for its files the
 * branch's mode counts as everybody's, so that an executable bit that a person set there is neither taken back nor a conflict.
 */
export function pathVersions(
  base: BaselineEntry | null,
  file: LocalFile | null,
  remote: RemoteEntry | null,
): PathVersions {
  if (file === null) return { base, local: null, remote };
  if (file.mode !== null) return { base, local: { ...file, mode: file.mode }, remote };
  const mode = plainMode(remote) ?? plainMode(base) ?? "100644";
  return {
    base: base === null || plainMode(base) === null ? base : { ...base, mode },
    local: { ...file, mode },
    remote,
  };
}

type Version = { readonly mode: string; readonly oid: ObjectId } | null;

function conflictReason({ base, local, remote }: PathVersions): ConflictReason {
  if (local === null) return "deleted_locally_changed_remotely";
  if (remote?.mode === SUBMODULE) return "submodule_in_the_repository";
  if (remote === null) return "changed_locally_deleted_remotely";
  return base === null ? "different_without_common_base" : "changed_on_both_sides";
}

const SUBMODULE = "160000";

/** Whether two versions of a path have the same content and the same mode. */
export function sameVersion(left: Version, right: Version): boolean {
  if (left === null || right === null) return left === right;
  return left.oid === right.oid && (left.mode === right.mode || normalizeMode(left.mode) === normalizeMode(right.mode));
}

/** The mode of a regular file; `null` for anything else. */
function plainMode(version: Version): "100644" | "100755" | null {
  const mode = version === null ? null : normalizeMode(version.mode);
  return mode === "100644" || mode === "100755" ? mode : null;
}
