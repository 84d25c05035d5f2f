import type { Clock } from "../adapters/clock.js";
import { rateLimitedError } from "./error-mapping.js";
import type { RateLimit } from "./rate-limit.js";

/** The time that one request has waited for rate limits so far, in milliseconds. */
export interface WaitBudget {
  spentMs: number;
  /** The longest wait of this request, in milliseconds. */
  readonly maxMs: number;
}

// GitHub: "wait for at least one minute", and longer each time that it goes on.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const UNSPECIFIED_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
// A wait of 0 would never use up a request's budget of waits.
const SHORTEST_WAIT_MS = 1000;

/** Delays all requests of one credential while GitHub has asked it to wait. Each credential has its own gate. */
export class RateLimitGate {
  #opensAt = 0;
  #limitsInARow = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the gate is open.
   *
   * @throws GitHubSdkError `rate_limited`, immediately, when it opens later than the request may wait; the signal's reason
   */
  async pass(budget: WaitBudget, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = this.#opensAt - this.#clock.now();
      if (wait <= 0) return;
      if (budget.spentMs + wait > budget.maxMs) throw rateLimitedError(wait);
      budget.spentMs += wait;
      await this.#clock.sleep(wait, signal);
    }
  }

  /** True when requests pass without waiting. */
  get isOpen(): boolean {
    return this.#clock.now() >= this.#opensAt;
  }

  /** Closes the gate for the time that GitHub asks for. Returns that time in milliseconds. */
  close(limit: RateLimit): number {
    // Responses to concurrent requests are one limit, not several.
    if (this.isOpen) this.#limitsInARow += 1;
    const unspecified = Math.min(UNSPECIFIED_WAIT_MS * 2 ** (this.#limitsInARow - 1), LONGEST_WAIT_MS);
    const wait = Math.max(SHORTEST_WAIT_MS, limit.waitMs ?? unspecified);
    this.closeFor(wait);
    return wait;
  }

  /** Closes the gate for a time, as another process asks for. */
  closeFor(waitMs: number): void {
    this.#opensAt = Math.max(this.#opensAt, this.#clock.now() + waitMs);
  }

  /** Records a response that is not a rate limit. */
  succeeded(): void {
    if (this.isOpen) this.#limitsInARow = 0;
  }
}
