import type { BaselineEntry } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import type { RemoteEntry, SyncTarget } from "../../../src/domain/repository.js";
import { isText } from "../../../src/git/merge.js";
import { hashObject } from "../../../src/git/object-id.js";
import type { BlobInfo } from "../../../src/repository/blob-sizes.js";
import { compareProject, conflictingPaths, mergeCandidates, type PlanInput } from "../../../src/sync/plan/compare.js";
import { makePlan, type PreparedPlan } from "../../../src/sync/plan/make-plan.js";
import { mergeConflicts } from "../../../src/sync/plan/merge-conflicts.js";
import type { LocalFile } from "../../../src/sync/project/read-project.js";
import { bytesOf, oidOf, type Tree, type Version } from "../project/project-tree.js";

export const TARGET: SyncTarget = {
  apiUrl: "https://api.github.com",
  repositoryId: 1,
  branch: "main",
  source: "project:ada/infra",
  directory: "",
};

const NO_EXPLICIT_PATHS = { explicitPaths: new Set<string>() };

/** Returns a version as a file of the project. */
export function localFile(path: string, version: Version, mode: LocalFile["mode"] = fileMode(version.mode)): LocalFile {
  return { path, mode, oid: oidOf(version), size: bytesOf(version).length, versionTag: `tag of ${oidOf(version)}` };
}

/** Returns a version as a base entry. */
export function baselineEntry(version: Version): BaselineEntry {
  return { mode: fileMode(version.mode), oid: oidOf(version), versionTag: `tag of ${oidOf(version)}` };
}

/** Returns a version as an entry of the branch. */
export function remoteEntry(version: Version): RemoteEntry {
  return { mode: version.mode, oid: oidOf(version) };
}

export function mapValues<From, To>(
  map: ReadonlyMap<string, From>,
  change: (value: From, path: string) => To,
): Map<string, To> {
  return new Map(Array.from(map, ([path, value]) => [path, change(value, path)] as const));
}

/** Returns the input of a plan of three trees with nothing ignored. */
export function planInput(
  base: Tree,
  local: Tree,
  remote: Tree,
  more: Partial<Omit<PlanInput, "baseline" | "local" | "remote">> = {},
): PlanInput {
  const { strategy = "merge" } = more;
  return {
    target: TARGET,
    repository: "ada/infra",
    head: "1".repeat(40),
    baseline: { entries: mapValues(base, baselineEntry) },
    local: mapValues(local, (version, path) => localFile(path, version)),
    remote: mapValues(remote, remoteEntry),
    ignored: [],
    ignoredPaths: new Set(),
    deleteIgnored: false,
    only: null,
    incoming: null,
    onConflict: "stop",
    strategyFor: () => strategy,
    ...NO_EXPLICIT_PATHS,
    ...more,
    strategy,
  };
}

/** Plans a sync with the real comparison, merge and resolution. Fails when a content is read that is not in `blobs`. */
export async function planWith(input: PlanInput, blobs: Map<string, Uint8Array>): Promise<PreparedPlan> {
  const held = async (oid: string): Promise<Uint8Array> => {
    const bytes = blobs.get(oid);
    if (bytes === undefined) throw new Error(`The content ${oid} is missing.`);
    return bytes;
  };
  const compared = compareProject(input);
  const contents = {
    base: held,
    local: ({ oid }: { oid: string }) => held(oid),
    remote: held,
    remoteBlobs: async (oids: Iterable<string>) =>
      new Map(Array.from(oids).flatMap((oid) => sizeOf(oid, blobs.get(oid)))),
    put: (bytes: Uint8Array) => {
      const oid = hashObject("blob", bytes, "sha1");
      blobs.set(oid, bytes);
      return oid;
    },
  };
  const candidates = mergeCandidates(compared);
  const { signal } = new AbortController();
  const merges = await mergeConflicts(conflictingPaths(compared), contents, signal, (path) => candidates.has(path));
  return makePlan(compared, merges);
}

function sizeOf(oid: string, bytes: Uint8Array | undefined): [string, BlobInfo][] {
  return bytes === undefined ? [] : [[oid, { size: bytes.length, isBinary: !isText(bytes) }]];
}

/** Returns the contents of all versions by blob ID. */
export function blobsOf(...trees: readonly Tree[]): Map<string, Uint8Array> {
  return new Map(
    trees.flatMap((tree) => Array.from(tree.values(), (version) => [oidOf(version), bytesOf(version)] as const)),
  );
}

/** Plans a sync of three trees. */
export function planTrees(
  base: Tree,
  local: Tree,
  remote: Tree,
  strategy: ConflictStrategy,
  strategyFor: (path: string) => ConflictStrategy = () => strategy,
): Promise<PreparedPlan> {
  return planWith(planInput(base, local, remote, { strategy, strategyFor }), blobsOf(base, local, remote));
}

/** Returns the branch's entries after a plan. */
export function applyPlan(remote: ReadonlyMap<string, RemoteEntry>, { plan }: PreparedPlan): Map<string, RemoteEntry> {
  const after = new Map(remote);
  for (const { path, mode, oid } of plan.changes) {
    if (mode === null || oid === null) after.delete(path);
    else after.set(path, { mode, oid });
  }
  return after;
}

function fileMode(mode: string): "100644" | "100755" | "120000" {
  if (mode === "100644" || mode === "100755" || mode === "120000") return mode;
  throw new Error(`${mode} is not the mode of a file.`);
}
