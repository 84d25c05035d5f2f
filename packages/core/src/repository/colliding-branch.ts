import * as z from "zod";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";

/** A branch that is to be created. */
export interface NewBranch {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly fullName: string;
  readonly branch: string;
  readonly signal: AbortSignal;
}

const refsSchema = z.array(z.object({ ref: z.string() }));
const PREFIX = "refs/heads/";

/**
 * Returns an existing branch that makes a new branch impossible, or `null` if there is none.
 *
 * Git cannot store `a/b` beside `a`: the new name may neither be below an existing branch nor above one.
 *
 * @see https://docs.github.com/en/rest/git/refs#list-matching-references
 */
export async function findCollidingBranch({ client, fullName, branch, signal }: NewBranch): Promise<string | null> {
  const [first = branch] = branch.split("/");
  const parameters = { ...repositoryParameters(fullName), ref: `heads/${first}` };
  const route = "GET /repos/{owner}/{repo}/git/matching-refs/{ref}";
  const response = await client.request(route, parameters, { signal, expect: [404, 409] });
  if (response.status !== 200) return null;
  const branches = parseResponse(refsSchema, response).map(({ ref }) => ref.slice(PREFIX.length));
  const collides = (other: string): boolean => branch.startsWith(`${other}/`) || other.startsWith(`${branch}/`);
  return branches.find(collides) ?? null;
}

/**
 * Explains the failed creation of a branch by a collision with another branch.
 *
 * @returns `invalid_branch`, which names the other branch, or `null` if the failure has another reason
 */
export async function collisionError(branch: NewBranch, error: unknown): Promise<GitHubSdkError | null> {
  if (!isGitHubSdkError(error) || !["github_rejected", "branch_moved"].includes(error.code)) return null;
  const other = await findCollidingBranch(branch);
  if (other === null) return null;
  return new GitHubSdkError(
    "invalid_branch",
    `The branch ${branch.branch} cannot be created beside the existing branch ${other}. Choose another name.`,
    { cause: error, details: { name: branch.branch, collidesWith: other } },
  );
}
