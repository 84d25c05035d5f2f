import type { BigIntStats } from "node:fs";
import { lstat, opendir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { GitHubSdkError } from "../errors.js";
import { fileError, isGone } from "./file-error.js";

/** A directory by its real path: without symbolic links, in the spelling of the file system. */
export interface ProjectDirectory {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * Finds the directory of a project by the path that the host chose, following links in it.
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
 * Finds a directory below the root by its exact segments, without following links. On a file system that ignores case (or
 * Unicode form, or trailing dots) it does not find another spelling, so that two ids never lead to one directory.
 *
 * @throws GitHubSdkError `project_not_found`; `source_unavailable` when the root does not exist or a directory cannot be read.
 */
export async function findDirectoryBelow(root: string, segments: readonly string[]): Promise<ProjectDirectory> {
  let path = await realpath(root).catch((error: unknown) => {
    throw new GitHubSdkError("source_unavailable", "The root folder of the projects is not available.", {
      cause: error,
    });
  });
  try {
    for (const segment of segments) {
      if (!(await isOwnSpelling(path, segment))) throw notFound("The project does not exist.");
      path = join(path, segment);
    }
    const directory = ownDirectory(path, await lstat(path, { bigint: true }));
    if ((await realpath(path)) !== path)
      throw notFound("The path of the project folder contains a symbolic link, which is not followed.");
    return directory;
  } catch (error) {
    throw openError(error);
  }
}

function ownDirectory(path: string, stats: BigIntStats): ProjectDirectory {
  if (!stats.isDirectory()) throw notFound("The project folder is not a directory.");
  return { path, dev: stats.dev, ino: stats.ino };
}

// Listing a directory with many users for each project would be slow, so it is listed only if another spelling is found too.
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
    withoutTrailingDots(name),
  ];
  return [...new Set(spellings)].filter((spelling) => spelling !== name && !/^\.*$/.test(spelling));
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // A spelling without permission counts as found.
    return !isGone(error);
  }
}

function openError(error: unknown): unknown {
  if (isGone(error)) return notFound("The project does not exist.", error);
  return fileError(error, "");
}

function notFound(message: string, cause?: unknown): GitHubSdkError {
  return new GitHubSdkError("project_not_found", message, { cause });
}

function withoutTrailingDots(name: string): string {
  let end = name.length;
  while (name[end - 1] === "." || name[end - 1] === " ") end -= 1;
  return name.slice(0, end);
}
