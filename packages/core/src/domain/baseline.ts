import type { FileMode } from "./project-file.js";
import type { ObjectId, RemoteEntry } from "./repository.js";

/** The project's own version of a file that a completed sync last took into account: the base of the next comparison. */
export interface BaselineEntry {
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** The source's version tag at that time; `null` when it cannot vouch for the content. */
  readonly versionTag: string | null;
  /**
   * True while the base is a version that the branch never received, such as after `theirs`. Replacing or removing the file then
   * keeps the old version. Omitted otherwise.
   */
  readonly unpublished?: true;
}

/** An ignore file of the project as it was last read, so that an unchanged one is not read again. */
export interface IgnoreFile {
  readonly versionTag: string | null;
  readonly text: string;
}

/** What is remembered of one sync target between two syncs. Paths are relative to the project. */
export interface Baseline {
  /** The branch's head when the baseline was saved; `null` while the branch does not exist. */
  readonly head: ObjectId | null;
  /** The root tree of `head`, where it is known. */
  readonly rootTree: ObjectId | null;
  /** The head before it, when this SDK moved the branch: a read that still shows it is a lagging one. */
  readonly previousHead: ObjectId | null;
  /** The validator of the last read of the branch's ref. */
  readonly etag: string | null;
  /** Epoch milliseconds. */
  readonly savedAt: number;
  readonly entries: ReadonlyMap<string, BaselineEntry>;
  /** Every entry of the branch below the directory at `head`; `null` when it has to be read again. */
  readonly remote: ReadonlyMap<string, RemoteEntry> | null;
  /** Base contents that the branch never held, by blob id, for later merges. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>;
  readonly ignoreFiles: ReadonlyMap<string, IgnoreFile>;
}

/**
 * What a sync changes in a baseline once its commit has landed. It is stored before the write, so that after a crash
 * between the write and the save the base is still the project's version and not a guess.
 */
export interface BaselineChange {
  /** New base entries; `null` forgets the path. */
  readonly entries: ReadonlyMap<string, BaselineEntry | null>;
  /** What the commit writes on the branch; `null` deletes the path. */
  readonly writes: ReadonlyMap<string, RemoteEntry | null>;
  /** Base contents that the branch does not hold. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>;
}

/** A change that waits for its commit: `syncId` and `attempt` name the try that may have landed. */
export interface StagedChange {
  readonly syncId: number;
  readonly attempt: number;
  readonly change: BaselineChange;
}

/** The baseline of a target that was never synced. */
export const EMPTY_BASELINE: Baseline = {
  head: null,
  rootTree: null,
  previousHead: null,
  etag: null,
  savedAt: 0,
  entries: new Map(),
  remote: null,
  contents: new Map(),
  ignoreFiles: new Map(),
};

/**
 * The baseline's entries and kept contents after a change; contents that no entry names any more are dropped.
 * The view of the branch (`head`, `remote`, `etag`) is left for the caller, who knows what the branch holds now.
 */
export function applyBaselineChange(
  baseline: Baseline,
  change: BaselineChange,
): Pick<Baseline, "entries" | "contents"> {
  const entries = patchMap(baseline.entries, change.entries);
  const needed = new Set<ObjectId>();
  for (const entry of entries.values()) needed.add(entry.oid);
  const contents = new Map([...baseline.contents, ...change.contents].filter(([oid]) => needed.has(oid)));
  return { entries, contents };
}

/** A copy of the map in which `null` removes a key and anything else sets it. */
export function patchMap<Value>(
  map: ReadonlyMap<string, Value>,
  patch: ReadonlyMap<string, Value | null>,
): ReadonlyMap<string, Value> {
  const patched = new Map(map);
  for (const [key, value] of patch) {
    if (value === null) patched.delete(key);
    else patched.set(key, value);
  }
  return patched;
}
