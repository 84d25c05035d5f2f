import type { SecretDetector } from "../../adapters/secret-detector.js";
import type { Baseline, BaselineChange } from "../../domain/baseline.js";
import type { ObjectId, SyncTarget } from "../../domain/repository.js";
import type { StoredResolution } from "../../domain/stored-resolution.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { isProjectSource } from "../../domain/sync-source.js";
import { isMergeable } from "../../git/merge.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readBlobInfo } from "../../repository/blob-sizes.js";
import { readBlob } from "../../repository/branch-reader.js";
import { strategiesByPath } from "../project/ignore-rules.js";
import type { LocalProject } from "../project/local-project.js";
import { compareProject, conflictingPaths, mergeCandidates } from "./compare.js";
import { filteredPaths } from "./filtered-paths.js";
import { findSecrets } from "./find-secrets.js";
import { guardPlan } from "./guard-plan.js";
import { guardProject } from "./guard-project.js";
import { type HistoryChange, type IncomingSide, readIncoming } from "./incoming-side.js";
import { makePlan, type PreparedPlan } from "./make-plan.js";
import { mergeConflicts } from "./merge-conflicts.js";
import type { SyncPlan } from "./plan.js";
import type { RemoteBranch } from "./remote-branch.js";
import type { IncomingChange } from "./resolve-conflict.js";
import { givenVersions, type MatchedResolutions, matchResolutions, withResolutions } from "./stored-resolutions.js";

/** Both sides of a sync and its options. */
export interface SyncSides {
  readonly client: GitHubClient;
  readonly target: SyncTarget;
  readonly options: SyncOptions;
  /** True when the changes go to a pull request. */
  readonly proposes: boolean;
  readonly baseline: Baseline;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  /** The project's side of a sync that changes the project; `null` for the direction `push`. */
  readonly project: IncomingSide | null;
  /** The resolutions of conflicts that people stored for the target. */
  readonly resolutions: readonly StoredResolution[];
  /** Searches what the plan writes to the branch; `null` for no search. */
  readonly secretDetector: SecretDetector | null;
  readonly signal: AbortSignal;
}

/** A plan that may be written, with the baseline change that applies afterwards. */
export interface PreparedSync {
  readonly plan: SyncPlan;
  readonly change: BaselineChange;
  /** The change that applies when a pull request is merged; empty for any other strategy. */
  readonly proposed: BaselineChange;
  /** The changes of the project, to be made after the commit. */
  readonly incoming: ReadonlyMap<string, IncomingChange>;
  /** The result of comparing the branch's history with that of the last sync. */
  readonly historyChange: HistoryChange;
  /** The stored resolutions that the plan uses, and those that it does not. */
  readonly resolutions: MatchedResolutions;
  /** Blobs that the repository has, besides those that the branch has now. They are not sent again. */
  readonly knownBlobs: ReadonlySet<ObjectId>;
}

const NO_CHANGE: BaselineChange = { entries: new Map(), writes: new Map(), contents: new Map() };

/** Makes the plan of a sync: compares, merges, resolves, and rejects a plan that must not be written. @throws as `guardPlan` */
export async function prepareSync(sides: SyncSides): Promise<PreparedSync> {
  const { target, options, baseline, local, remote } = sides;
  const explicit = explicitPaths(target, options);
  const incoming = await readIncoming(sides);
  const arriving = incoming === null ? [] : [...remote.entries.keys()].filter((path) => local.only?.has(path) ?? true);
  const paths = local.only ?? new Set([...baseline.entries.keys(), ...local.files.keys(), ...explicit, ...arriving]);
  const found = compareProject({
    target,
    repository: remote.view.repository.fullName,
    head: remote.view.head,
    baseline,
    local: local.files,
    remote: remote.entries,
    ignored: local.listing.ignored,
    ignoredPaths: await ignoredPaths(new Set([...baseline.entries.keys(), ...explicit, ...arriving]), sides),
    deleteIgnored: options.deleteIgnored,
    only: local.only,
    explicitPaths: explicit,
    strategy: options.strategy,
    onConflict: options.onConflict,
    incoming: incoming?.rules ?? null,
    strategyFor: await strategiesByPath(options, paths, sides.signal),
  });
  await incoming?.describe(found);
  const resolutions = matchResolutions(found, sides.resolutions);
  const compared = withResolutions(found, resolutions);
  const candidates = mergeCandidates(compared);
  const isCandidate = (path: string): boolean => candidates.has(path);
  const merges = await mergeConflicts(conflictingPaths(compared), contentsOf(sides), sides.signal, isCandidate);
  const given = givenVersions(compared, resolutions, (bytes) => local.spool.put(bytes));
  const prepared = makePlan(compared, merges, given);
  guardPlan(prepared.plan, {
    baseline: baseline.entries,
    remote: remote.entries,
    permissions: remote.view.permissions,
    options,
  });
  if (incoming !== null) {
    guardProject(prepared.plan, { baseline: baseline.entries, local: local.files, options });
  }
  const change = await completeChange(prepared, sides);
  const { blob } = contentsOf(sides);
  const filtered = await filteredPaths(prepared.plan, { local, remote, blob, signal: sides.signal });
  const secrets = await findSecrets(prepared.plan, {
    ...{ detector: sides.secretDetector, allowed: options.allowSecrets },
    ...{ remote: remote.entries, local, signal: sides.signal },
  });
  const plan = { ...prepared.plan, filtered, secrets };
  // The changes of a pull request are not on the branch yet.
  const { proposes } = sides;
  return {
    plan,
    change: proposes ? NO_CHANGE : change,
    proposed: proposes ? change : NO_CHANGE,
    incoming: prepared.incoming,
    historyChange: incoming?.historyChange ?? "unchecked",
    resolutions,
    knownBlobs: new Set(),
  };
}

/** Returns the paths without a file in the listing that the project's rules ignore. */
async function ignoredPaths(paths: ReadonlySet<string>, { local, signal }: SyncSides): Promise<ReadonlySet<string>> {
  const without = [...paths].filter((path) => !local.files.has(path));
  const ignored = new Set<string>();
  for (const path of without) {
    if (await local.listing.rules.covers(path, signal)) ignored.add(path);
  }
  return ignored;
}

/** Returns the functions that read the contents of both sides and of the base. */
export function contentsOf({
  client,
  baseline,
  local,
  remote,
  signal,
}: Pick<SyncSides, "client" | "baseline" | "local" | "remote" | "signal">) {
  const { fullName } = remote.view.repository;
  const blob = (oid: ObjectId) => readBlob(client, fullName, oid, signal);
  return {
    base: async (oid: ObjectId) => baseline.contents.get(oid) ?? (await blob(oid)),
    local: (file: Parameters<LocalProject["bytes"]>[0]) => local.bytes(file),
    remote: blob,
    blob,
    remoteBlobs: (oids: Iterable<ObjectId>) => readBlobInfo(client, fullName, oids, signal),
    put: (bytes: Uint8Array) => local.spool.put(bytes),
  };
}

/** Returns all paths of files that came with a call, and only the requested deletions of a project's sync. */
function explicitPaths({ source }: SyncTarget, { filePaths, deletePaths }: SyncOptions): ReadonlySet<string> {
  return new Set(isProjectSource(source) ? deletePaths : (filePaths ?? []));
}

/** Adds the contents that later merges need. */
async function completeChange({ change, keepContents }: PreparedPlan, sides: SyncSides): Promise<BaselineChange> {
  const contents = new Map<ObjectId, Uint8Array>();
  for (const [oid, path] of keepContents) {
    const file = sides.local.files.get(path);
    if (file === undefined || sides.baseline.contents.has(oid)) continue;
    const bytes = await sides.local.bytes(file);
    // Only contents that can be merged are kept.
    if (isMergeable(bytes)) contents.set(oid, bytes);
  }
  return { ...change, contents };
}
