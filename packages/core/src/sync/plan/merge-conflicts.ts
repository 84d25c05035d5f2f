import pMap from "p-map";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import { isMergeable, isText, MAX_MERGE_BYTES, mergeMode, mergeText } from "../../git/merge.js";
import type { BlobInfo } from "../../repository/blob-sizes.js";
import { type LocalVersion, type PathVersions, SUBMODULE } from "./compare.js";
import type { MergeOutcome } from "./make-plan.js";
import type { MergedFile } from "./resolve-conflict.js";

/** Reads the contents of the three versions. */
export interface MergeContents {
  /** Returns `null` when the base's bytes are no longer stored; the files are then not merged. */
  base(oid: ObjectId): Promise<Uint8Array | null>;
  local(file: LocalVersion): Promise<Uint8Array>;
  remote(oid: ObjectId): Promise<Uint8Array | null>;
  /** Returns the sizes of blobs of the branch, and if they are binary; a blob that no longer exists is left out. */
  remoteBlobs(oids: Iterable<ObjectId>): Promise<ReadonlyMap<ObjectId, BlobInfo>>;
  /** Stores a merged content and returns its blob ID. */
  put(bytes: Uint8Array): ObjectId;
}

const NOT_MERGED = { merged: null, isBinary: false } as const;
const MERGES_AT_ONCE = 4;
// 100 sizes are read per request.
const DESCRIBED_CONFLICTS = 1_000;

/** A path that has all three versions. */
interface Sides {
  readonly base: BaselineEntry;
  readonly local: LocalVersion;
  readonly remote: RemoteEntry;
}

/**
 * Reads the sizes of the branch's versions of conflicting paths, and tries a three-way merge of those that can be merged: of
 * contents as text, and of modes.
 *
 * @param isCandidate false for conflicts that are not merged; defaults to merging all
 */
export async function mergeConflicts(
  conflicts: ReadonlyMap<string, PathVersions>,
  contents: MergeContents,
  signal: AbortSignal,
  isCandidate: (path: string) => boolean = () => true,
): Promise<ReadonlyMap<string, MergeOutcome>> {
  const blobs = await readBlobs(conflicts, contents, isCandidate);
  const outcomes = await pMap(
    conflicts,
    async ([path, { base, local, remote }]): Promise<[string, MergeOutcome]> => {
      const blob = remote === null ? null : (blobs.get(remote.oid) ?? null);
      const remoteSize = blob?.size ?? null;
      if (!isCandidate(path) || base === null || local === null || remote === null || remoteSize === null) {
        const { isBinary = false } = blob ?? blobs.get(base?.oid ?? "") ?? {};
        return [path, { merged: null, remoteSize, isBinary }];
      }
      return [path, { ...(await mergeFile({ base, local, remote }, remoteSize, contents)), remoteSize }];
    },
    { concurrency: MERGES_AT_ONCE, signal },
  );
  return new Map(outcomes);
}

/** Reads what merging needs to know of blobs, and others to describe conflicts, up to a number of requests. */
async function readBlobs(
  conflicts: ReadonlyMap<string, PathVersions>,
  contents: MergeContents,
  isCandidate: (path: string) => boolean,
): Promise<ReadonlyMap<ObjectId, BlobInfo>> {
  const needed = new Set<ObjectId>();
  const others = new Set<ObjectId>();
  for (const [path, { base, remote }] of conflicts) {
    // A file that the branch deleted is described by its base.
    const version = remote ?? base;
    if (version === null || version.mode === SUBMODULE) continue;
    (isCandidate(path) ? needed : others).add(version.oid);
  }
  const oids = new Set([...needed, ...[...others].slice(0, DESCRIBED_CONFLICTS)]);
  return oids.size === 0 ? new Map() : contents.remoteBlobs(oids);
}

async function mergeFile(
  { base, local, remote }: Sides,
  remoteSize: number,
  contents: MergeContents,
): Promise<Pick<MergeOutcome, "merged" | "isBinary">> {
  const merged = (file: MergedFile) => ({ merged: file, isBinary: false });
  // A link's target is not text, and a link does not merge with a file.
  if ([base.mode, local.mode, remote.mode].includes("120000")) return NOT_MERGED;
  const remoteMode = normalizeMode(remote.mode);
  const mode = remoteMode !== null && isFileMode(remoteMode) ? mergeMode(base.mode, local.mode, remoteMode) : null;
  if (mode === null) return NOT_MERGED;
  if (local.oid === remote.oid || remote.oid === base.oid) return merged({ mode, oid: local.oid, size: local.size });
  // Files that are too large to merge are not read: several are in memory at once.
  if (remoteSize > MAX_MERGE_BYTES || local.size > MAX_MERGE_BYTES) return NOT_MERGED;
  const theirs = await contents.remote(remote.oid);
  if (theirs === null) return NOT_MERGED;
  if (local.oid === base.oid) return merged({ mode, oid: contents.put(theirs), size: theirs.length });
  if (!isMergeable(theirs)) return { merged: null, isBinary: !isText(theirs) };
  const baseBytes = await contents.base(base.oid);
  if (baseBytes === null) return NOT_MERGED;
  const result = mergeText({ base: baseBytes, ours: await contents.local(local), theirs });
  if (!result.clean) return { merged: null, isBinary: result.reason === "binary" };
  return merged({ mode, oid: contents.put(result.bytes), size: result.bytes.length });
}
