import { type GitHubSdkError, isGitHubSdkError } from "../../errors.js";

/** The most rounds of planning and writing of one sync. */
export const ROUNDS = 5;

/** True for an error after which the branch is read again: it has moved, or it is unknown whether it has. */
export function isWorthAnotherRound(error: unknown): error is GitHubSdkError {
  return isGitHubSdkError(error) && CODES.has(error.code);
}

const CODES: ReadonlySet<string> = new Set(["branch_moved", "github_unavailable", "github_timeout"]);

/** Returns a random pause that doubles each round, so that two syncs that collided do not collide again. */
export function pauseAfter(round: number): number {
  return 100 * 2 ** round * (0.5 + Math.random() / 2);
}
