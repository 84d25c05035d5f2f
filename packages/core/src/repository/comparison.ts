import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { pages } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";

/** The schema of a commit in a list of GitHub. */
export const listedCommitSchema = z.object({
  sha: z.string(),
  html_url: z.string(),
  commit: z.object({ message: z.string() }),
});

/** A commit in a list of GitHub. */
export type ListedCommit = z.infer<typeof listedCommitSchema>;

/** The statuses for a missing branch or commit (404) and an empty repository (409). */
export const MISSING: readonly number[] = [404, 409];

const comparisonSchema = z.object({
  status: z.enum(["ahead", "behind", "diverged", "identical"]),
  base_commit: listedCommitSchema,
  commits: z.array(listedCommitSchema),
});

/** A comparison of a commit with a history. */
export interface ComparisonQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly base: ObjectId;
  /** A branch or a commit id. */
  readonly head: string;
  readonly signal: AbortSignal;
}

/** Returns the commit `base` if the history of `head` contains it; otherwise, or if either does not exist, `null`. */
export async function findInHistory(query: ComparisonQuery): Promise<ListedCommit | null> {
  for await (const { status, base_commit } of comparisonPages(query)) {
    return status === "ahead" || status === "identical" ? base_commit : null;
  }
  return null;
}

/** Yields pages of the commits that `head` has and `base` does not; none if either does not exist. */
export async function* commitsSince(query: ComparisonQuery): AsyncGenerator<readonly ListedCommit[]> {
  for await (const { commits } of comparisonPages(query)) yield commits;
}

/** @see https://docs.github.com/en/rest/commits/commits#compare-two-commits */
async function* comparisonPages({ client, repository, base, head, signal }: ComparisonQuery) {
  const parameters = { ...repositoryParameters(repository), basehead: `${base}...${head}` };
  const route = "GET /repos/{owner}/{repo}/compare/{basehead}";
  for await (const page of pages(client, route, parameters, { signal, expect: MISSING })) {
    if (MISSING.includes(page.status)) return;
    yield parseResponse(comparisonSchema, page);
  }
}
