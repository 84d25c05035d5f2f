import type { ObjectId, RepositoryInfo } from "../domain/repository.js";
import { type ErrorCode, GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { readHead } from "./branch-reader.js";

/** The branch that was to be moved, and the head that it was to have before. */
export interface RefusedMove {
  readonly repository: RepositoryInfo;
  readonly branch: string;
  /** `null` when the branch was not to exist. */
  readonly from: ObjectId | null;
}

// GitHub has many words, and none that is documented, for "the branch is not where you think"; a branch that is gone looks
// like a repository that is gone, or like a missing permission.
const AMBIGUOUS: readonly ErrorCode[] = ["github_rejected", "repository_not_found", "workflow_permission_missing"];

/**
 * What a refused move of a branch means, told by where the branch stands now.
 *
 * @returns `branch_moved` when the branch has another head, or none; otherwise the error as it was
 */
export async function explainRefusal(
  client: GitHubClient,
  { repository, branch, from }: RefusedMove,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isGitHubSdkError(error) || !AMBIGUOUS.includes(error.code)) return error;
  const read = await readHead(client, repository.fullName, branch, null, signal);
  const head = read.state === "read" ? read.head : null;
  return head === from ? error : branchMoved(branch, error);
}

/** The error for a branch that has another head than was expected. */
export function branchMoved(branch: string, cause: unknown): GitHubSdkError {
  const message = `The branch ${branch} has been changed by somebody else in the meantime.`;
  return new GitHubSdkError("branch_moved", message, { cause });
}
