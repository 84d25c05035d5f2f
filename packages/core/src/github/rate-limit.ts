import type { GitHubResponse } from "./github-client.js";
import { graphqlErrorsOf, textOf } from "./upstream-text.js";

/** A limit that GitHub says has been reached. */
export interface RateLimit {
  /** Milliseconds until GitHub wants to be asked again; `null` when it does not say. */
  readonly waitMs: number | null;
}

const SECONDARY = /secondary rate limit|abuse detection|temporarily blocked from content creation/i;
const PRIMARY = /rate limit|^$/i;

/**
 * Tells whether an answer means "too many requests", and for how long.
 *
 * @param now epoch milliseconds
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function rateLimitOf(answer: GitHubResponse, now: number): RateLimit | null {
  if (!isLimit(answer)) return null;
  return { waitMs: retryAfter(answer) ?? untilReset(answer, now) };
}

function isLimit({ status, headers, data }: GitHubResponse): boolean {
  if (status === 429) return true;
  if (status === 403) {
    const text = textOf(data);
    if (SECONDARY.test(text)) return true;
    if (/^\d+$/.test(headers["retry-after"] ?? "")) return true;
    // The last request that the budget allowed may be forbidden for a reason of its own.
    return headers["x-ratelimit-remaining"] === "0" && PRIMARY.test(text);
  }
  if (status !== 200) return false;
  return graphqlErrorsOf(data).some((error) => error.type === "RATE_LIMITED" || SECONDARY.test(error.message));
}

function retryAfter({ headers }: GitHubResponse): number | null {
  const value = headers["retry-after"] ?? "";
  return /^\d+$/.test(value) ? Number(value) * 1000 : null;
}

function untilReset({ headers }: GitHubResponse, now: number): number | null {
  const reset = headers["x-ratelimit-reset"] ?? "";
  if (headers["x-ratelimit-remaining"] !== "0" || !/^\d+$/.test(reset)) return null;
  // One second more, so that the next request comes after the reset and not in its last moment.
  return Math.max(0, Number(reset) * 1000 - now) + 1000;
}
