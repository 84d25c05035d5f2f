import type { ObjectId, RepositoryInfo } from "../domain/repository.js";
import { type ErrorCode, GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { readHead } from "./branch-reader.js";
import { collisionError } from "./colliding-branch.js";

/** A rejected move of a branch. */
export interface RefusedMove {
  readonly repository: RepositoryInfo;
  readonly branch: string;
  /** The expected head; `null` when the branch was to be created. */
  readonly from: ObjectId | null;
  /** The paths that the commit writes and deletes, for the message about a rejected file. */
  readonly paths?: readonly string[];
}

// GitHub's texts for an unexpected head are many and undocumented; a deleted branch looks like a deleted repository or a
// missing permission.
const AMBIGUOUS: readonly ErrorCode[] = ["github_rejected", "repository_not_found", "workflow_permission_missing"];

const MAX_REJECTED_PATHS = 10;

/**
 * Explains a rejected move of a branch by the branch's current state.
 *
 * @returns `branch_moved` when the head is not the expected one, `invalid_branch` when a new branch collides with another
 * one, the error with the names of the files that a push rule rejects, or otherwise the same error
 */
export async function explainRefusal(
  client: GitHubClient,
  { repository, branch, from, paths = [] }: RefusedMove,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (isGitHubSdkError(error, "branch_protected")) return withRejectedPaths(error, paths);
  if (!isGitHubSdkError(error) || !AMBIGUOUS.includes(error.code)) return error;
  const read = await readHead(client, repository.fullName, branch, null, signal);
  const head = read.state === "read" ? read.head : null;
  if (head !== from) return branchMoved(branch, error);
  if (from !== null) return error;
  return (await collisionError({ client, fullName: repository.fullName, branch, signal }, error)) ?? error;
}

/** Adds the paths that GitHub's text names to the error of a push rule; returns any other error unchanged. */
export function withRejectedPaths(error: unknown, paths: readonly string[]): unknown {
  if (!isGitHubSdkError(error, "branch_protected") || typeof error.details.rule !== "string") return error;
  const text = error.cause instanceof Error ? error.cause.message : "";
  const rejected = paths.filter((path) => isNamed(path, text)).slice(0, MAX_REJECTED_PATHS);
  const files = rejected.length === 0 ? "files of this sync" : rejected.map((path) => JSON.stringify(path)).join(", ");
  const message = `The push rule ${error.details.rule} of the repository rejected ${files}. Rename or ignore the files, or change the rule.`;
  return new GitHubSdkError("branch_protected", message, {
    cause: error.cause,
    details: { ...error.details, paths: rejected },
  });
}

/** Returns true if the text contains the path, and not only as a part of a longer path. */
function isNamed(path: string, text: string): boolean {
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + 1)) {
    if (!isPathCharacter(text[at - 1]) && !isPathCharacter(text[at + path.length])) return true;
  }
  return false;
}

function isPathCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\w/-]/.test(character);
}

/** Returns the error for a branch whose head is not the expected one. */
export function branchMoved(branch: string, cause: unknown): GitHubSdkError {
  const message = `The branch ${branch} was changed by another push in the meantime. Sync again.`;
  return new GitHubSdkError("branch_moved", message, { cause });
}
