import { type GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { repositoryParameters } from "../github/repository-name.js";

/** A pull request to add labels and reviewers to. */
export interface ReviewTarget {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly fullName: string;
  readonly number: number;
  readonly signal: AbortSignal;
}

/**
 * Adds labels to a pull request, and requests reviews. When GitHub refuses some of them, the others are still added.
 *
 * @returns a note for each kind that GitHub did not accept completely
 * @see https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue
 * @see https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
 */
export async function addLabelsAndReviewers(
  target: ReviewTarget,
  { labels, reviewers }: { readonly labels: readonly string[]; readonly reviewers: readonly string[] },
): Promise<readonly string[]> {
  const refusedLabels = await addAll(labels, (names) => addLabels(target, names), target.signal);
  const refusedReviewers = await addAll(reviewers, (names) => requestReviews(target, names), target.signal);
  return [
    ...noteOn(refusedLabels, "did not add these labels to the pull request"),
    ...noteOn(refusedReviewers, "did not request a review from"),
  ];
}

async function addLabels({ client, fullName, number, signal }: ReviewTarget, labels: readonly string[]): Promise<void> {
  const parameters = { ...repositoryParameters(fullName), issue_number: number, labels };
  await client.request("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", parameters, { signal });
}

async function requestReviews(
  { client, fullName, number, signal }: ReviewTarget,
  names: readonly string[],
): Promise<void> {
  const reviewers = names.filter((name) => !name.includes("/"));
  const teams = names.flatMap((name) => name.split("/")[1] ?? []);
  const parameters = { ...repositoryParameters(fullName), pull_number: number, reviewers, team_reviewers: teams };
  await client.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", parameters, { signal });
}

interface Refusal {
  readonly names: readonly string[];
  readonly error: GitHubSdkError;
}

/** GitHub refuses a list with one invalid name as a whole, so each name is then sent alone. Returns the refused names. */
async function addAll(
  names: readonly string[],
  add: (names: readonly string[]) => Promise<void>,
  signal: AbortSignal,
): Promise<Refusal | null> {
  if (names.length === 0) return null;
  const refusal = await refusalOf(() => add(names), signal);
  if (refusal === null) return null;
  if (names.length === 1 || refusal.code !== "github_rejected") return { names, error: refusal };
  const refused: string[] = [];
  for (const name of names) {
    if ((await refusalOf(() => add([name]), signal)) !== null) refused.push(name);
  }
  return refused.length === 0 ? null : { names: refused, error: refusal };
}

async function refusalOf(add: () => Promise<void>, signal: AbortSignal): Promise<GitHubSdkError | null> {
  try {
    await add();
    return null;
  } catch (error) {
    signal.throwIfAborted();
    // The pull request is open: a failure to decorate it must not fail the sync.
    if (isGitHubSdkError(error)) return error;
    throw error;
  }
}

function noteOn(refusal: Refusal | null, words: string): string[] {
  if (refusal === null) return [];
  return [`GitHub ${words}: ${refusal.names.join(", ")}. ${refusal.error.message}`];
}
