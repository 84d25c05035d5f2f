import type { RateResource } from "../domain/github-limits.js";

/** The cost of one request in GitHub's rate limits. */
export interface RequestCost {
  /** True for a request that creates content, such as a commit or a pull request. */
  readonly creates: boolean;
  /** The points in the limit of a minute: 1 for a read, 5 for a write, 0 for git. */
  readonly points: number;
  readonly resource: RateResource;
  /** True when a person waits for the response: the last tenth of the hourly limit is kept for these requests. */
  readonly isInteractive: boolean;
}

/** The place of a request in a {@link RateBudget}. */
export interface RatePlace {
  /** The milliseconds to wait before the request is sent or, without a ticket, before `take` is called again. */
  readonly waitMs: number;
  /** The name of the place; `null` when no place was taken. */
  readonly ticket: string | null;
}

/** The facts about rate limits in a response. */
export interface RateObservation {
  /** `x-ratelimit-limit`; `null` when the response does not contain it. */
  readonly limit: number | null;
  /** `x-ratelimit-remaining`; `null` when the response does not contain it. */
  readonly remaining: number | null;
  /** `x-ratelimit-reset` in epoch milliseconds; `null` when the response does not contain it. */
  readonly resetAt: number | null;
  /** The milliseconds for which GitHub asked the credential to wait; `null` when it did not refuse the request. */
  readonly closedForMs: number | null;
}

/**
 * Reserves places for requests, so that all processes of a host together stay within GitHub's rate limits
 * (`GITHUB_LIMITS`). Each key has its own limits.
 *
 * The budget counts with one clock for all processes. Reserving is atomic: concurrent callers never get one place twice.
 * A method may reject when the budget is unreachable, within two seconds; the SDK then sends the request without a place.
 */
export interface RateBudget {
  /**
   * Reserves a place for one request.
   *
   * @param key the credential
   * @param atMostMs the longest wait; no place is taken for a longer one
   */
  take(key: string, cost: RequestCost, atMostMs: number): Promise<RatePlace>;
  /** Records the end of a request: its place counts from now on, and others may use its connection. */
  release(key: string, ticket: string, seen: RateObservation): Promise<void>;
}
