import type { GitHubResponse } from "./github-client.js";
import { type GraphqlError, graphqlErrorsOf, textOf } from "./upstream-text.js";

/** A rate limit that GitHub reports as exceeded. */
export interface RateLimit {
  /** Milliseconds until the next request is allowed; `null` when GitHub does not specify it. */
  readonly waitMs: number | null;
}

const SECONDARY = /secondary rate limit|abuse detection|temporarily blocked from content creation/i;
const PRIMARY = /rate limit|^$/i;
const GRAPHQL_TYPE = /rate_?limit/i;
const GRAPHQL_MESSAGE = /API rate limit (?:already )?exceeded/i;

/**
 * Returns the rate limit that a response reports, or `null` if it reports none.
 *
 * GraphQL reports limits with status 200 in several forms: an error of type `RATE_LIMITED` or `RATE_LIMIT`, an error or a
 * code `graphql_rate_limit`, or only a message, in `errors` or in place of `data`.
 *
 * @param now epoch milliseconds
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function rateLimitOf(response: GitHubResponse, now: number): RateLimit | null {
  if (!isLimit(response)) return null;
  return { waitMs: retryAfter(response) ?? untilReset(response, now) };
}

function isLimit({ status, headers, data }: GitHubResponse): boolean {
  if (status === 429) return true;
  if (status === 403) {
    const text = textOf(data);
    if (SECONDARY.test(text)) return true;
    if (/^\d+$/.test(headers["retry-after"] ?? "")) return true;
    // The last request within the limit may be forbidden for another reason.
    return headers["x-ratelimit-remaining"] === "0" && PRIMARY.test(text);
  }
  if (status !== 200) return false;
  return graphqlErrorsOf(data).some(isGraphqlLimit) || isMessageOfLimit(data);
}

function isGraphqlLimit({ type, code, message }: GraphqlError): boolean {
  return GRAPHQL_TYPE.test(type) || GRAPHQL_TYPE.test(code) || SECONDARY.test(message) || GRAPHQL_MESSAGE.test(message);
}

/** A limit in the form of a REST error, in place of `data`. */
function isMessageOfLimit(body: unknown): boolean {
  if (typeof body !== "object" || body === null || "data" in body || !("message" in body)) return false;
  const { message } = body;
  return typeof message === "string" && (SECONDARY.test(message) || GRAPHQL_MESSAGE.test(message));
}

function retryAfter({ headers }: GitHubResponse): number | null {
  const value = headers["retry-after"] ?? "";
  return /^\d+$/.test(value) ? Number(value) * 1000 : null;
}

function untilReset({ headers }: GitHubResponse, now: number): number | null {
  const reset = headers["x-ratelimit-reset"] ?? "";
  if (headers["x-ratelimit-remaining"] !== "0" || !/^\d+$/.test(reset)) return null;
  // One second more, so that the next request is sent after the reset.
  return Math.max(0, Number(reset) * 1000 - now) + 1000;
}
