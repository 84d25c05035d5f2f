import type { Baseline, BaselineChange } from "../../domain/baseline.js";
import type { ObjectId, SyncTarget } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { isMergeable } from "../../git/merge.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readBlobSizes } from "../../repository/blob-sizes.js";
import { readBlob } from "../../repository/branch-reader.js";
import { yieldingToEventLoop } from "../../timing/yield-to-event-loop.js";
import type { LocalProject } from "../project/local-project.js";
import { strategyByPath } from "../project/path-strategies.js";
import { guardPlan } from "./guard-plan.js";
import { compareProject, makePlan, mergeCandidates, type PreparedPlan } from "./make-plan.js";
import { mergeConflicts } from "./merge-conflicts.js";
import type { SyncPlan } from "./plan.js";
import type { RemoteBranch } from "./remote-branch.js";

/** The two sides of a sync and what it was asked for. */
export interface SyncSides {
  readonly client: GitHubClient;
  readonly target: SyncTarget;
  readonly options: SyncOptions;
  readonly baseline: Baseline;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  readonly signal: AbortSignal;
}

/** A plan that may be carried out, with the baseline change that holds once it has been. */
export interface PreparedSync {
  readonly plan: SyncPlan;
  readonly change: BaselineChange;
}

/** Makes the plan of a sync: compares, merges what conflicts, decides, and refuses what must not be written. */
export async function prepareSync(sides: SyncSides): Promise<PreparedSync> {
  const { target, options, baseline, local, remote } = sides;
  const explicit = explicitPaths(target, options);
  const compared = compareProject({
    target,
    repository: remote.view.repository.fullName,
    head: remote.view.head,
    baseline,
    local: local.files,
    remote: remote.entries,
    ignored: local.listing.ignored,
    leftOut: options.deleteIgnored
      ? NO_PATHS
      : await leftOutPaths(new Set([...baseline.entries.keys(), ...explicit]), sides),
    only: local.only,
    explicitPaths: explicit,
    strategy: options.strategy,
    strategyFor: strategyByPath(options),
  });
  const merges = await mergeConflicts(mergeCandidates(compared), contentsOf(sides), sides.signal);
  const prepared = makePlan(compared, merges);
  guardPlan(prepared.plan, {
    baseline: baseline.entries,
    remote: remote.entries,
    permissions: remote.view.permissions,
    options,
  });
  return { plan: prepared.plan, change: await completeChange(prepared, sides) };
}

const NO_PATHS: ReadonlySet<string> = new Set();

/** Which of the paths have no file because the project's rules leave it out. */
async function leftOutPaths(paths: ReadonlySet<string>, { local, signal }: SyncSides): Promise<ReadonlySet<string>> {
  const without = [...paths].filter((path) => !local.files.has(path));
  const leftOut = new Set<string>();
  for await (const path of yieldingToEventLoop(without, signal)) {
    if (local.listing.rules.covers(path)) leftOut.add(path);
  }
  return leftOut;
}

function contentsOf({ client, baseline, local, remote, signal }: SyncSides) {
  const { fullName } = remote.view.repository;
  const blob = (oid: ObjectId) => readBlob(client, fullName, oid, signal);
  return {
    base: async (oid: ObjectId) => baseline.contents.get(oid) ?? (await blob(oid)),
    local: (file: Parameters<LocalProject["bytes"]>[0]) => local.bytes(file),
    remote: blob,
    remoteSizes: (oids: Iterable<ObjectId>) => readBlobSizes(client, fullName, oids, signal),
    put: (bytes: Uint8Array) => local.spool.put(bytes),
  };
}

/** Files that came with a call are meant as they are; what a project has may have been there all along. */
function explicitPaths({ source }: SyncTarget, { filePaths, deletePaths }: SyncOptions): ReadonlySet<string> {
  return new Set(source.startsWith("app:") ? (filePaths ?? []) : deletePaths);
}

/** A pull request leaves the baseline as it is: what it proposes is not on the branch yet. */
async function completeChange({ change, keepContents }: PreparedPlan, sides: SyncSides): Promise<BaselineChange> {
  if (sides.options.strategy === "pull_request") return { entries: new Map(), writes: new Map(), contents: new Map() };
  const contents = new Map<ObjectId, Uint8Array>();
  for (const [oid, path] of keepContents) {
    const file = sides.local.files.get(path);
    if (file === undefined || sides.baseline.contents.has(oid)) continue;
    const bytes = await sides.local.bytes(file);
    // Only what can be merged is worth keeping.
    if (isMergeable(bytes)) contents.set(oid, bytes);
  }
  return { ...change, contents };
}
