import type { BaselineChange, BaselineEntry } from "../../domain/baseline.js";
import type { SyncConflict } from "../../domain/conflict.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import { withoutBlockedWrites } from "./blocked-writes.js";
import type { ComparedProject } from "./compare.js";
import { type PlannedChange, planHash, type RemoteChange, type SyncPlan, type UnsupportedPath } from "./plan.js";
import { type IncomingChange, type MergedFile, type Resolution, resolvePath } from "./resolve-conflict.js";
import { resolveIncoming } from "./resolve-incoming.js";

/** The result of trying to merge a conflicting path. */
export interface MergeOutcome {
  readonly merged: MergedFile | null;
  readonly remoteSize: number | null;
  /** True when a version was read and is not text that can be merged. */
  readonly isBinary: boolean;
}

/** A plan with the baseline change that applies after it was written. */
export interface PreparedPlan {
  readonly plan: SyncPlan;
  /** Base entries after the sync. The caller adds their contents. */
  readonly change: Pick<BaselineChange, "entries" | "writes">;
  /** Paths by blob ID of local contents that later merges need and that the branch will not hold. */
  readonly keepContents: ReadonlyMap<ObjectId, string>;
  /** The changes of the project, to be made after the commit. Sorted by path. */
  readonly incoming: ReadonlyMap<string, IncomingChange>;
}

/**
 * Resolves every path and assembles the plan. Pure.
 *
 * @param given the files that people gave to resolve conflicts, by path
 */
export function makePlan(
  compared: ComparedProject,
  merges: ReadonlyMap<string, MergeOutcome>,
  given: ReadonlyMap<string, MergedFile> = new Map(),
): PreparedPlan {
  const { input, versions } = compared;
  const resolutions: Resolution[] = [];
  for (const [path, sides] of versions) {
    const outcome = merges.get(path) ?? { merged: null, remoteSize: null, isBinary: false };
    const isExplicit = input.explicitPaths.has(path);
    const context = { strategyFor: input.strategyFor, isExplicit, given: given.get(path) ?? null, ...outcome };
    const resolution =
      input.incoming === null
        ? resolvePath(path, sides, context)
        : resolveIncoming(path, sides, context, input.incoming);
    if (resolution !== null) resolutions.push(resolution);
  }
  return assemble(compared, withoutBlockedWrites(resolutions, compared));
}

function assemble(
  { input, versions, ignoredInRepository, ignoredEntries }: ComparedProject,
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
  const projectChanges: PlannedChange[] = [];
  const incoming = new Map<string, IncomingChange>();
  const unsupported: UnsupportedPath[] = [];
  for (const resolution of resolutions) {
    const { path, write, base, conflict, remoteChange, keepContent } = resolution;
    if (write !== undefined) {
      changes.push(plannedChange(path, write, input.remote.has(path)));
      writes.set(path, write === null ? null : { mode: write.mode, oid: write.oid });
    }
    if (conflict !== null) conflicts.push(conflict);
    if (remoteChange !== null) remoteChanges.push({ path, change: remoteChange });
    if (resolution.incoming !== undefined) {
      const { after, merged } = resolution.incoming;
      projectChanges.push(plannedChange(path, after && { ...after, merged }, versions.get(path)?.local != null));
      incoming.set(path, resolution.incoming);
    }
    if (resolution.unsupported) unsupported.push({ path, reason: resolution.unsupported });
    if (keepContent && base) keepContents.set(base.oid, path);
    // The base of a conflict that is left open stays, so that the next sync finds the conflict again.
    if (base === undefined || conflict?.resolved === false) continue;
    if (!sameEntry(input.baseline.entries.get(path) ?? null, base)) entries.set(path, base);
  }
  const plan: Omit<SyncPlan, "hash" | "writer" | "filtered" | "secrets"> = {
    target: input.target,
    repository: input.repository,
    head: input.head,
    direction: input.incoming?.direction ?? "push",
    strategy: input.strategy,
    onConflict: input.onConflict,
    changes,
    projectChanges,
    unsupported,
    conflicts,
    remoteChanges,
    ignored: input.ignored,
    ignoredInRepository,
  };
  return {
    plan: { ...plan, filtered: [], secrets: [], writer: null, hash: planHash(plan) },
    change: { entries, writes },
    keepContents,
    incoming,
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
