import { type Clock, systemClock } from "../adapters/clock.js";
import type { RateBudget, RateObservation, RatePlace, RequestCost } from "../adapters/rate-budget.js";
import { GITHUB_LIMITS } from "../domain/github-limits.js";
import { RecentValues } from "../timing/recent-values.js";
import { CredentialLimits } from "./credential-limits.js";

/** Keeps the requests of this process within GitHub's rate limits. */
export class MemoryRateBudget implements RateBudget {
  readonly #clock: Clock;
  readonly #limits: RecentValues<CredentialLimits>;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
    const isEvictable = (limits: CredentialLimits): boolean => limits.isIdle(this.#clock.now());
    this.#limits = new RecentValues(this.#clock, { maxAgeMs: Number.POSITIVE_INFINITY, isEvictable });
  }

  async take(key: string, cost: RequestCost, atMostMs: number): Promise<RatePlace> {
    const limits = this.#limitsOf(key);
    const now = this.#clock.now();
    if (!limits.hasConnection(now)) return { waitMs: GITHUB_LIMITS.connectionRetryMs, ticket: null };
    const at = limits.nextPlace(cost, now);
    const waitMs = at - now;
    return { waitMs, ticket: waitMs > atMostMs ? null : limits.take(cost, at) };
  }

  async release(key: string, ticket: string, seen: RateObservation): Promise<void> {
    this.#limitsOf(key).release(ticket, seen, this.#clock.now());
  }

  #limitsOf(key: string): CredentialLimits {
    const known = this.#limits.get(key);
    if (known !== null) return known;
    const limits = new CredentialLimits();
    this.#limits.put(key, limits);
    return limits;
  }
}
