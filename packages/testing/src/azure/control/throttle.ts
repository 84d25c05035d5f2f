import { AzureError } from "../azure-error.js";

/** How many requests a share takes before it is busy. */
export interface Throttle {
  /** Requests in a window. */
  limit: number;
  /** Seconds; default 1. */
  windowSeconds?: number;
  /** Seconds, for `Retry-After`; default: none, as Azure mostly sends none. */
  retryAfter?: number;
}

/** Counts requests in windows of the box's clock. */
export class ThrottleWindow {
  limit: Throttle | undefined;
  private begin = 0;
  private used = 0;

  constructor(private readonly clock: () => number) {}

  /** What is answered to those that are too many. */
  busy(): AzureError {
    const retryAfter = this.limit?.retryAfter;
    return new AzureError(
      "ServerBusy",
      retryAfter === undefined ? {} : { headers: { "Retry-After": String(retryAfter) } },
    );
  }

  /** Whether one more request is taken. */
  take(): boolean {
    if (this.limit === undefined) return true;
    const now = this.clock();
    if (now - this.begin >= (this.limit.windowSeconds ?? 1) * 1000) {
      this.begin = now;
      this.used = 0;
    }
    this.used += 1;
    return this.used <= this.limit.limit;
  }
}
