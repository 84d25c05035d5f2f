import type { BigIntStats } from "node:fs";
import { lstat, opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { GitHubSdkError } from "../errors.js";
import { fileError, isGone } from "./file-error.js";

/** A directory by its real path: no symbolic link in it, spelled as the file system spells it. */
export interface ProjectDirectory {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The directory that the host named as one project, links on the way to it followed.
 *
 * @throws GitHubSdkError `project_not_found`, `source_unavailable`.
 */
export async function findDirectory(directory: string): Promise<ProjectDirectory> {
  try {
    const path = await realpath(directory);
    return ownDirectory(path, await lstat(path, { bigint: true }));
  } catch (error) {
    throw openError(error);
  }
}

/**
 * The directory that lies under the root by exactly these segments, and is no link. On a file system that ignores case (or
 * Unicode form, or trailing dots) another spelling of a name is not found: two ids never reach one directory.
 *
 * @throws GitHubSdkError `project_not_found`; `source_unavailable` when the root is not there or something cannot be read.
 */
export async function findDirectoryBelow(root: string, segments: readonly string[]): Promise<ProjectDirectory> {
  let path = await realpath(root).catch((error: unknown) => {
    throw new GitHubSdkError("source_unavailable", "The folder of all projects cannot be reached.", { cause: error });
  });
  try {
    for (const segment of segments) {
      if (!(await isOwnSpelling(path, segment))) throw notFound("There is no such project.");
      path = join(path, segment);
    }
    const directory = ownDirectory(path, await lstat(path, { bigint: true }));
    if ((await realpath(path)) !== path)
      throw notFound("The project's folder is reached by a link, which is not followed.");
    return directory;
  } catch (error) {
    throw openError(error);
  }
}

function ownDirectory(path: string, stats: BigIntStats): ProjectDirectory {
  if (!stats.isDirectory()) throw notFound("The project's folder is not a directory of its own.");
  return { path, dev: stats.dev, ino: stats.ino };
}

// Whether a name is in the directory in this spelling. Listing a directory of many users for each project would be dear,
// so it is listed only where another spelling is answered to as well.
async function isOwnSpelling(directory: string, name: string): Promise<boolean> {
  const found = await Promise.all(otherSpellings(name).map((spelling) => exists(join(directory, spelling))));
  if (!found.includes(true)) return true;
  for await (const entry of await opendir(directory)) if (entry.name === name) return true;
  return false;
}

function otherSpellings(name: string): string[] {
  const spellings = [
    name.toLowerCase(),
    name.toUpperCase(),
    name.normalize("NFC"),
    name.normalize("NFD"),
    name.replace(/[. ]+$/, ""),
  ];
  return [...new Set(spellings)].filter((spelling) => spelling !== name && !/^\.*$/.test(spelling));
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // A spelling that may not be looked at counts as one that is answered to.
    return !isGone(error);
  }
}

function openError(error: unknown): unknown {
  if (isGone(error)) return notFound("There is no such project.", error);
  return fileError(error, "");
}

function notFound(message: string, cause?: unknown): GitHubSdkError {
  return new GitHubSdkError("project_not_found", message, { cause });
}
