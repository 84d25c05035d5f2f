import * as z from "zod";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";

/** The contents of a new pull request. */
export interface PullRequestDraft {
  /** The branch with the changes, in the same repository. */
  readonly head: string;
  /** The branch to merge into. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

/** An open pull request. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  /** False when GitHub does not support drafts in the repository and the pull request was opened as a regular one. */
  readonly isAsDrafted: boolean;
}

const pullRequestSchema = z.object({ number: z.number(), html_url: z.string() });
const stateSchema = z.object({ state: z.enum(["open", "closed"]), merged: z.boolean() });

/**
 * Opens a pull request, or returns the open one for the same two branches.
 *
 * @throws GitHubSdkError what the client maps; `github_rejected` when the branches do not differ
 * @see https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
 */
export async function openPullRequest(
  client: GitHubClient,
  fullName: string,
  draft: PullRequestDraft,
  signal: AbortSignal,
): Promise<PullRequest> {
  const route = "POST /repos/{owner}/{repo}/pulls";
  try {
    const response = await client.request(route, { ...repositoryParameters(fullName), ...draft }, { signal });
    return toPullRequest(parseResponse(pullRequestSchema, response));
  } catch (error) {
    if (draft.draft && isDraftUnsupported(error)) {
      return { ...(await openPullRequest(client, fullName, { ...draft, draft: false }, signal)), isAsDrafted: false };
    }
    // 422 means "already exists" or "nothing to merge", so the open pull requests decide.
    const open = isGitHubSdkError(error, "github_rejected") ? await findOpen(client, fullName, draft, signal) : null;
    if (open === null) throw error;
    return open;
  }
}

/** GitHub supports drafts in public repositories and, with a paid plan, in private ones. */
function isDraftUnsupported(error: unknown): boolean {
  if (!isGitHubSdkError(error, "github_rejected") || !(error.cause instanceof Error)) return false;
  return /draft pull requests are not supported/i.test(error.cause.message);
}

/**
 * Reads the state of a pull request. A deleted one counts as closed.
 *
 * @see https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
 */
export async function readPullRequestState(
  client: GitHubClient,
  fullName: string,
  number: number,
  signal: AbortSignal,
): Promise<"open" | "merged" | "closed"> {
  const parameters = { ...repositoryParameters(fullName), pull_number: number };
  const options = { signal, expect: [404] };
  const response = await client.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", parameters, options);
  if (response.status === 404) return "closed";
  const { state, merged } = parseResponse(stateSchema, response);
  return merged ? "merged" : state;
}

async function findOpen(
  client: GitHubClient,
  fullName: string,
  { head, base }: PullRequestDraft,
  signal: AbortSignal,
): Promise<PullRequest | null> {
  const { owner, repo } = repositoryParameters(fullName);
  const filter = { state: "open", head: `${owner}:${head}`, base };
  const response = await client.request("GET /repos/{owner}/{repo}/pulls", { owner, repo, ...filter }, { signal });
  const [open] = parseResponse(z.array(pullRequestSchema), response);
  return open === undefined ? null : toPullRequest(open);
}

function toPullRequest({ number, html_url }: z.infer<typeof pullRequestSchema>): PullRequest {
  return { number, url: html_url, isAsDrafted: true };
}
