import type { FileMode } from "./project-file.js";
import type { ObjectId, RemoteEntry } from "./repository.js";

/** The project's version of a file in the last completed sync. It is the base of the next comparison. */
export interface BaselineEntry {
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** The source's version tag at that time; `null` when the tag did not identify the content. */
  readonly versionTag: string | null;
  /**
   * True while the base is a version that the branch never received, such as after `theirs`. Replacing or removing the file then
   * keeps the old version. Omitted otherwise.
   */
  readonly unpublished?: true;
  /**
   * True when the project's rules ignored the path in the last sync. The entry is then not the base of a comparison; it only
   * records that an earlier sync wrote the path, for syncs with `deleteIgnored`. Omitted otherwise.
   */
  readonly ignored?: true;
}

/** The content of an ignore file when it was last read. An unchanged file is not read again. */
export interface IgnoreFile {
  readonly versionTag: string | null;
  readonly text: string;
}

/** The state of one sync target between two syncs. Paths are relative to the project. */
export interface Baseline {
  /** The branch's head when the baseline was saved; `null` while the branch does not exist. */
  readonly head: ObjectId | null;
  /** The root tree of `head`; `null` when it is unknown. */
  readonly rootTree: ObjectId | null;
  /** The head before this SDK moved the branch. A later read that still returns it is stale. */
  readonly previousHead: ObjectId | null;
  /** The ETag of the last read of the branch's ref. */
  readonly etag: string | null;
  /** Epoch milliseconds. */
  readonly savedAt: number;
  readonly entries: ReadonlyMap<string, BaselineEntry>;
  /** Every entry of the branch below the directory at `head`; `null` when the branch must be read again. */
  readonly remote: ReadonlyMap<string, RemoteEntry> | null;
  /** Base contents that are not on the branch, by blob ID. Later merges need them. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>;
  readonly ignoreFiles: ReadonlyMap<string, IgnoreFile>;
  /** The open pull request with the project's changes. Omitted when there is none. */
  readonly proposal?: Proposal;
  /** The changes of the project that a sync has begun and may not have finished. Omitted when there are none. */
  readonly journal?: ProjectJournal;
  /**
   * The last head up to which the branch's history is known to contain every base. Omitted when it is `head`: syncs that only push
   * do not check that a head that they find contains the head before it.
   */
  readonly checkedHead?: ObjectId;
}

/** The changes that a sync makes in the project after its commit. It holds no content: all of it is on the branch. */
export interface ProjectJournal {
  readonly syncId: number;
  /** `{syncId}/{number}`, by which the source names what it leaves behind when the process dies. */
  readonly operation: string;
  readonly changes: ReadonlyMap<string, JournaledChange>;
}

/** A change of one file of the project. */
export interface JournaledChange {
  /** The project's version when the change was planned; `null` when there was no file. */
  readonly before: RemoteEntry | null;
  /** The version that the project gets; `null` removes the file. */
  readonly after: RemoteEntry | null;
  /** The path's base once `after` is in the project; `null` for none. */
  readonly base: RemoteEntry | null;
  /** Keeps the version that is replaced or removed aside. */
  readonly keep: boolean;
}

/** A pull request with a project's changes. Later syncs that propose changes add to its branch. */
export interface Proposal extends ProposedChange {
  /** `null` while the commit is on the branch and the pull request is not known to be open, such as after a crash. */
  readonly number: number | null;
  /** `null` exactly when `number` is. */
  readonly url: string | null;
}

/** The changes of one commit on the branch of a proposal. */
export interface ProposedChange {
  /** The pull request's head branch, without `refs/heads/`. */
  readonly branch: string;
  /** The base entries that apply when the pull request is merged; `null` removes the path. */
  readonly entries: ReadonlyMap<string, BaselineEntry | null>;
  /** Base contents that are not on the branch, by blob ID. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>;
}

/**
 * The changes to a baseline that a sync makes when its commit has landed. They are stored before the commit is written, so
 * that the base is known after a crash between the write and the save.
 */
export interface BaselineChange {
  /** New base entries; `null` removes the path. */
  readonly entries: ReadonlyMap<string, BaselineEntry | null>;
  /** The entries that the commit writes to the branch; `null` deletes the path. */
  readonly writes: ReadonlyMap<string, RemoteEntry | null>;
  /** Base contents that are not on the branch, by blob ID. */
  readonly contents: ReadonlyMap<ObjectId, Uint8Array>;
}

/** A change whose commit may have landed. `syncId` and `attempt` name the attempt that wrote the commit. */
export interface StagedChange {
  readonly syncId: number;
  readonly attempt: number;
  readonly change: BaselineChange;
  /** The changes of the project that follow the commit. Omitted when there are none. */
  readonly journal?: ProjectJournal;
  /** The commit's changes when it is on the branch of a proposal. Omitted otherwise. */
  readonly proposed?: ProposedChange;
}

/** The baseline of a target without an earlier sync. */
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
 * Returns the baseline's entries and contents after a change, without contents that no entry refers to.
 * The caller sets the state of the branch (`head`, `remote`, `etag`).
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

/** Returns the proposal with the changes of one more commit; a proposal of another branch is replaced. */
export function extendedProposal(known: Proposal | undefined, { branch, entries, contents }: ProposedChange): Proposal {
  if (known?.branch !== branch) return { branch, number: null, url: null, entries, contents };
  return {
    ...known,
    entries: new Map([...known.entries, ...entries]),
    contents: new Map([...known.contents, ...contents]),
  };
}

/** Returns a copy of the map with the patch applied: `null` removes a key, any other value sets it. */
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
