import { applyBaselineChange, type Baseline, type BaselineEntry, patchMap } from "../../domain/baseline.js";
import type { SyncDirection } from "../../domain/sync-record.js";
import type { LocalProject } from "../project/local-project.js";
import type { LandedCommit } from "../record/attempts.js";
import { sameVersion } from "./compare.js";
import type { PreparedSync } from "./prepare-sync.js";
import { isDirectoryGone, type RemoteBranch } from "./remote-branch.js";

/** The baseline that a sync began from, and both sides as it read them. */
export interface ReadSides {
  readonly baseline: Baseline;
  readonly local: Pick<LocalProject, "listing" | "only">;
  readonly remote: RemoteBranch;
}

const REMOTE_ENTRIES_KEPT = 100_000;

/** Returns the baseline after a sync with nothing to write; the same object when nothing has to be saved. */
export function baselineAfterNoop(sides: ReadSides, prepared: PreparedSync, now: number): Baseline {
  const { baseline, remote } = sides;
  const { change } = prepared;
  const { head, rootTree } = remote.view;
  const next: Baseline = {
    ...withCheckedHistory(sides, prepared),
    head,
    rootTree: head === null ? null : rootTree,
    etag: remote.etag ?? (head === baseline.head ? baseline.etag : null),
    remote: head === null ? null : capped(remote.entries),
    ignoreFiles: ignoreFilesAfter(sides),
    savedAt: now,
  };
  const isNew =
    change.entries.size > 0 ||
    prepared.historyChange === "rewritten" ||
    next.checkedHead !== baseline.checkedHead ||
    next.head !== baseline.head ||
    next.rootTree !== baseline.rootTree ||
    next.etag !== baseline.etag ||
    (next.remote === null) !== (baseline.remote === null) ||
    next.ignoreFiles !== baseline.ignoreFiles;
  return isNew ? next : baseline;
}

/** Returns the baseline after a commit on the target's branch. */
export function baselineAfterCommit(
  sides: ReadSides,
  prepared: PreparedSync,
  { commitId, rootTree }: LandedCommit,
  now: number,
): Baseline {
  const { remote } = sides;
  const { change } = prepared;
  return {
    ...withCheckedHistory(sides, prepared),
    head: commitId,
    previousHead: remote.view.head,
    rootTree,
    etag: null,
    remote: capped(patchMap(remote.entries, change.writes)),
    ignoreFiles: ignoreFilesAfter(sides),
    savedAt: now,
  };
}

/** Applies the change of the entries, and keeps what is known of the branch's history. */
function withCheckedHistory({ baseline, remote }: ReadSides, { change, historyChange }: PreparedSync): Baseline {
  const { checkedHead, ...rest } = baseline;
  const changed = { ...rest, ...applyBaselineChange(baseline, change) };
  if (historyChange === "grown") return changed;
  if (historyChange === "rewritten") return { ...changed, entries: unpublishedUnlessOn(remote, changed.entries) };
  if (baseline.head === null || remote.view.head === baseline.head) {
    return checkedHead === undefined ? changed : { ...changed, checkedHead };
  }
  // Only one head is remembered: bases of an earlier one that the branch does not have now count as unpublished.
  const entries = checkedHead === undefined ? changed.entries : unpublishedUnlessOn(remote, changed.entries);
  return { ...changed, entries, checkedHead: baseline.head };
}

/** Marks the bases that the branch does not have: a rewritten history may not contain them either. */
function unpublishedUnlessOn({ entries }: RemoteBranch, bases: Baseline["entries"]): Baseline["entries"] {
  const there = new Set(Array.from(entries.values(), ({ oid }) => oid));
  return new Map(
    Array.from(bases, ([path, base]) => [path, there.has(base.oid) ? base : { ...base, unpublished: true as const }]),
  );
}

/**
 * Returns the baseline to plan from. When the branch no longer exists, drops the entries that the commit at which it would
 * be created again does not contain, so that the project's files are written again. They are not "deleted on the branch", nor
 * "changed on the branch" where that commit has an older version. A two-way sync does the same for a directory that is gone.
 */
export function baselineForPlan(
  baseline: Baseline,
  remote: RemoteBranch,
  { direction, directory }: { readonly direction: SyncDirection; readonly directory: string },
): Baseline {
  const { view, entries, isLost } = remote;
  if (view.head !== null && !(direction === "two_way" && isDirectoryGone(remote, directory))) return baseline;
  const isThere = ([path, entry]: readonly [string, BaselineEntry]): boolean => {
    const remote = entries.get(path);
    return remote !== undefined && (!isLost || sameVersion(entry, remote));
  };
  const kept = [...baseline.entries].filter(isThere);
  return kept.length === baseline.entries.size ? baseline : { ...baseline, entries: new Map(kept) };
}

function ignoreFilesAfter({ baseline, local }: ReadSides): Baseline["ignoreFiles"] {
  const read = local.listing.ignoreFiles;
  if (local.only !== null) return read.size === 0 ? baseline.ignoreFiles : new Map([...baseline.ignoreFiles, ...read]);
  const same =
    read.size === baseline.ignoreFiles.size &&
    [...read].every(([path, file]) => baseline.ignoreFiles.get(path)?.versionTag === file.versionTag);
  return same ? baseline.ignoreFiles : read;
}

function capped(entries: RemoteBranch["entries"]): RemoteBranch["entries"] | null {
  return entries.size > REMOTE_ENTRIES_KEPT ? null : entries;
}
