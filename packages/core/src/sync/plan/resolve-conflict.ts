import { defined } from "../../defined.js";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { ConflictResolution, ConflictStrategy, SyncConflict } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import { type Comparison, compareVersions, type LocalVersion, type PathVersions } from "./compare.js";

/** A clean three-way merge. */
export interface MergedFile {
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
}

/** What one path comes to. */
export interface Resolution {
  readonly path: string;
  /** What the branch gets: a file, `null` for a deletion, left out when it keeps what it has. */
  readonly write?: (MergedFile & { readonly merged: boolean }) | null;
  /** The path's base after the sync; `null` for none. */
  readonly base: BaselineEntry | null;
  /** The base's content is nowhere on the branch and has to be kept for later merges. */
  readonly keepContent: boolean;
  readonly conflict: SyncConflict | null;
  /** Only the branch changed: what it did there. */
  readonly remoteChange: "updated" | "deleted" | null;
}

/** The means to settle one conflict. */
export interface ConflictContext {
  readonly strategy: ConflictStrategy;
  /** The path's content, or absence, is meant whatever the branch has and whoever put it there. */
  readonly isExplicit: boolean;
  /** The clean merge of the three versions, `null` when there is none. */
  readonly merged: MergedFile | null;
  /** Bytes of the branch's blob, `null` when it was not read. */
  readonly remoteSize: number | null;
}

/** Decides about one path; `null` for a file of the branch that the project never had. Pure. */
export function resolvePath(path: string, versions: PathVersions, context: ConflictContext): Resolution | null {
  const comparison = compareVersions(versions);
  const { local } = versions;
  // Whatever the branch holds, the base becomes the project's own version: the next sync then sees "not changed locally".
  const kept: Resolution = {
    path,
    base: local === null ? null : baseOf(local),
    keepContent: false,
    conflict: null,
    remoteChange: null,
  };
  switch (comparison.kind) {
    case "foreign":
      return context.isExplicit ? resolveConflict(kept, versions, FOREIGN_DELETION, context) : null;
    case "unchanged":
    case "converged":
      return kept;
    case "keep_remote":
      if (context.isExplicit)
        return resolveConflict(kept, versions, versions.remote === null ? DELETED : CHANGED, context);
      return { ...kept, remoteChange: versions.remote === null ? "deleted" : "updated" };
    case "write":
      return { ...kept, write: localWrite(local) };
    case "conflict":
      return resolveConflict(kept, versions, comparison, context);
  }
}

/** Deleting what somebody else put there is a conflict, not a clean change. */
const FOREIGN_DELETION = { kind: "conflict", reason: "deleted_locally_changed_remotely" } as const;
// A content that is given once more is no "unchanged": the branch has another one meanwhile.
const CHANGED = { kind: "conflict", reason: "changed_on_both_sides" } as const;
const DELETED = { kind: "conflict", reason: "changed_locally_deleted_remotely" } as const;

function resolveConflict(
  kept: Resolution,
  { local, remote }: PathVersions,
  { reason }: Extract<Comparison, { kind: "conflict" }>,
  { strategy, merged, remoteSize }: ConflictContext,
): Resolution {
  const conflict = (resolution: ConflictResolution, resolved: boolean): SyncConflict => ({
    path: kept.path,
    reason,
    resolved,
    resolution,
    remoteOid: remote?.oid ?? null,
    remoteSize,
  });
  const takeLocal = (resolution: ConflictResolution): Resolution => ({
    ...kept,
    write: localWrite(local),
    conflict: conflict(resolution, true),
  });
  const takeRemote = (resolution: ConflictResolution): Resolution => ({
    ...kept,
    keepContent: local !== null,
    conflict: conflict(resolution, true),
  });

  if (strategy === "ours") return takeLocal("ours");
  if (strategy === "theirs") return takeRemote("theirs");
  const mergeable = reason === "changed_on_both_sides" && merged !== null;
  const keepsChange = reason === "deleted_locally_changed_remotely" || reason === "changed_locally_deleted_remotely";
  if (strategy === "fail") {
    return { ...kept, conflict: conflict(mergeable ? "merge" : keepsChange ? "keep_change" : "pull_request", false) };
  }
  if (keepsChange) return local === null ? takeRemote("keep_change") : takeLocal("keep_change");
  if (mergeable) {
    const onBranch = merged.oid === remote?.oid && merged.mode === remote.mode;
    return {
      ...kept,
      ...defined({ write: onBranch ? undefined : { ...merged, merged: true } }),
      keepContent: merged.oid !== local?.oid,
      conflict: conflict("merge", true),
    };
  }
  if (strategy === "pull_request") return takeLocal("pull_request");
  return { ...kept, conflict: conflict("pull_request", false) };
}

function localWrite(local: LocalVersion | null): (MergedFile & { readonly merged: boolean }) | null {
  return local === null ? null : { mode: local.mode, oid: local.oid, size: local.size, merged: false };
}

function baseOf({ mode, oid, versionTag }: LocalVersion): BaselineEntry {
  return { mode, oid, versionTag };
}
