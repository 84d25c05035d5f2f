import type { Clock } from "../adapters/clock.js";
import type { RateBudget, RateObservation, RequestCost } from "../adapters/rate-budget.js";
import type { Logger } from "../logger.js";
import { Outage } from "../outage.js";
import { RecentValues } from "../timing/recent-values.js";
import { rateLimitedError } from "./error-mapping.js";
import type { GitHubResponse } from "./github-client.js";
import type { WaitBudget } from "./rate-limit-gate.js";

/** The options of a {@link SharedBudget}. */
export interface SharedBudgetOptions {
  readonly apiUrl: string;
  /** `null` for none. */
  readonly budget: RateBudget | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A place in the rate limits that all processes share. Release it once. */
export interface BudgetPlace {
  /** Ends the place without a response. */
  leave(): void;
  /** Ends the place with a response. */
  release(response: GitHubResponse, closedForMs: number | null): void;
}

/** A request to enter a {@link SharedBudget}. */
export interface BudgetEntry {
  /** The key of the credential. */
  readonly key: string;
  readonly cost: RequestCost;
  /** The waits of the request so far. */
  readonly wait: WaitBudget;
  readonly signal: AbortSignal;
}

const NO_PLACE: BudgetPlace = { leave() {}, release() {} };
const NOTHING_SEEN: RateObservation = { limit: null, remaining: null, resetAt: null, closedForMs: null };

/**
 * Takes places of requests in a {@link RateBudget}. While the budget is unreachable, requests are sent without a place, and the
 * gates of this process alone limit them.
 */
export class SharedBudget {
  readonly #options: SharedBudgetOptions;
  readonly #outage: Outage;
  /** Credentials whose responses have no rate limits, such as those of a GitHub Enterprise Server by default. */
  readonly #unlimited: RecentValues<true>;

  constructor(options: SharedBudgetOptions) {
    this.#options = options;
    const message =
      "The rate budget is unreachable. Each process keeps to GitHub's rate limits by itself until it is back.";
    this.#outage = new Outage(options.logger, message);
    this.#unlimited = new RecentValues(options.clock, { maxAgeMs: 3_600_000 });
  }

  /**
   * Waits until the request has a place.
   *
   * @throws GitHubSdkError `rate_limited`, immediately, when the request may not wait that long; the signal's reason
   */
  async enter({ key, cost, wait, signal }: BudgetEntry): Promise<BudgetPlace> {
    const { budget, apiUrl, clock } = this.#options;
    if (budget === null || this.#unlimited.get(key) !== null) return NO_PLACE;
    const name = `${apiUrl} ${key}`;
    for (;;) {
      const atMostMs = Math.max(0, wait.maxMs - wait.spentMs);
      const taken = await this.#attempt(() => budget.take(name, cost, atMostMs));
      if (taken === null) return NO_PLACE;
      const { waitMs, ticket } = taken;
      if (ticket === null && waitMs > atMostMs) throw rateLimitedError(waitMs);
      const place = ticket === null ? NO_PLACE : this.#place(budget, { key, name, cost, ticket });
      try {
        signal.throwIfAborted();
        if (waitMs > 0) await clock.sleep(waitMs, signal);
      } catch (error) {
        place.leave();
        throw error;
      }
      wait.spentMs += waitMs;
      if (ticket !== null) return place;
    }
  }

  #place(
    budget: RateBudget,
    { key, name, cost, ticket }: { key: string; name: string; cost: RequestCost; ticket: string },
  ): BudgetPlace {
    const release = (seen: RateObservation): void => void this.#attempt(() => budget.release(name, ticket, seen));
    return {
      leave: () => release(NOTHING_SEEN),
      release: (response, closedForMs) => {
        const seen = observationOf(response, cost.resource, closedForMs);
        const isSuccess = cost.resource !== "git" && response.status < 400;
        if (isSuccess && response.headers["x-ratelimit-limit"] === undefined) this.#unlimited.put(key, true);
        release(seen);
      },
    };
  }

  /** Returns `null` when the budget fails. */
  async #attempt<Result>(run: () => Promise<Result>): Promise<Result | null> {
    try {
      const result = await run();
      this.#outage.succeeded();
      return result;
    } catch (error) {
      this.#outage.failed(error);
      return null;
    }
  }
}

function observationOf(response: GitHubResponse, resource: string, closedForMs: number | null): RateObservation {
  const { status, headers } = response;
  // An unauthorized response reports the limit of anonymous requests.
  const isOther = status === 401 || headers["x-ratelimit-resource"] !== resource;
  if (isOther) return { ...NOTHING_SEEN, closedForMs };
  const seconds = numberOf(headers["x-ratelimit-reset"]);
  return {
    limit: numberOf(headers["x-ratelimit-limit"]),
    remaining: numberOf(headers["x-ratelimit-remaining"]),
    resetAt: seconds === null ? null : seconds * 1000,
    closedForMs,
  };
}

function numberOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,12}$/.test(header) ? Number(header) : null;
}
