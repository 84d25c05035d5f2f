import type { ObjectFormat, ObjectId, RemoteEntry } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { isFileMode } from "./file-mode.js";
import { EMPTY_TREE } from "./object-id.js";
import { assertPath, baseName, joinPath, parentPath } from "./path.js";
import { type TreeObject, writeTree } from "./tree.js";

/** Entries by their path from the root, each path once, for example a `Map`. */
export type TreeListing = Iterable<readonly [path: string, entry: RemoteEntry]>;

/** Changes by their path from the root: files, links and submodules to write, or `null` to delete. */
export type TreeChanges = Iterable<readonly [path: string, entry: RemoteEntry | null]>;

/** A root tree with its new sub-trees. */
export interface BuiltTrees {
  /** The id of the root tree. */
  readonly root: ObjectId;
  /** The trees to send, each once and after its sub-trees. */
  readonly trees: readonly TreeObject[];
}

/** The new trees, or the directories (`""` is the root) whose listing does not match the tree in the repository. */
export type UpdatedTrees =
  /** `before` is the root tree of the listing. */
  | ({ readonly faithful: true; readonly before: ObjectId } & BuiltTrees)
  | { readonly faithful: false; readonly directories: readonly string[] };

/** The input of {@link updateTrees}. */
export interface TreeUpdate {
  /** The root tree of the listing; `null` when it does not exist yet, or is unknown and not to be checked. */
  readonly root: ObjectId | null;
  readonly listing: TreeListing;
  readonly changes: TreeChanges;
  readonly format: ObjectFormat;
}

/**
 * Builds all trees of a set of files, links and submodules, exactly as git writes them.
 *
 * @throws GitHubSdkError `invalid_path` for a path that git rejects, `path_collision` when a path occurs twice, or as a file
 * and as a directory.
 */
export function buildTrees(entries: TreeListing, format: ObjectFormat): BuiltTrees {
  const { after, written } = rebuild(new Map(), changedDirectories(entries), format);
  return { root: after, trees: written };
}

/**
 * Applies changes to a root tree and returns the new trees.
 *
 * The listing contains the files, links and submodules below the root. It may also contain trees (`040000`); one without
 * listed entries or changes is kept by its id. Directories that become empty are removed, as in git. Deleting a missing path or
 * a directory has no effect.
 *
 * Each directory is first rebuilt in its old state and compared with the id in the listing (or `root`). So an entry that the
 * listing lacks, or whose name the API garbled, is never lost: the result is `faithful: false` then, and GitHub itself must
 * apply the changes (`base_tree`).
 *
 * @throws GitHubSdkError `invalid_path` for a path that git rejects, `path_collision` when a path occurs twice, needs a
 * directory in place of a remaining file or submodule, or would replace a directory that the changes do not empty.
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
  /** The old tree of each directory, by path. */
  readonly before: ReadonlyMap<string, ObjectId>;
  /** The new trees of the changed directories, each once. */
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
      throw new GitHubSdkError("internal_error", `Internal error: a change cannot write the mode ${entry.mode}.`);
    }
    const siblings = withParents(directories, parentPath(path));
    if (siblings.has(baseName(path))) {
      throw new GitHubSdkError("path_collision", `${JSON.stringify(path)} occurs twice.`, { details: { path } });
    }
    siblings.set(baseName(path), entry);
  }
  return directories;
}

/** Returns the map of a directory, creating those of its parents. */
function withParents<Value>(directories: Map<string, Map<string, Value>>, path: string): Map<string, Value> {
  const found = directories.get(path);
  if (found !== undefined) return found;
  withParents(directories, parentPath(path));
  const made = new Map<string, Value>();
  directories.set(path, made);
  return made;
}

/** Rebuilds all directories from the deepest to the root, before and after the changes. */
function rebuild(
  directories: Map<string, Entries>,
  changes: ReadonlyMap<string, Changes>,
  format: ObjectFormat,
): Rebuilt {
  const before = new Map<string, ObjectId>();
  const written = new Map<ObjectId, TreeObject>();
  const subtrees: Subtrees = new Map([["", new Map()]]);
  // A path is longer than its parent's, so this order visits each directory after its subdirectories.
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
  throw new GitHubSdkError("internal_error", "Internal error: the root is not among the changed directories.");
}

/** The new subdirectories of a directory by name; `null` for an empty one. */
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
  return new GitHubSdkError("path_collision", `${JSON.stringify(path)} would be both a file and a directory.`, {
    details: { path },
  });
}
