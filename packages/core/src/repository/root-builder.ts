import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { EMPTY_TREE, objectFormatOf } from "../git/object-id.js";
import { type TreeEntry, type TreeObject, writeTree } from "../git/tree.js";
import { readTree } from "./branch-reader.js";
import type { ChangeSet, MissingObjects, WriteContext } from "./commit-writer.js";

/** The root tree of a commit, with everything that the repository does not have of it. */
export interface NewRoot {
  readonly oid: ObjectId;
  readonly trees: readonly TreeObject[];
  readonly blobs: readonly ObjectId[];
  /** The new trees above the directory, the root first. */
  readonly above: readonly Level[];
}

/** One tree above the directory. */
interface Level {
  readonly oid: ObjectId;
  readonly entries: readonly TreeEntry[];
}

// The trees above a directory are small: a thousand hosts' projects fit.
const KEPT_LEVELS = 1000;
const LARGEST_KEPT = 1000;

/** Sets the new tree of a directory into the trees above it, and remembers those, so that the next commit need not ask for them. */
export class RootBuilder {
  readonly #levels = new Map<ObjectId, readonly TreeEntry[]>();

  /** @throws GitHubSdkError `writer_refused` where GitHub's API does not tell a tree truly, and what the client maps */
  async build(changeSet: ChangeSet, context: WriteContext): Promise<NewRoot> {
    const { missing, baseTree } = changeSet;
    if (missing === null) throw untold();
    const path = missing.directory === "" ? [] : missing.directory.split("/");
    const levels = await this.#levelsAbove(path, baseTree, missing, changeSet, context);
    return setIn(missing, path, levels);
  }

  /** Keeps the trees above the directory of a commit that was made. */
  remember({ above }: NewRoot): void {
    for (const { oid, entries } of above) this.#keep(oid, entries);
  }

  /** The entries of the trees above the directory as they are, the root's first; none of a tree that does not exist. */
  async #levelsAbove(
    path: readonly string[],
    baseTree: ObjectId | null,
    missing: MissingObjects,
    changeSet: ChangeSet,
    context: WriteContext,
  ): Promise<readonly (readonly TreeEntry[])[]> {
    const levels: (readonly TreeEntry[])[] = [];
    let tree = baseTree;
    for (const name of path) {
      const entries = tree === null ? [] : await this.#read(tree, changeSet, context);
      levels.push(entries);
      const below = entries.find((entry) => entry.name === name);
      if (below !== undefined && below.mode !== "040000") throw blocked(missing.directory, name);
      tree = below?.oid ?? null;
    }
    const before = tree ?? EMPTY_TREE[objectFormatOf(missing.before)];
    if (path.length > 0 && before !== missing.before) throw untold();
    return levels;
  }

  async #read(oid: ObjectId, { repository }: ChangeSet, { client, signal }: WriteContext) {
    const known = this.#levels.get(oid);
    if (known !== undefined) return known;
    const entries = await readTree(client, repository.fullName, oid, signal);
    if (writeTree(entries, objectFormatOf(oid)).oid !== oid) throw untold();
    this.#keep(oid, entries);
    return entries;
  }

  #keep(oid: ObjectId, entries: readonly TreeEntry[]): void {
    if (entries.length > LARGEST_KEPT) return;
    this.#levels.delete(oid);
    this.#levels.set(oid, entries);
    for (const oldest of this.#levels.keys()) {
      if (this.#levels.size <= KEPT_LEVELS) break;
      this.#levels.delete(oldest);
    }
  }
}

function setIn(missing: MissingObjects, path: readonly string[], levels: readonly (readonly TreeEntry[])[]): NewRoot {
  const format = objectFormatOf(missing.before);
  const trees = [...missing.trees];
  const above: Level[] = [];
  let below = missing.tree;
  for (const [index, name] of [...path.entries()].reverse()) {
    const others = levels[index]?.filter((entry) => entry.name !== name) ?? [];
    const entries = below === null ? others : [...others, { name, mode: "040000", oid: below }];
    if (entries.length === 0 && index > 0) {
      below = null;
      continue;
    }
    const tree = writeTree(entries, format);
    trees.push(tree);
    above.unshift({ oid: tree.oid, entries });
    below = tree.oid;
  }
  return { oid: below ?? EMPTY_TREE[format], trees, blobs: missing.blobs, above };
}

function blocked(directory: string, name: string): GitHubSdkError {
  return new GitHubSdkError(
    "path_collision",
    `The directory ${directory} cannot be written: "${name}" is a file in the repository. Choose another directory.`,
    { details: { path: directory } },
  );
}

/** GitHub itself can still lay the changes over what it has. */
function untold(): GitHubSdkError {
  return new GitHubSdkError(
    "writer_refused",
    "GitHub's API does not tell the branch's trees truly, so that they cannot be built here. Leave the choice of the writer to the SDK.",
  );
}
