import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { repositoryParameters } from "../github/repository-name.js";

/**
 * Makes a branch that points at a commit.
 *
 * @throws GitHubSdkError `branch_moved` when it is there already, and whatever GitHub refuses it for
 * @see https://docs.github.com/en/rest/git/refs#create-a-reference
 */
export async function createBranch(
  client: GitHubClient,
  fullName: string,
  branch: string,
  commitId: ObjectId,
  signal: AbortSignal,
): Promise<void> {
  const parameters = { ...repositoryParameters(fullName), ref: `refs/heads/${branch}`, sha: commitId };
  await client.request("POST /repos/{owner}/{repo}/git/refs", parameters, { signal });
}
