import { type BaselineChange, type BaselineEntry, patchMap } from "../../domain/baseline.js";
import type { SyncConflict } from "../../domain/conflict.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import type { ComparedProject, PlanInput } from "./compare.js";
import { type PlannedChange, planHash, type RemoteChange, type SyncPlan } from "./plan.js";
import { type MergedFile, type Resolution, resolvePath } from "./resolve-conflict.js";

/** The result of trying to merge a conflicting path. */
export interface MergeOutcome {
  readonly merged: MergedFile | null;
  readonly remoteSize: number | null;
}

/** A plan with the baseline change that applies after it was written. */
export interface PreparedPlan {
  readonly plan: SyncPlan;
  /** Base entries after the sync. The caller adds their contents. */
  readonly change: Pick<BaselineChange, "entries" | "writes">;
  /** Paths by blob ID of local contents that later merges need and that the branch will not hold. */
  readonly keepContents: ReadonlyMap<ObjectId, string>;
}

/** Resolves every path and assembles the plan. Pure. */
export function makePlan(compared: ComparedProject, merges: ReadonlyMap<string, MergeOutcome>): PreparedPlan {
  const { input, versions } = compared;
  const resolutions: Resolution[] = [];
  for (const [path, sides] of versions) {
    const outcome = merges.get(path) ?? { merged: null, remoteSize: null };
    const context = { strategyFor: input.strategyFor, isExplicit: input.explicitPaths.has(path), ...outcome };
    const resolution = resolvePath(path, sides, context);
    if (resolution !== null) resolutions.push(resolution);
  }
  return assemble(compared, withoutBlockedWrites(resolutions, input));
}

/**
 * Turns a write into a conflict when a file and a directory would have the same name, which git does not allow. The entry on
 * the branch does not belong to the project and is not removed.
 */
function withoutBlockedWrites(
  resolutions: readonly Resolution[],
  { remote, strategyFor }: PlanInput,
): readonly Resolution[] {
  const patch = new Map(
    resolutions.flatMap(({ path, write }) => (write === undefined ? [] : [[path, write] as const])),
  );
  const after = patchMap<{ readonly mode: string; readonly oid: ObjectId }>(remote, patch);
  const directories = new Set<string>();
  for (const path of after.keys()) for (const parent of parentsOf(path)) directories.add(parent);

  return resolutions.map((resolution) => {
    const { path, write } = resolution;
    if (write === undefined || write === null) return resolution;
    const reason = directories.has(path)
      ? "path_is_a_directory_in_the_repository"
      : parentsOf(path).some((parent) => after.has(parent))
        ? "parent_is_a_file_in_the_repository"
        : null;
    if (reason === null) return resolution;
    const { write: _blocked, ...kept } = resolution;
    const resolved = strategyFor(path) === "theirs";
    const conflict: SyncConflict = {
      path,
      reason,
      resolved,
      resolution: "theirs",
      remoteOid: remote.get(path)?.oid ?? null,
      remoteSize: null,
    };
    return { ...kept, base: kept.base && { ...kept.base, unpublished: true }, keepContent: resolved, conflict };
  });
}

function assemble(
  { input, ignoredInRepository, ignoredEntries }: ComparedProject,
  resolutions: readonly Resolution[],
): PreparedPlan {
  const changes: PlannedChange[] = [];
  const conflicts: SyncConflict[] = [];
  const remoteChanges: RemoteChange[] = [];
  const entries = new Map<string, BaselineEntry | null>();
  for (const [path, entry] of ignoredEntries) {
    if (!sameEntry(input.baseline.entries.get(path) ?? null, entry)) entries.set(path, entry);
  }
  const writes = new Map<string, RemoteEntry | null>();
  const keepContents = new Map<ObjectId, string>();
  for (const { path, write, base, conflict, remoteChange, keepContent } of resolutions) {
    if (write !== undefined) {
      changes.push(plannedChange(path, write, input.remote.has(path)));
      writes.set(path, write === null ? null : { mode: write.mode, oid: write.oid });
    }
    if (conflict !== null) conflicts.push(conflict);
    if (remoteChange !== null) remoteChanges.push({ path, change: remoteChange });
    if (keepContent && base !== null) keepContents.set(base.oid, path);
    if (!sameEntry(input.baseline.entries.get(path) ?? null, base)) entries.set(path, base);
  }
  const plan = {
    target: input.target,
    repository: input.repository,
    head: input.head,
    strategy: input.strategy,
    changes,
    conflicts,
    remoteChanges,
    ignored: input.ignored,
    ignoredInRepository,
  };
  return {
    plan: { ...plan, filtered: [], writer: null, hash: planHash(plan) },
    change: { entries, writes },
    keepContents,
  };
}

function plannedChange(path: string, write: Exclude<Resolution["write"], undefined>, exists: boolean): PlannedChange {
  if (write === null) return { path, action: "delete", mode: null, oid: null, size: 0, merged: false };
  return { path, action: exists ? "update" : "add", ...write };
}

function sameEntry(left: BaselineEntry | null, right: BaselineEntry | null): boolean {
  if (left === null || right === null) return left === right;
  return (
    left.oid === right.oid &&
    left.mode === right.mode &&
    left.versionTag === right.versionTag &&
    left.unpublished === right.unpublished &&
    left.ignored === right.ignored
  );
}

function parentsOf(path: string): string[] {
  const result: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    result.push(path.slice(0, slash));
  }
  return result;
}
