import type { Credential } from "../accounts/credential.js";
import type { PrimaryLimit, SecondaryLimit } from "../control/rate-limits.js";
import { ApiError } from "./api-error.js";

const PRIMARY_PAGE = "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting";
const SECONDARY_PAGE =
  "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits";

/** Returns GitHub's message for an exceeded primary rate limit. */
export function primaryLimitMessage(credential: Credential | undefined): string {
  if (credential === undefined) return "API rate limit exceeded for your address.";
  const what = credential.kind === "installation" ? "installation" : "user";
  return `API rate limit exceeded for ${what} ID ${credential.account.id}.`;
}

/** Creates the REST error for an exceeded primary rate limit. */
export function primaryLimitError(limit: PrimaryLimit | undefined, credential: Credential | undefined): ApiError {
  return new ApiError(limit?.status ?? 403, primaryLimitMessage(credential), { documentationUrl: PRIMARY_PAGE });
}

/** Creates the error for an exceeded secondary rate limit. Content creation has a message of its own. */
export function secondaryLimitError(limit: SecondaryLimit | undefined, createsContent: boolean): ApiError {
  const message = createsContent
    ? "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later."
    : "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return new ApiError(limit?.status ?? 403, message, {
    documentationUrl: SECONDARY_PAGE,
    ...(limit?.retryAfter === undefined ? {} : { headers: { "Retry-After": String(limit.retryAfter) } }),
  });
}
