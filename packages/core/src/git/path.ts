import { GitHubSdkError } from "../errors.js";
import { hasDotGit, hasDotGitmodules } from "./dot-git.js";

/** Why git or GitHub refuses a path. */
export type PathProblemReason =
  | "empty"
  | "absolute"
  | "trailing_slash"
  | "empty_segment"
  | "dot_segment"
  | "git_directory"
  | "gitmodules_link"
  | "nul"
  | "not_unicode"
  | "segment_too_long"
  | "path_too_long";

/** A path that cannot be written to a repository, and why, in words for the person who has to rename it. */
export interface PathProblem {
  readonly path: string;
  readonly reason: PathProblemReason;
  readonly message: string;
}

/** Bytes in UTF-8 that a segment of a path may have: what file systems take (`NAME_MAX`). */
const MAX_SEGMENT_BYTES = 255;

/** Bytes in UTF-8 that a whole path may have (`PATH_MAX`; also where `git fsck` begins to complain). */
const MAX_PATH_BYTES = 4096;

const MESSAGES: Readonly<Record<PathProblemReason, string>> = {
  empty: "The path is empty.",
  absolute: "The path begins with a slash; it has to be relative.",
  trailing_slash: "The path ends with a slash; it has to name a file.",
  empty_segment: "The path has two slashes in a row.",
  dot_segment: "The path has `.` or `..` as a segment.",
  git_directory: "The path has a segment that file systems may take for `.git`, where git keeps the repository itself.",
  gitmodules_link: "`.gitmodules`, and what file systems may take for it, cannot be a symbolic link.",
  nul: "The path has a NUL character.",
  not_unicode: "The path has half of a surrogate pair, which UTF-8 cannot write.",
  segment_too_long: `A segment of the path is longer than ${MAX_SEGMENT_BYTES} bytes, more than file systems can hold.`,
  path_too_long: `The path is longer than ${MAX_PATH_BYTES} bytes, more than file systems can hold.`,
};

/**
 * What is wrong with a path as a path of a repository; `null` when nothing is.
 *
 * Backslashes, colons, control characters and trailing dots are legal: git and GitHub take them, though a checkout on
 * Windows does not.
 *
 * @param path Relative to the root of the repository, segments parted by `/`.
 * @param mode The entry's mode; only a symbolic link's matters.
 * @see https://github.com/git/git/blob/v2.51.0/read-cache.c (`verify_path`)
 */
export function checkPath(path: string, mode?: string): PathProblem | null {
  const reason = reasonOf(path, mode);
  return reason === null ? null : { path, reason, message: MESSAGES[reason] };
}

/**
 * Refuses a path that git or GitHub would refuse.
 *
 * @throws GitHubSdkError `invalid_path`, with the problem as its details.
 */
export function assertPath(path: string, mode?: string): void {
  const problem = checkPath(path, mode);
  if (problem === null) return;
  throw new GitHubSdkError("invalid_path", `${problem.message} (${JSON.stringify(path)})`, { details: { ...problem } });
}

/** The path of `name` in `directory`; `""` is the root. */
export function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** The directory that a path lies in; `""` is the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Orders paths and names as git does: by their bytes in UTF-8, which is by code point and not by UTF-16 unit. */
export function comparePaths(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

function reasonOf(path: string, mode: string | undefined): PathProblemReason | null {
  if (path === "") return "empty";
  if (path.includes("\0")) return "nul";
  if (/\p{Surrogate}/u.test(path)) return "not_unicode";
  if (path.startsWith("/")) return "absolute";
  if (path.endsWith("/")) return "trailing_slash";
  if (path.includes("//")) return "empty_segment";
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(path)) return "dot_segment";
  if (hasDotGit(path)) return "git_directory";
  if (mode === "120000" && hasDotGitmodules(path)) return "gitmodules_link";
  if (path.split("/").some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)) return "segment_too_long";
  return Buffer.byteLength(path) > MAX_PATH_BYTES ? "path_too_long" : null;
}

// Surrogates stand for code points above U+FFFF, so they come after the units U+E000 to U+FFFF.
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
