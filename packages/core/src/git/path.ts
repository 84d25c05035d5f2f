import { GitHubSdkError } from "../errors.js";
import { hasDotGit, hasDotGitmodules } from "./dot-git.js";

/** The reason why git or GitHub rejects a path. */
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

/** A path that cannot be written to a repository, with a readable reason. */
export interface PathProblem {
  readonly path: string;
  readonly reason: PathProblemReason;
  readonly message: string;
}

/** The longest segment of a path in bytes of UTF-8: the limit of file systems (`NAME_MAX`). */
const MAX_SEGMENT_BYTES = 255;

/** The longest path in bytes of UTF-8 (`PATH_MAX`; `git fsck` warns beyond it). */
const MAX_PATH_BYTES = 4096;

const MESSAGES: Readonly<Record<PathProblemReason, string>> = {
  empty: "The path is empty.",
  absolute: "The path begins with a slash. It must be relative.",
  trailing_slash: "The path ends with a slash. It must name a file.",
  empty_segment: "The path has two slashes in a row.",
  dot_segment: "The path has `.` or `..` as a segment.",
  git_directory:
    "The path has a segment that file systems may store as `.git`, the directory of the repository itself.",
  gitmodules_link: "`.gitmodules`, or a name that file systems may store as it, cannot be a symbolic link.",
  nul: "The path contains a NUL character.",
  not_unicode: "The path contains half of a surrogate pair, which UTF-8 cannot represent.",
  segment_too_long: `A segment of the path is longer than ${MAX_SEGMENT_BYTES} bytes, the limit of file systems.`,
  path_too_long: `The path is longer than ${MAX_PATH_BYTES} bytes, the limit of file systems.`,
};

/**
 * Checks a path of a repository. Returns `null` for a valid path.
 *
 * Backslashes, colons, control characters and trailing dots are valid: git and GitHub accept them, though a checkout on
 * Windows does not.
 *
 * @param path the path relative to the root of the repository, with `/` between segments
 * @param mode the mode of the entry; only that of a symbolic link matters
 * @see https://github.com/git/git/blob/v2.51.0/read-cache.c (`verify_path`)
 */
export function checkPath(path: string, mode?: string): PathProblem | null {
  const reason = reasonOf(path, mode);
  return reason === null ? null : { path, reason, message: MESSAGES[reason] };
}

/**
 * Checks a path by the rules of git and GitHub.
 *
 * @throws GitHubSdkError `invalid_path`, with the problem as its details.
 */
export function assertPath(path: string, mode?: string): void {
  const problem = checkPath(path, mode);
  if (problem === null) return;
  throw new GitHubSdkError("invalid_path", `${problem.message} (${JSON.stringify(path)})`, { details: { ...problem } });
}

/** Returns the path of `name` in `directory`; `""` is the root. */
export function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** Returns the parent directory of a path; `""` is the root. */
export function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Returns the last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Compares paths and names as git does: by their bytes in UTF-8, so by code point instead of UTF-16 unit. */
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

// Surrogates represent code points above U+FFFF, so they sort after the units U+E000 to U+FFFF.
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
