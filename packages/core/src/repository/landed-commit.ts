import { z } from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient, GitHubResponse } from "../github/github-client.js";
import { pages } from "../github/pagination.js";
import { parseAnswer } from "../github/parse-answer.js";
import { repositoryParameters } from "../github/repository-name.js";

/** A try to put a commit on a branch whose end is not known. */
export interface LandedCommitQuery {
  readonly branch: string;
  /** The head before the try; `null` when the branch did not exist. */
  readonly expectedHead: ObjectId | null;
  /** The commit's id, where it was known beforehand. */
  readonly commitId: ObjectId | null;
  /** The line of the message that names the try, for commits that GitHub makes. */
  readonly trailer: string;
}

/** A commit that the branch has. */
export interface FoundCommit {
  readonly commitId: ObjectId;
  readonly url: string;
}

const commitSchema = z.object({
  sha: z.string(),
  html_url: z.string(),
  commit: z.object({ message: z.string() }),
});
const comparisonSchema = z.object({
  status: z.enum(["ahead", "behind", "diverged", "identical"]),
  base_commit: commitSchema,
  commits: z.array(commitSchema),
});

// The commits of a new branch are listed newest first, with the history of the branch that it began from below them.
const PAGES_OF_A_NEW_BRANCH = 10;

/**
 * Whether a commit of ours is reachable from a branch: by its id, or else by its trailer among the commits since the
 * expected head (on a branch that was new: among its latest 1,000).
 *
 * @returns `null` when it is not, or when the branch or the commit to compare with is gone. GitHub's reads may lag behind
 * its writes for some seconds.
 */
export async function findLandedCommit(
  client: GitHubClient,
  fullName: string,
  query: LandedCommitQuery,
  signal: AbortSignal,
): Promise<FoundCommit | null> {
  const asked = { client, repository: repositoryParameters(fullName), query, signal };
  if (query.commitId !== null) return findById(asked, query.commitId);
  return query.expectedHead === null ? findOnNewBranch(asked) : findSince(asked, query.expectedHead);
}

interface Asked {
  readonly client: GitHubClient;
  readonly repository: ReturnType<typeof repositoryParameters>;
  readonly query: LandedCommitQuery;
  readonly signal: AbortSignal;
}

/** A branch contains a commit when it is ahead of it, or is it. */
async function findById(asked: Asked, commitId: ObjectId): Promise<FoundCommit | null> {
  for await (const page of comparisonPages(asked, commitId)) {
    if (isMissing(page)) return null;
    const { status, base_commit } = parseAnswer(comparisonSchema, page);
    return status === "ahead" || status === "identical" ? toFound(base_commit) : null;
  }
  return null;
}

async function findSince(asked: Asked, expectedHead: ObjectId): Promise<FoundCommit | null> {
  for await (const page of comparisonPages(asked, expectedHead)) {
    if (isMissing(page)) return null;
    const found = parseAnswer(comparisonSchema, page).commits.find((commit) => hasTrailer(commit, asked.query.trailer));
    if (found !== undefined) return toFound(found);
  }
  return null;
}

async function findOnNewBranch({ client, repository, query, signal }: Asked): Promise<FoundCommit | null> {
  const parameters = { ...repository, sha: query.branch };
  let left = PAGES_OF_A_NEW_BRANCH;
  for await (const page of pages(client, "GET /repos/{owner}/{repo}/commits", parameters, {
    signal,
    expect: MISSING,
  })) {
    if (isMissing(page)) return null;
    const found = parseAnswer(z.array(commitSchema), page).find((commit) => hasTrailer(commit, query.trailer));
    if (found !== undefined) return toFound(found);
    left -= 1;
    if (left === 0) return null;
  }
  return null;
}

// 404: the branch or the commit is not there. 409: the repository is empty.
const MISSING = [404, 409];

/** @see https://docs.github.com/en/rest/commits/commits#compare-two-commits */
function comparisonPages({ client, repository, query, signal }: Asked, base: ObjectId) {
  const parameters = { ...repository, basehead: `${base}...${query.branch}` };
  const route = "GET /repos/{owner}/{repo}/compare/{basehead}";
  return pages(client, route, parameters, { signal, expect: MISSING });
}

function isMissing(page: GitHubResponse): boolean {
  return MISSING.includes(page.status);
}

function hasTrailer({ commit }: z.infer<typeof commitSchema>, trailer: string): boolean {
  return commit.message.split("\n").some((line) => line.trim() === trailer);
}

function toFound({ sha, html_url }: z.infer<typeof commitSchema>): FoundCommit {
  return { commitId: sha, url: html_url };
}
