import { lstat, mkdir, rmdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { isGitHubSdkError } from "../errors.js";
import { changedError, errorCode, isGone, writeError } from "./file-error.js";
import { OpenDirectory } from "./open-directory.js";
import type { ProjectDirectory } from "./project-directory.js";

// Another write may remove the directory, empty again, between its creation and its opening.
const CREATION_TRIES = 5;

/** The directories of a project, for writing. No symbolic link is followed. */
export class ProjectTree {
  readonly #root: ProjectDirectory;

  constructor(root: ProjectDirectory) {
    this.#root = root;
  }

  /** Returns the absolute path of a path of the project. */
  absolute(path: string): string {
    return path === "" ? this.#root.path : join(this.#root.path, ...path.split("/"));
  }

  /** @throws GitHubSdkError `source_changed` when the project was deleted or replaced */
  async assertInPlace(): Promise<void> {
    const stats = await lstat(this.#root.path, { bigint: true }).catch((error: unknown) => {
      throw writeError(error, "");
    });
    if (stats.dev !== this.#root.dev || stats.ino !== this.#root.ino) throw changedError("");
  }

  /** Opens a directory. Returns `null` when it does not exist, or a file or link is at its path or above it. */
  async open(directory: string): Promise<OpenDirectory | null> {
    try {
      return await OpenDirectory.open(this.absolute(directory), directory);
    } catch (error) {
      if (isGone(error) || isGitHubSdkError(error, "source_changed")) return null;
      throw error;
    }
  }

  /** Opens a directory, and creates it and those above it. Returns `null` when a file or link is at its path or above it. */
  async openOrCreate(directory: string): Promise<OpenDirectory | null> {
    for (let tries = 0; tries < CREATION_TRIES; tries += 1) {
      const opened = await this.open(directory);
      if (opened !== null || directory === "") return opened;
      if (!(await this.#create(directory))) return null;
    }
    return null;
  }

  /** Removes a directory and those above it, as long as they are empty. */
  async removeEmpty(directory: string): Promise<void> {
    for (let path = directory; path !== ""; path = parentOf(path)) {
      const parent = await this.open(parentOf(path));
      if (parent === null) continue;
      try {
        await rmdir(parent.entry(posix.basename(path)));
      } catch (error) {
        if (!isGone(error)) return;
      } finally {
        await parent.close();
      }
    }
  }

  /** Creates a directory in its parent. Returns false when the parent cannot exist, or a file or link is in the way. */
  async #create(directory: string): Promise<boolean> {
    const parent = await this.openOrCreate(parentOf(directory));
    if (parent === null) return false;
    const location = parent.entry(posix.basename(directory));
    try {
      await mkdir(location);
      return true;
    } catch (error) {
      if (isGone(error)) return true;
      if (errorCode(error) !== "EEXIST") throw error;
      return await isDirectory(location);
    } finally {
      await parent.close();
    }
  }
}

async function isDirectory(location: string): Promise<boolean> {
  try {
    return (await lstat(location)).isDirectory();
  } catch (error) {
    // It was removed again, so it can be created.
    if (isGone(error)) return true;
    throw error;
  }
}

/** Returns the directory of a path of the project; `""` is the root. */
export function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

/** Returns the path of a name in a directory of the project. */
export function below(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
