import { defined } from "../../defined.js";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { ConflictResolution, ConflictStrategy, SyncConflict } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import { type Comparison, compareVersions, type LocalVersion, type PathVersions, sameVersion } from "./compare.js";

/** A clean three-way merge. */
export interface MergedFile {
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
}

/** The decision about one path. */
export interface Resolution {
  readonly path: string;
  /** The version to write to the branch; `null` deletes the path, absent keeps the branch's version. */
  readonly write?: (MergedFile & { readonly merged: boolean }) | null;
  /** The path's base after the commit; `null` for none, `undefined` keeps the stored one. */
  readonly base: BaselineEntry | null | undefined;
  /** The base's content is not on the branch and must be kept for later merges. */
  readonly keepContent: boolean;
  readonly conflict: SyncConflict | null;
  /** The branch's change, when only the branch changed and the sync leaves the project as it is. */
  readonly remoteChange: "updated" | "deleted" | null;
  /** The change of the project; absent leaves the project's file as it is. */
  readonly incoming?: IncomingChange;
  /** The reason why the project cannot hold the branch's version. Absent or `null` when it can. */
  readonly unsupported?: string | null;
}

/** The change of one path in the project. */
export interface IncomingChange {
  /** The version that the project gets; `null` removes the file. */
  readonly after: MergedFile | null;
  readonly merged: boolean;
  /** Keeps the replaced version aside, because the branch's history may not contain it. */
  readonly keep: boolean;
  /** The path's base once `after` is in the project. Its version tag is that of the written file. */
  readonly base: BaselineEntry | null;
}

/** The inputs for resolving one conflict. */
export interface ConflictContext {
  /** Called for conflicts only: matching a path against many patterns takes time. */
  readonly strategyFor: (path: string) => ConflictStrategy;
  /** The caller requested the path's content or absence, even where another user changed it on the branch. */
  readonly isExplicit: boolean;
  /** The clean merge of the three versions; `null` when they do not merge cleanly. */
  readonly merged: MergedFile | null;
  /** The file that a person gave to resolve the conflict; `null` for none. */
  readonly given: MergedFile | null;
  /** The size of the branch's blob in bytes; `null` when it was not read. */
  readonly remoteSize: number | null;
  /** True when a version was read and is not text that can be merged. */
  readonly isBinary: boolean;
}

/** Resolves one path; returns `null` for a file of the branch that the project never had. Pure. */
export function resolvePath(path: string, versions: PathVersions, context: ConflictContext): Resolution | null {
  const comparison = compareVersions(versions);
  const { local } = versions;
  // The base always becomes the project's own version, so that the next sync sees the file as not changed locally.
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
      return {
        ...keptUnpublished(kept, versions.base),
        remoteChange: versions.remote === null ? "deleted" : "updated",
      };
    case "write":
      return { ...kept, write: localWrite(local) };
    case "conflict":
      return resolveConflict(kept, versions, comparison, context);
  }
}

/** Deleting a file that another user added is a conflict. */
const FOREIGN_DELETION = { kind: "conflict", reason: "deleted_locally_changed_remotely" } as const;
// An explicit content that equals the base is still a change when the branch has another version.
const CHANGED = { kind: "conflict", reason: "changed_on_both_sides" } as const;
const DELETED = { kind: "conflict", reason: "changed_locally_deleted_remotely" } as const;

function resolveConflict(
  kept: Resolution,
  versions: PathVersions,
  { reason }: Extract<Comparison, { kind: "conflict" }>,
  context: ConflictContext,
): Resolution {
  const { base, local, remote } = versions;
  const { merged } = context;
  const strategy = context.strategyFor(kept.path);
  const conflict = (resolution: ConflictResolution, resolved: boolean): SyncConflict =>
    describeConflict(kept.path, versions, context, { reason, resolved, resolution });
  const takeLocal = (resolution: ConflictResolution): Resolution => ({
    ...kept,
    write: localWrite(local),
    conflict: conflict(resolution, true),
  });
  const takeRemote = (resolution: ConflictResolution): Resolution => ({
    ...kept,
    base: kept.base && { ...kept.base, unpublished: true },
    keepContent: local !== null,
    conflict: conflict(resolution, true),
  });

  if (context.given !== null) return takeGiven(kept, versions, context.given, conflict("content", true));
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
      ...keptUnpublished(kept, base),
      ...defined({ write: onBranch ? undefined : { ...merged, merged: true } }),
      keepContent: merged.oid !== local?.oid,
      conflict: conflict("merge", true),
    };
  }
  if (strategy === "pull_request") return takeLocal("pull_request");
  return { ...kept, conflict: conflict("pull_request", false) };
}

/** Writes a file that a person gave. The branch gets neither side's version, so the project's stays unpublished. */
function takeGiven(
  kept: Resolution,
  { local, remote }: PathVersions,
  given: MergedFile,
  conflict: SyncConflict,
): Resolution {
  const inProject = sameVersion(given, local);
  return {
    ...kept,
    ...defined({ write: sameVersion(given, remote) ? undefined : { ...given, merged: false } }),
    base: kept.base && !inProject ? { ...kept.base, unpublished: true } : kept.base,
    keepContent: local !== null && !inProject,
    conflict,
  };
}

/** Keeps the mark of a base that the branch never received. */
function keptUnpublished(kept: Resolution, base: BaselineEntry | null): Resolution {
  return base?.unpublished && kept.base ? { ...kept, base: { ...kept.base, unpublished: true } } : kept;
}

/** Describes a conflict with the versions of the path on all sides. */
export function describeConflict(
  path: string,
  { base, local, remote }: PathVersions,
  { remoteSize, isBinary }: Pick<ConflictContext, "remoteSize" | "isBinary">,
  outcome: Pick<SyncConflict, "reason" | "resolved" | "resolution">,
): SyncConflict {
  const oids = { remoteOid: remote?.oid ?? null, localOid: local?.oid ?? null, baseOid: base?.oid ?? null };
  return { path, ...outcome, ...oids, remoteSize, isBinary };
}

/** Returns the write that gives the branch the project's version. */
export function localWrite(local: LocalVersion | null): (MergedFile & { readonly merged: boolean }) | null {
  return local === null ? null : { mode: local.mode, oid: local.oid, size: local.size, merged: false };
}

/** Returns the project's version as a base. */
export function baseOf({ mode, oid, versionTag }: LocalVersion): BaselineEntry {
  return { mode, oid, versionTag };
}
