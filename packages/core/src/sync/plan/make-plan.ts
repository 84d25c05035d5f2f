import type { Baseline, BaselineChange, BaselineEntry } from "../../domain/baseline.js";
import { patchMap } from "../../domain/baseline.js";
import type { ConflictStrategy, SyncConflict } from "../../domain/conflict.js";
import type { ObjectId, RemoteEntry, SyncTarget } from "../../domain/repository.js";
import type { LocalFile } from "../project/read-project.js";
import { compareVersions, type PathVersions, pathVersions } from "./compare.js";
import { type PlannedChange, planHash, type RemoteChange, type SyncPlan } from "./plan.js";
import { type MergedFile, type Resolution, resolvePath } from "./resolve-conflict.js";

/** Everything a plan is made from. Paths are relative to the project. */
export interface PlanInput {
  readonly target: SyncTarget;
  /** `owner/name`. */
  readonly repository: string;
  readonly head: ObjectId | null;
  readonly baseline: Pick<Baseline, "entries">;
  readonly local: ReadonlyMap<string, LocalFile>;
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  /** What the listing of the project left out. */
  readonly ignored: readonly string[];
  /** The paths without a file, of those that the baseline has or that are meant, that stay on the branch: the project's rules leave them out. */
  readonly leftOut: ReadonlySet<string>;
  /** Only these paths are looked at; `null`: all. */
  readonly only: ReadonlySet<string> | null;
  /** Paths whose content, or absence, is meant whatever the branch has and whoever put it there. */
  readonly explicitPaths: ReadonlySet<string>;
  readonly strategy: ConflictStrategy;
  readonly strategyFor: (path: string) => ConflictStrategy;
}

/** The three versions of every path that the project has or had. */
export interface ComparedProject {
  readonly input: PlanInput;
  /** Sorted by path. */
  readonly versions: ReadonlyMap<string, PathVersions>;
  readonly ignoredInRepository: readonly string[];
}

/** What merging found out about a conflicting path. */
export interface MergeOutcome {
  readonly merged: MergedFile | null;
  readonly remoteSize: number | null;
}

/** A plan with what it means for the baseline. */
export interface PreparedPlan {
  readonly plan: SyncPlan;
  /** Base entries after the sync; contents are added by who has the bytes. */
  readonly change: Pick<BaselineChange, "entries" | "writes">;
  /** Local contents that the branch will not hold and that later merges need: their paths by blob id. */
  readonly keepContents: ReadonlyMap<ObjectId, string>;
}

/** Lays the three sides of every path beside each other. Pure. */
export function compareProject(input: PlanInput): ComparedProject {
  const versions = new Map<string, PathVersions>();
  const ignoredInRepository: string[] = [];
  const paths = new Set([...input.baseline.entries.keys(), ...input.local.keys(), ...input.explicitPaths]);
  for (const path of [...paths].sort()) {
    if (input.only !== null && !input.only.has(path)) continue;
    const base = input.baseline.entries.get(path) ?? null;
    const file = input.local.get(path) ?? null;
    const remote = input.remote.get(path) ?? null;
    if (file === null && input.leftOut.has(path)) {
      if (remote !== null) ignoredInRepository.push(path);
      continue;
    }
    versions.set(path, pathVersions(base, file, remote));
  }
  return { input, versions, ignoredInRepository };
}

/** The paths whose text has to be merged, or at least tried, before a plan can be made. */
export function mergeCandidates({ input, versions }: ComparedProject): ReadonlyMap<string, PathVersions> {
  const candidates = [...versions].filter(([path, sides]) => {
    const comparison = compareVersions(sides);
    if (comparison.kind !== "conflict" || comparison.reason !== "changed_on_both_sides") return false;
    const strategy = input.strategyFor(path);
    return strategy !== "ours" && strategy !== "theirs";
  });
  return new Map(candidates);
}

/** Decides every path and puts the decisions together. Pure. */
export function makePlan(compared: ComparedProject, merges: ReadonlyMap<string, MergeOutcome>): PreparedPlan {
  const { input, versions } = compared;
  const resolutions: Resolution[] = [];
  for (const [path, sides] of versions) {
    const outcome = merges.get(path) ?? { merged: null, remoteSize: null };
    const context = { strategy: input.strategyFor(path), isExplicit: input.explicitPaths.has(path), ...outcome };
    const resolution = resolvePath(path, sides, context);
    if (resolution !== null) resolutions.push(resolution);
  }
  return assemble(compared, withoutBlockedWrites(resolutions, input));
}

/**
 * Turns a write that has no room on the branch into a conflict: git cannot hold a file and a directory of one name, and what
 * stands there is not the project's to remove.
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
  for (const path of after.keys()) for (const parent of parents(path)) directories.add(parent);

  return resolutions.map((resolution) => {
    const { path, write } = resolution;
    if (write === undefined || write === null) return resolution;
    const reason = directories.has(path)
      ? "path_is_a_directory_in_the_repository"
      : parents(path).some((parent) => after.has(parent))
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
    return { ...kept, keepContent: resolved, conflict };
  });
}

function assemble({ input, ignoredInRepository }: ComparedProject, resolutions: readonly Resolution[]): PreparedPlan {
  const changes: PlannedChange[] = [];
  const conflicts: SyncConflict[] = [];
  const remoteChanges: RemoteChange[] = [];
  const entries = new Map<string, BaselineEntry | null>();
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
  return { plan: { ...plan, writer: null, hash: planHash(plan) }, change: { entries, writes }, keepContents };
}

function plannedChange(path: string, write: Exclude<Resolution["write"], undefined>, exists: boolean): PlannedChange {
  if (write === null) return { path, action: "delete", mode: null, oid: null, size: 0, merged: false };
  return { path, action: exists ? "update" : "add", ...write };
}

function sameEntry(left: BaselineEntry | null, right: BaselineEntry | null): boolean {
  if (left === null || right === null) return left === right;
  return left.oid === right.oid && left.mode === right.mode && left.versionTag === right.versionTag;
}

function parents(path: string): string[] {
  const result: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    result.push(path.slice(0, slash));
  }
  return result;
}
