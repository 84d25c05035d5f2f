import { systemClock } from "../adapters/clock.js";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { EMPTY_TREE, objectFormatOf } from "../git/object-id.js";
import { type TreeEntry, type TreeObject, writeTree } from "../git/tree.js";
import { RecentValues } from "../timing/recent-values.js";
import { readTree } from "./branch-reader.js";
import type { ChangeSet, MissingObjects, WriteContext } from "./commit-writer.js";

/** The root tree of a commit, with its objects that the repository does not have. */
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

const MAX_CACHED_ENTRIES = 1000;

/** Inserts the new tree of a directory into the trees above it, which it caches for the next commit. */
export class RootBuilder {
  // Content-addressed, so entries never become stale.
  readonly #levels = new RecentValues<readonly TreeEntry[]>(systemClock, { maxAgeMs: Number.POSITIVE_INFINITY });

  /** Builds the root. @throws GitHubSdkError `writer_refused` when GitHub's API does not report a tree faithfully, and what the client maps */
  async build(changeSet: ChangeSet, context: WriteContext): Promise<NewRoot> {
    const { missing, baseTree } = changeSet;
    if (missing === null) throw unfaithful();
    const path = missing.directory === "" ? [] : missing.directory.split("/");
    const levels = await this.#levelsAbove(path, baseTree, missing, changeSet, context);
    return setIn(missing, path, levels);
  }

  /** Caches the trees above the directory of a commit that was made. */
  remember({ above }: NewRoot): void {
    for (const { oid, entries } of above) this.#keep(oid, entries);
  }

  /** Returns the current entries of the trees above the directory, the root first; empty for a tree that does not exist. */
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
    if (path.length > 0 && before !== missing.before) throw unfaithful();
    return levels;
  }

  async #read(oid: ObjectId, { repository }: ChangeSet, { client, signal }: WriteContext) {
    const known = this.#levels.get(oid);
    if (known !== null) return known;
    const entries = await readTree(client, repository.fullName, oid, signal);
    if (writeTree(entries, objectFormatOf(oid)).oid !== oid) throw unfaithful();
    this.#keep(oid, entries);
    return entries;
  }

  #keep(oid: ObjectId, entries: readonly TreeEntry[]): void {
    if (entries.length <= MAX_CACHED_ENTRIES) this.#levels.put(oid, entries);
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

/** The other writers send changes only, which GitHub applies to the tree that it has. */
function unfaithful(): GitHubSdkError {
  return new GitHubSdkError(
    "writer_refused",
    "The branch contains paths that GitHub's API does not report faithfully (for example non-UTF-8 names), so `push` cannot build its trees. Use `auto`.",
  );
}
