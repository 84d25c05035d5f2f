import type { Clock } from "../adapters/clock.js";
import { rateLimitedError } from "./error-mapping.js";
import type { RateLimit } from "./rate-limit.js";

/** How long one request has waited for limits so far, in milliseconds. */
export interface WaitBudget {
  spentMs: number;
}

// GitHub: "wait for at least one minute", and longer each time that it goes on.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const UNSPECIFIED_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
// "Now" is not believed of somebody who has just refused: the budget of waits would never be spent.
const SHORTEST_WAIT_MS = 1000;

/** Holds back every request of one credential while GitHub has asked it to wait. Other credentials have gates of their own. */
export class RateLimitGate {
  #opensAt = 0;
  #limitsInARow = 0;

  constructor(
    private readonly clock: Clock,
    private readonly maxWaitMs: number,
  ) {}

  /**
   * Resolves when the gate is open.
   *
   * @throws GitHubSdkError `rate_limited`, at once, when it opens later than the request may wait; the signal's reason
   */
  async pass(budget: WaitBudget, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = this.#opensAt - this.clock.now();
      if (wait <= 0) return;
      if (budget.spentMs + wait > this.maxWaitMs) throw rateLimitedError(wait);
      budget.spentMs += wait;
      await this.clock.sleep(wait, signal);
    }
  }

  /** Whether requests pass without waiting. */
  get isOpen(): boolean {
    return this.clock.now() >= this.#opensAt;
  }

  /** Closes the gate for as long as GitHub says. */
  close(limit: RateLimit): void {
    const now = this.clock.now();
    // Answers to requests that were under way together are one limit, not several.
    if (this.isOpen) this.#limitsInARow += 1;
    const unspecified = Math.min(UNSPECIFIED_WAIT_MS * 2 ** (this.#limitsInARow - 1), LONGEST_WAIT_MS);
    const wait = Math.max(SHORTEST_WAIT_MS, limit.waitMs ?? unspecified);
    this.#opensAt = Math.max(this.#opensAt, now + wait);
  }

  /** An answer came that is no limit. */
  succeeded(): void {
    if (this.isOpen) this.#limitsInARow = 0;
  }
}
