import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { pages } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { commitsSince, findInHistory, type ListedCommit, listedCommitSchema, MISSING } from "./comparison.js";

/** An attempt to commit to a branch whose outcome is unknown. */
export interface LandedCommitQuery {
  readonly branch: string;
  /** The head before the attempt; `null` when the branch did not exist. */
  readonly expectedHead: ObjectId | null;
  /** The id of the commit, where it was known beforehand. */
  readonly commitId: ObjectId | null;
  /** The line of the message that identifies the attempt, for commits that GitHub makes. */
  readonly trailer: string;
}

/** A commit that the branch contains. */
export interface FoundCommit {
  readonly commitId: ObjectId;
  readonly url: string;
}

// The commits of a new branch are listed newest first, followed by the history of the branch that it started from.
const PAGES_OF_A_NEW_BRANCH = 10;

/**
 * Finds the commit of an attempt on a branch: by its id, or by its trailer in the commits since the expected head (on a new
 * branch: in its latest 1,000 commits).
 *
 * @returns `null` when the branch does not contain it, or when the branch or the commit to compare with does not exist.
 * GitHub's reads may lag behind its writes for some seconds.
 */
export async function findLandedCommit(
  client: GitHubClient,
  fullName: string,
  query: LandedCommitQuery,
  signal: AbortSignal,
): Promise<FoundCommit | null> {
  const { branch, commitId, expectedHead } = query;
  if (commitId !== null) {
    const found = await findInHistory({ client, repository: fullName, base: commitId, head: branch, signal });
    return found === null ? null : toFound(found);
  }
  const listed =
    expectedHead === null
      ? commitsOfNewBranch(client, fullName, branch, signal)
      : commitsSince({ client, repository: fullName, base: expectedHead, head: branch, signal });
  for await (const commits of listed) {
    const found = commits.find((commit) => hasTrailer(commit, query.trailer));
    if (found !== undefined) return toFound(found);
  }
  return null;
}

async function* commitsOfNewBranch(
  client: GitHubClient,
  fullName: string,
  branch: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedCommit[]> {
  const parameters = { ...repositoryParameters(fullName), sha: branch };
  const options = { signal, expect: MISSING };
  let left = PAGES_OF_A_NEW_BRANCH;
  for await (const page of pages(client, "GET /repos/{owner}/{repo}/commits", parameters, options)) {
    if (MISSING.includes(page.status)) return;
    yield parseResponse(z.array(listedCommitSchema), page);
    left -= 1;
    if (left === 0) return;
  }
}

function hasTrailer({ commit }: ListedCommit, trailer: string): boolean {
  return commit.message.split("\n").some((line) => line.trim() === trailer);
}

function toFound({ sha, html_url }: ListedCommit): FoundCommit {
  return { commitId: sha, url: html_url };
}
