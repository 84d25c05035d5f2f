/** A limit of GitHub with its own count: REST, GraphQL, or git. */
export type RateResource = "core" | "graphql" | "git";

/**
 * GitHub's limits for one credential.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export const GITHUB_LIMITS = {
  createsPerMinute: 80,
  createsPerHour: 500,
  pointsPerMinute: { core: 900, graphql: 2_000, git: Number.MAX_SAFE_INTEGER } satisfies Record<RateResource, number>,
  /** GitHub allows 100. The others are left to programs that this SDK does not know. */
  concurrency: 80,
  /** The share of the hourly limit that is kept for requests that a person waits for. */
  interactiveShare: 0.1,
  /** A place whose request was never released is free again after this time, in milliseconds. */
  placeExpiresMs: 120_000,
  /** The time after which a request for a free connection is repeated, in milliseconds. */
  connectionRetryMs: 250,
} as const;
