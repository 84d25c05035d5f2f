import pMap from "p-map";
import type { BaselineEntry } from "../domain/baseline.js";
import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import { isFileMode, normalizeMode } from "../git/file-mode.js";
import { mergeMode, mergeText } from "../git/merge.js";
import type { LocalVersion, PathVersions } from "./compare.js";
import type { MergeOutcome } from "./make-plan.js";
import type { MergedFile } from "./resolve.js";

/** Where the contents of the three sides come from. */
export interface MergeContents {
  /** `null` when nobody has the base's bytes any more; the files are then not merged. */
  base(oid: ObjectId): Promise<Uint8Array | null>;
  local(file: LocalVersion): Promise<Uint8Array>;
  remote(oid: ObjectId): Promise<Uint8Array | null>;
  /** Takes in a merged content and gives its id. */
  put(bytes: Uint8Array): ObjectId;
}

const MERGES_AT_ONCE = 4;

/** Tries a three-way merge of every candidate: contents as text, modes by themselves. */
export async function mergeConflicts(
  candidates: ReadonlyMap<string, PathVersions>,
  contents: MergeContents,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, MergeOutcome>> {
  const outcomes = await pMap(
    candidates,
    async ([path, { base, local, remote }]) => {
      const outcome =
        base === null || local === null || remote === null
          ? NOT_MERGED
          : await mergeFile(base, local, remote, contents);
      return [path, outcome] as const;
    },
    { concurrency: MERGES_AT_ONCE, signal },
  );
  return new Map(outcomes);
}

const NOT_MERGED: MergeOutcome = { merged: null, remoteSize: null };

async function mergeFile(
  base: BaselineEntry,
  local: LocalVersion,
  remote: RemoteEntry,
  contents: MergeContents,
): Promise<MergeOutcome> {
  const theirs = await contents.remote(remote.oid);
  if (theirs === null) return NOT_MERGED;
  const remoteSize = theirs.length;
  // A link's target is no text, and a link does not merge with a file.
  if ([base.mode, local.mode, remote.mode].includes("120000")) return { merged: null, remoteSize };
  const remoteMode = normalizeMode(remote.mode);
  const mode = remoteMode !== null && isFileMode(remoteMode) ? mergeMode(base.mode, local.mode, remoteMode) : null;
  if (mode === null) return { merged: null, remoteSize };
  const merged = (oid: ObjectId, size: number): { merged: MergedFile; remoteSize: number } => ({
    merged: { mode, oid, size },
    remoteSize,
  });
  if (local.oid === remote.oid || remote.oid === base.oid) return merged(local.oid, local.size);
  if (local.oid === base.oid) return merged(contents.put(theirs), theirs.length);
  const baseBytes = await contents.base(base.oid);
  if (baseBytes === null) return { merged: null, remoteSize };
  const result = mergeText({ base: baseBytes, ours: await contents.local(local), theirs });
  return result.clean ? merged(contents.put(result.bytes), result.bytes.length) : { merged: null, remoteSize };
}
