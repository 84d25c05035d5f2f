import type { BigIntStats } from "node:fs";
import { cp, link, lstat, open, readlink, rename, rm, symlink } from "node:fs/promises";
import { posix } from "node:path";
import { type BlobIdentity, hasContent, isContent } from "../domain/blob-hash.js";
import { keptPath } from "../domain/kept-path.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { errorCode, isGone } from "./file-error.js";
import { fileDigest, type HiddenKind, type HiddenName, hiddenName, operationDigest } from "./hidden-name.js";
import { removeIfThere } from "./new-file.js";
import type { OpenDirectory } from "./open-directory.js";
import { OpenFile } from "./open-file.js";
import { below, type ProjectTree, parentOf } from "./project-tree.js";

// Linux also fails with EPERM for a file of another user (`fs.protected_hardlinks`).
// EISDIR is that of Windows for file systems without links.
const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EISDIR"]);
const NOT_FREE = new Set(["EEXIST", "ENOTEMPTY", "EISDIR", "ENOTDIR"]);
const MAX_KEPT = 1_000;

/** The name of a file in an open directory, with the hidden files of one operation beside it. */
export class FilePlace {
  readonly #tree: ProjectTree;
  readonly directory: OpenDirectory;
  readonly path: string;
  readonly operation: string;

  constructor(tree: ProjectTree, directory: OpenDirectory, path: string, operation: string) {
    this.#tree = tree;
    this.directory = directory;
    this.path = path;
    this.operation = operation;
  }

  /** The location of the file itself. */
  get location(): string {
    return this.directory.entry(posix.basename(this.path));
  }

  /** Returns the hidden name of a kind for this file. */
  hidden(kind: HiddenKind, { keep, oid }: Pick<HiddenName, "keep" | "oid">): HiddenName {
    const file = fileDigest(posix.basename(this.path));
    return { kind, operation: operationDigest(this.operation), file, keep, oid };
  }

  /** Returns the location of a hidden file. */
  at(hidden: HiddenName): string {
    return this.directory.entry(hiddenName(hidden));
  }

  /** Resolves to true when the file, or a hidden one, has the content of a version. */
  async has(version: BlobIdentity, stats: BigIntStats, hidden: HiddenName | null = null): Promise<boolean> {
    const name = hidden === null ? posix.basename(this.path) : hiddenName(hidden);
    if (stats.isSymbolicLink()) {
      return isContent(version, await readlink(this.directory.entry(name), { encoding: "buffer" }));
    }
    if (!stats.isFile() || Number(stats.size) !== version.size) return false;
    try {
      const absolute = this.#tree.absolute(below(parentOf(this.path), name));
      const file = await OpenFile.open(absolute, this.path, () => {});
      return await hasContent(version, file.bytes(undefined));
    } catch (error) {
      // It was written to, or replaced, while it was read.
      if (isGitHubSdkError(error, "source_changed")) return false;
      throw error;
    }
  }

  /** Gives a complete hidden file its name. Returns false when the name is taken. The hidden file may stay. */
  async place(hidden: HiddenName): Promise<boolean> {
    try {
      await link(this.at(hidden), this.location);
    } catch (error) {
      const code = errorCode(error) ?? "";
      if (code === "EEXIST") return false;
      if (NO_HARD_LINKS.has(code)) return this.#claim(hidden);
      throw error;
    }
    return true;
  }

  /** Creates a link under the name. Returns false when the name is taken. */
  async placeLink(target: Buffer): Promise<boolean> {
    try {
      await symlink(target, this.location);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  /** Gives a version that was moved aside its name back. When the name is taken, the version is kept for the user. */
  async putBack(aside: HiddenName): Promise<void> {
    if (await this.#placeAnything(aside)) await removeIfThere(this.at(aside));
    else await this.keep(aside);
  }

  /** Replaces the empty file of a claim with the hidden file. Returns false when the empty file was replaced or written. */
  async finishClaim(claimed: HiddenName): Promise<boolean> {
    const stats = await statsOf(this.location);
    if (stats?.isFile() !== true || stats.size !== 0n) return false;
    await rename(this.at(claimed), this.location);
    return true;
  }

  /** Moves a version to the directory of kept versions. */
  async keep(aside: HiddenName): Promise<void> {
    for (let number = 1; number <= MAX_KEPT; number += 1) {
      const kept = keptPath(this.operation, this.path, number);
      const parent = await this.#tree.openOrCreate(parentOf(kept));
      if (parent === null) continue;
      try {
        const location = parent.entry(posix.basename(kept));
        if ((await statsOf(location)) !== null) continue;
        await moveTo(this.at(aside), location);
        await parent.sync();
        return;
      } finally {
        await parent.close();
      }
    }
    const message = `The replaced version of ${this.path} cannot be kept below .infrajet/kept. Move the files there away.`;
    throw new GitHubSdkError("source_unavailable", message, { details: { path: this.path } });
  }

  /**
   * Creates the directory for a kept version, so that keeping cannot fail after the swap for a reason that can be known before.
   * Returns false when something is in the way.
   */
  async prepareToKeep(): Promise<boolean> {
    for (let number = 1; number <= MAX_KEPT; number += 1) {
      if (await this.#canOpen(parentOf(keptPath(this.operation, this.path, number)))) return true;
      // A higher number helps unless `.infrajet` itself is in the way.
      if (!(await this.#canOpen(this.#keptRoot(number)))) return false;
    }
    return false;
  }

  /** Removes the directories for kept versions of this file that are empty. */
  async removeEmptyKept(): Promise<void> {
    for (let number = 1; number <= MAX_KEPT; number += 1) {
      const root = await this.#tree.open(this.#keptRoot(number));
      if (root === null) return;
      await root.close();
      await this.#tree.removeEmpty(parentOf(keptPath(this.operation, this.path, number)));
    }
  }

  #keptRoot(number: number): string {
    return parentOf(keptPath(this.operation, "x", number));
  }

  async #canOpen(directory: string): Promise<boolean> {
    const opened = await this.#tree.openOrCreate(directory);
    await opened?.close();
    return opened !== null;
  }

  async #placeAnything(aside: HiddenName): Promise<boolean> {
    const stats = await lstat(this.at(aside));
    if (stats.isDirectory()) return this.#placeDirectory(aside);
    if (!stats.isSymbolicLink()) return this.place(aside);
    return this.placeLink(await readlink(this.at(aside), { encoding: "buffer" }));
  }

  async #placeDirectory(aside: HiddenName): Promise<boolean> {
    try {
      await rename(this.at(aside), this.location);
      return true;
    } catch (error) {
      if (NOT_FREE.has(errorCode(error) ?? "")) return false;
      throw error;
    }
  }

  /**
   * Gives a hidden file its name without a hard link: creates an empty file, which fails where something is, and replaces it.
   * Readers do not see the empty file, because listings fail while a claimed file exists. A user's edit between the last look at
   * the empty file and the call that follows it would be lost; Node has no call that renames without replacing.
   */
  async #claim(hidden: HiddenName): Promise<boolean> {
    const claimed = this.#claimed(hidden);
    if (claimed !== hidden) await rename(this.at(hidden), this.at(claimed));
    const isClaimed = await createEmpty(this.location).catch(async (error: unknown) => {
      await rename(this.at(claimed), this.at(hidden));
      throw error;
    });
    if (isClaimed && (await this.finishClaim(claimed))) return true;
    await rename(this.at(claimed), this.at(hidden));
    return false;
  }

  #claimed(hidden: HiddenName): HiddenName {
    if (hidden.kind === "new") return { ...hidden, kind: "claimed-new" };
    return hidden.kind === "aside" ? { ...hidden, kind: "claimed-aside" } : hidden;
  }
}

/** Creates an empty file. Returns false when something is there. */
async function createEmpty(location: string): Promise<boolean> {
  try {
    await (await open(location, "wx")).close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function moveTo(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // A directory of the project is on a file system of its own.
    if (errorCode(error) !== "EXDEV") throw error;
    await cp(from, to, {
      recursive: true,
      errorOnExist: true,
      force: false,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
    await rm(from, { recursive: true });
  }
}

/** Returns the attributes of a path itself, or `null` when nothing is there. */
export async function statsOf(location: string): Promise<BigIntStats | null> {
  try {
    return await lstat(location, { bigint: true });
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
