import type { Baseline } from "../../domain/baseline.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { pathNote } from "../plan/path-note.js";
import { type SyncPlan, unresolvedConflicts } from "../plan/plan.js";
import type { LocalProject } from "../project/local-project.js";

/** The sides that a plan was made from. */
export interface PlannedSides {
  readonly baseline: Pick<Baseline, "entries">;
  readonly local: Pick<LocalProject, "files">;
}

/** Returns the change of a completed record that describes its plan. */
export function summaryOf(
  { options, notes }: Pick<SyncRecord, "options" | "notes">,
  { baseline, local }: PlannedSides,
  plan: SyncPlan,
): SyncRecordChange {
  const { filePaths, deletePaths } = options;
  const pulled = new Set(plan.projectChanges.map(({ path }) => path));
  const isKnown = (path: string): boolean =>
    local.files.has(path) ||
    baseline.entries.has(path) ||
    deletePaths.includes(path) ||
    plan.ignored.includes(path) ||
    pulled.has(path);
  const unknown = filePaths?.filter((path) => !isKnown(path)) ?? [];
  const open = unresolvedConflicts(plan).map(({ path }) => path);
  const more = [
    ...pathNote("Neither in the project nor written by an earlier sync", unknown),
    ...pathNote("Written without the filter that .gitattributes assigns (such as Git LFS)", plan.filtered),
    ...pathNote("Left in conflict on both sides", open),
    ...pathNote(
      "On the branch, but not supported in the project",
      plan.unsupported.map(({ path }) => path),
    ),
  ];
  return {
    error: null,
    conflicts: plan.conflicts,
    conflictsResolved: plan.conflicts.length - open.length,
    notes: [...notes, ...more],
  };
}
