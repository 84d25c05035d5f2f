import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { isFileMode } from "./file-mode.js";
import { EMPTY_TREE, type ObjectFormat } from "./object-id.js";
import { assertPath, baseName, joinPath, parentPath } from "./path.js";
import { type TreeObject, writeTree } from "./tree.js";

/** Entries by their path from the root, each path once; a `Map` is one. */
export type TreeListing = Iterable<readonly [path: string, entry: RemoteEntry]>;

/** Changes by their path from the root: files, links and submodules to write; `null` deletes. A `Map` is one. */
export type TreeChanges = Iterable<readonly [path: string, entry: RemoteEntry | null]>;

/** The trees that a root needs. */
export interface BuiltTrees {
  /** The id of the root tree. */
  readonly root: ObjectId;
  /** Every tree that has to be sent, each once, and after the trees that it holds. */
  readonly trees: readonly TreeObject[];
}

/** New trees, or the directories (`""` is the root) whose listing does not give the tree that the repository has. */
export type UpdatedTrees =
  /** `before` is the root tree as the listing has it. */
  | ({ readonly faithful: true; readonly before: ObjectId } & BuiltTrees)
  | { readonly faithful: false; readonly directories: readonly string[] };

/** What `updateTrees` works on. */
export interface TreeUpdate {
  /** The tree that the listing is of; `null` when there is none yet, or it is not known and not to be checked. */
  readonly root: ObjectId | null;
  readonly listing: TreeListing;
  readonly changes: TreeChanges;
  readonly format: ObjectFormat;
}

/**
 * All trees of a set of files, links and submodules, exactly as git writes them.
 *
 * @throws GitHubSdkError `invalid_path` for a path that git refuses, `path_collision` when a path is given twice or is
 * needed both as a file and as a directory.
 */
export function buildTrees(entries: TreeListing, format: ObjectFormat): BuiltTrees {
  const { after, written } = rebuild(new Map(), changedDirectories(entries), format);
  return { root: after, trees: written };
}

/**
 * The trees that changes make of a root tree, without those that it has already.
 *
 * The listing names the files, links and submodules below the root. It may name trees (`040000`) too; one of which it
 * names no entry, and which no change touches, is taken over by its id. Directories that become empty go away, as in git.
 * Deleting what is not there, or a directory, changes nothing.
 *
 * Every directory is first rebuilt as it was and compared with the id that the listing (or `root`) gives for it. So an
 * entry that the listing lacks, or whose name the API garbled, is never lost: the answer then is `faithful: false`, and
 * the change has to be made by GitHub itself (`base_tree`).
 *
 * @throws GitHubSdkError `invalid_path` for a path that git refuses, `path_collision` when a path is given twice, needs a
 * directory where a file or a submodule stays, or would replace a directory that the changes do not empty.
 */
export function updateTrees(update: TreeUpdate): UpdatedTrees {
  const { directories, listedTrees } = listedDirectories(update.listing);
  if (update.root !== null) listedTrees.set("", update.root);
  const changes = changedDirectories(update.changes);
  for (const path of changes.keys()) if (listedTrees.has(path)) withParents(directories, path);
  const { after, written, before } = rebuild(directories, changes, update.format);
  const unfaithful = [...listedTrees].filter(([path, oid]) => before.has(path) && before.get(path) !== oid);
  if (unfaithful.length > 0) return { faithful: false, directories: unfaithful.map(([path]) => path) };
  const known = new Set([...before.values(), ...listedTrees.values()]);
  return {
    faithful: true,
    before: before.get("") ?? EMPTY_TREE[update.format],
    root: after,
    trees: written.filter(({ oid }) => !known.has(oid)),
  };
}

/** The entries of one directory by name. */
type Entries = Map<string, RemoteEntry>;

/** The changes of one directory by name. */
type Changes = Map<string, RemoteEntry | null>;

interface Rebuilt {
  /** The root tree after the changes. */
  readonly after: ObjectId;
  /** The tree of every directory before the changes, by path. */
  readonly before: ReadonlyMap<string, ObjectId>;
  /** The trees of the changed directories, each once. */
  readonly written: readonly TreeObject[];
}

function listedDirectories(listing: TreeListing) {
  const directories = new Map<string, Entries>([["", new Map()]]);
  const listedTrees = new Map<string, ObjectId>();
  for (const [path, entry] of listing) {
    if (entry.mode === "040000") listedTrees.set(path, entry.oid);
    withParents(directories, parentPath(path)).set(baseName(path), entry);
  }
  return { directories, listedTrees };
}

function changedDirectories(changes: TreeChanges): Map<string, Changes> {
  const directories = new Map<string, Changes>([["", new Map()]]);
  for (const [path, entry] of changes) {
    assertPath(path, entry?.mode);
    if (entry !== null && !isFileMode(entry.mode) && entry.mode !== "160000") {
      throw new GitHubSdkError("internal_error", `${entry.mode} is not a mode that a change can write.`);
    }
    const siblings = withParents(directories, parentPath(path));
    if (siblings.has(baseName(path))) {
      throw new GitHubSdkError("path_collision", `${JSON.stringify(path)} is given twice.`, { details: { path } });
    }
    siblings.set(baseName(path), entry);
  }
  return directories;
}

/** The map of a directory, made along with those of the directories that it lies in. */
function withParents<Value>(directories: Map<string, Map<string, Value>>, path: string): Map<string, Value> {
  const found = directories.get(path);
  if (found !== undefined) return found;
  withParents(directories, parentPath(path));
  const made = new Map<string, Value>();
  directories.set(path, made);
  return made;
}

/** Rebuilds all directories from the deepest to the root, as they were and as the changes leave them. */
function rebuild(
  directories: Map<string, Entries>,
  changes: ReadonlyMap<string, Changes>,
  format: ObjectFormat,
): Rebuilt {
  const before = new Map<string, ObjectId>();
  const written = new Map<ObjectId, TreeObject>();
  const subtrees: Subtrees = new Map([["", new Map()]]);
  // A path is longer than its parent's, so that this order meets every directory after its subdirectories.
  const paths = [...new Set([...directories.keys(), ...changes.keys()])].sort((a, b) => b.length - a.length);
  for (const path of paths) {
    const old = directories.get(path);
    if (old !== undefined) {
      const { oid } = treeOf(old, format);
      before.set(path, oid);
      if (path !== "") withParents(directories, parentPath(path)).set(baseName(path), { mode: TREE, oid });
    }
    const changed = changes.get(path);
    if (changed === undefined) continue;
    const entries = applyChanges(path, old ?? new Map(), changed, subtrees.get(path) ?? new Map());
    const tree = treeOf(entries, format);
    if (entries.size > 0 || path === "") written.set(tree.oid, tree);
    withParents(subtrees, parentPath(path)).set(baseName(path), entries.size > 0 ? tree.oid : null);
    if (path === "") return { after: tree.oid, before, written: [...written.values()] };
  }
  throw new GitHubSdkError("internal_error", "The root was not among the changed directories.");
}

/** What became of the subdirectories of one directory, by name; `null` for one without entries. */
type Subtrees = Map<string, Map<string, ObjectId | null>>;

function applyChanges(
  directory: string,
  old: Entries,
  changes: Changes,
  subtrees: ReadonlyMap<string, ObjectId | null>,
): Entries {
  const entries = new Map(old);
  for (const [name, entry] of changes) {
    if (entry === null && !isTree(entries.get(name))) entries.delete(name);
  }
  for (const [name, oid] of subtrees) {
    const there = entries.get(name);
    if (oid !== null && there !== undefined && !isTree(there)) throw collision(joinPath(directory, name));
    if (oid !== null) entries.set(name, { mode: TREE, oid });
    else if (isTree(there)) entries.delete(name);
  }
  for (const [name, entry] of changes) {
    if (entry === null) continue;
    if (isTree(entries.get(name))) throw collision(joinPath(directory, name));
    entries.set(name, entry);
  }
  return entries;
}

const TREE = "040000";

function isTree(entry: RemoteEntry | undefined): boolean {
  return entry?.mode === TREE;
}

function treeOf(entries: Entries, format: ObjectFormat): TreeObject {
  return writeTree(
    Array.from(entries, ([name, { mode, oid }]) => ({ name, mode, oid })),
    format,
  );
}

function collision(path: string): GitHubSdkError {
  return new GitHubSdkError("path_collision", `${JSON.stringify(path)} would be a file and a directory at once.`, {
    details: { path },
  });
}
