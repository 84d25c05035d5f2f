import {
  applyBaselineChange,
  type Baseline,
  type BaselineEntry,
  type JournaledChange,
  type ProjectJournal,
} from "../../domain/baseline.js";
import type { RemoteEntry } from "../../domain/repository.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import type { LocalFile } from "../project/read-project.js";
import { sameVersion } from "./compare.js";
import type { IncomingChange } from "./resolve-conflict.js";

/** The project's files, or those of some paths. */
interface ListedFiles {
  readonly files: LocalFiles;
  /** The paths that were listed; `null` for all. */
  readonly only: ReadonlySet<string> | null;
}

type LocalFiles = ReadonlyMap<string, LocalFile>;

/** Returns the journal of planned changes of the project; `undefined` when there are none. */
export function journalOf(
  incoming: ReadonlyMap<string, IncomingChange>,
  local: LocalFiles,
  { syncId, operation }: Pick<ProjectJournal, "syncId" | "operation">,
): ProjectJournal | undefined {
  if (incoming.size === 0) return undefined;
  const changes = new Map<string, JournaledChange>();
  for (const [path, { after, base, keep }] of incoming) {
    const file = local.get(path) ?? null;
    const before = file && { mode: file.mode ?? after?.mode ?? "100644", oid: file.oid };
    changes.set(path, { before, after: bare(after), base: bare(base), keep });
  }
  return { syncId, operation, changes };
}

/**
 * Ends a journal by what is in the project: a path that has its new version gets that version as its base. Every other path
 * keeps its older base, so that the next plan compares it again.
 */
export function settleJournal(baseline: Baseline, { files, only }: ListedFiles): Baseline {
  const { journal, ...settled } = baseline;
  if (journal === undefined) return baseline;
  const confirmed = new Map<string, BaselineEntry | null>();
  for (const [path, change] of journal.changes) {
    // Of a path that was not listed nothing is known.
    if (only !== null && !only.has(path)) continue;
    const file = files.get(path) ?? null;
    if (isAt(file, change.after)) confirmed.set(path, confirmedBase(change, file?.versionTag ?? null));
  }
  return withConfirmed(settled, confirmed);
}

/** Returns the changes of a journal whose new version is in the project. */
export function settledChanges({ changes }: ProjectJournal, local: LocalFiles): readonly JournaledChange[] {
  return [...changes].flatMap(([path, change]) => (isAt(local.get(path) ?? null, change.after) ? change : []));
}

/** Returns the changes of a journal that are still to be made: those whose path has the version before. */
export function remainingChanges({ changes }: ProjectJournal, local: LocalFiles): ProjectJournal["changes"] {
  return new Map(
    [...changes].filter(([path, { before, after }]) => {
      const file = local.get(path) ?? null;
      return isAt(file, before) && !isAt(file, after);
    }),
  );
}

/** Returns the baseline after changes of the project that were confirmed. */
export function withConfirmed(baseline: Baseline, confirmed: ReadonlyMap<string, BaselineEntry | null>): Baseline {
  const change = { entries: confirmed, writes: new Map(), contents: new Map() };
  return confirmed.size === 0 ? baseline : { ...baseline, ...applyBaselineChange(baseline, change) };
}

/**
 * Returns the base of a path whose new version is in the project.
 *
 * @param versionTag the tag of that version
 */
export function confirmedBase({ after, base }: JournaledChange, versionTag: string | null): BaselineEntry | null {
  const mode = base === null ? null : normalizeMode(base.mode);
  if (base === null || mode === null || !isFileMode(mode)) return null;
  // After a merge that only the project has, the base is the branch's version, which no tag of the project stands for.
  return { mode, oid: base.oid, versionTag: base.oid === after?.oid ? versionTag : null };
}

function isAt(file: LocalFile | null, version: RemoteEntry | null): boolean {
  if (file === null || version === null) return file === version;
  return sameVersion({ mode: file.mode ?? version.mode, oid: file.oid }, version);
}

function bare(version: RemoteEntry | null): RemoteEntry | null {
  return version && { mode: version.mode, oid: version.oid };
}
