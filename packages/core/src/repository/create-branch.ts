import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { repositoryParameters } from "../github/repository-name.js";
import { collisionError } from "./colliding-branch.js";

/**
 * Creates a branch that points at a commit.
 *
 * @throws GitHubSdkError `branch_moved` when the branch exists already, `invalid_branch` when its name collides with another
 * ref, and what the client maps
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
  try {
    await client.request("POST /repos/{owner}/{repo}/git/refs", parameters, { signal });
  } catch (error) {
    throw (await collisionError({ client, fullName, branch, signal }, error)) ?? error;
  }
}
