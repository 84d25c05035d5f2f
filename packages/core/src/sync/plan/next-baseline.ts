import { applyBaselineChange, type Baseline, type BaselineEntry, patchMap } from "../../domain/baseline.js";
import type { LocalProject } from "../project/local-project.js";
import type { LandedCommit } from "../record/attempts.js";
import { sameVersion } from "./compare.js";
import type { PreparedSync } from "./prepare-sync.js";
import type { RemoteBranch } from "./remote-branch.js";

/** The baseline that a sync began from, and both sides as it read them. */
export interface ReadSides {
  readonly baseline: Baseline;
  readonly local: Pick<LocalProject, "listing" | "only">;
  readonly remote: RemoteBranch;
}

const REMOTE_ENTRIES_KEPT = 100_000;

/** Returns the baseline after a sync with nothing to write; the same object when nothing has to be saved. */
export function baselineAfterNoop(sides: ReadSides, { change }: PreparedSync, now: number): Baseline {
  const { baseline, remote } = sides;
  const { head, rootTree } = remote.view;
  const next: Baseline = {
    ...baseline,
    ...applyBaselineChange(baseline, change),
    head,
    rootTree: head === null ? null : rootTree,
    etag: remote.etag ?? (head === baseline.head ? baseline.etag : null),
    remote: head === null ? null : capped(remote.entries),
    ignoreFiles: ignoreFilesAfter(sides),
    savedAt: now,
  };
  const isNew =
    change.entries.size > 0 ||
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
  { change }: PreparedSync,
  { commitId, rootTree }: LandedCommit,
  now: number,
): Baseline {
  const { baseline, remote } = sides;
  return {
    ...baseline,
    ...applyBaselineChange(baseline, change),
    head: commitId,
    previousHead: remote.view.head,
    rootTree,
    etag: null,
    remote: capped(patchMap(remote.entries, change.writes)),
    ignoreFiles: ignoreFilesAfter(sides),
    savedAt: now,
  };
}

/**
 * Returns the baseline to plan from. When the branch no longer exists, drops the entries that the commit at which it would
 * be created again does not contain, so that the project's files are written again. They are not "deleted on the branch", nor
 * "changed on the branch" where that commit has an older version.
 */
export function baselineForPlan(baseline: Baseline, { view, entries, isLost }: RemoteBranch): Baseline {
  if (view.head !== null) return baseline;
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
