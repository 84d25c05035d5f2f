import type { Baseline } from "../../domain/baseline.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { pathNote } from "../plan/path-note.js";
import { unresolvedConflicts } from "../plan/plan.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { LocalProject } from "../project/local-project.js";
import { outdatedNote } from "./used-resolutions.js";

/** A planned sync. */
export interface PlannedSync {
  readonly record: SyncRecord;
  readonly baseline: Baseline;
  readonly local: LocalProject;
  readonly prepared: PreparedSync;
  /** True when the changes go to a pull request. */
  readonly proposes: boolean;
}

/** Returns the change of a completed record that describes its plan. */
export function summaryOf({ record, baseline, local, prepared, proposes }: PlannedSync): SyncRecordChange {
  const { plan } = prepared;
  const { filePaths, deletePaths, strategy, reverts } = record.options;
  const pulled = new Set(plan.projectChanges.map(({ path }) => path));
  const isKnown = (path: string): boolean =>
    [local.files, baseline.entries, pulled].some((paths) => paths.has(path)) ||
    [deletePaths, plan.ignored].some((paths) => paths.includes(path));
  const unknown = filePaths?.filter((path) => !isKnown(path)) ?? [];
  const isProtected = proposes && strategy !== "pull_request";
  const open = unresolvedConflicts(plan).map(({ path }) => path);
  const unsupported = plan.unsupported.map(({ path }) => path);
  return {
    error: null,
    conflicts: plan.conflicts,
    conflictsResolved: plan.conflicts.length - open.length,
    notes: [
      ...record.notes,
      ...pathNote("Neither in the project nor written by an earlier sync", unknown),
      ...pathNote("Written without the filter that .gitattributes assigns (such as Git LFS)", plan.filtered),
      ...pathNote("Left in conflict on both sides", open),
      ...outdatedNote(prepared),
      ...(reverts !== undefined && plan.changes.length === 0
        ? [`The branch has none of the changes of sync ${reverts.syncId} any more.`]
        : []),
      ...pathNote("On the branch, but not supported in the project", unsupported),
      ...(isProtected ? ["The branch is protected, so the changes are proposed in a pull request."] : []),
    ],
  };
}
