import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import { linkedPage } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import type { UserCredential } from "./user-tokens.js";

/** A branch of a repository. */
export interface UserBranch {
  readonly name: string;
  readonly commitId: ObjectId;
  /** True when a rule or a branch protection applies to the branch. */
  readonly protected: boolean;
}

/** One page of a repository's branches, in GitHub's order. */
export interface BranchPage {
  readonly branches: readonly UserBranch[];
  readonly page: number;
  readonly perPage: number;
  readonly hasMore: boolean;
}

/** A query for branches. */
export interface BranchQuery {
  /** `owner/name`. */
  readonly repository: string;
  /** Starts at 1. */
  readonly page: number;
  readonly perPage: number;
  /** Only branches whose name contains this text, regardless of case; `null` for all. */
  readonly search: string | null;
}

const ROUTE = "GET /repos/{owner}/{repo}/branches";
// GitHub's API does not search branches by name.
const SEARCHED_PAGES = 50;

const branchesSchema = z.array(
  z.object({ name: z.string(), commit: z.object({ sha: z.string() }), protected: z.boolean() }).transform(
    ({ name, commit, protected: isProtected }): UserBranch => ({
      name,
      commitId: commit.sha,
      protected: isProtected,
    }),
  ),
);

/**
 * Reads one page of a repository's branches with a user's token. A search reads the first 5,000 branches at most.
 *
 * @throws GitHubSdkError `repository_not_found`, `invalid_repository_name`, and the errors of GitHub requests
 * @see https://docs.github.com/en/rest/branches/branches#list-branches
 */
export async function readBranches(
  clients: GitHubClients,
  credential: UserCredential,
  query: BranchQuery,
  signal: AbortSignal,
): Promise<BranchPage> {
  const client = clients.for(credential);
  const { page, perPage, search } = query;
  if (search !== null) return searchBranches(client, { ...query, search }, signal);
  const { branches, hasMore } = await readPage(client, query.repository, page, perPage, signal);
  return { branches, page, perPage, hasMore };
}

async function searchBranches(
  client: GitHubClient,
  { repository, page, perPage, search }: BranchQuery & { readonly search: string },
  signal: AbortSignal,
): Promise<BranchPage> {
  const text = search.toLowerCase();
  const end = page * perPage;
  const found: UserBranch[] = [];
  for (let number = 1; number <= SEARCHED_PAGES && found.length <= end; number += 1) {
    const { branches, hasMore } = await readPage(client, repository, number, 100, signal);
    found.push(...branches.filter(({ name }) => name.toLowerCase().includes(text)));
    if (!hasMore) break;
  }
  return { branches: found.slice(end - perPage, end), page, perPage, hasMore: found.length > end };
}

async function readPage(
  client: GitHubClient,
  repository: string,
  page: number,
  perPage: number,
  signal: AbortSignal,
): Promise<{ readonly branches: readonly UserBranch[]; readonly hasMore: boolean }> {
  const parameters = { ...repositoryParameters(repository), page, per_page: perPage };
  const response = await client.request(ROUTE, parameters, { signal });
  return { branches: parseResponse(branchesSchema, response), hasMore: linkedPage(response.headers, "next") !== null };
}
