import { AzureError } from "../azure-error.js";

/** A limit on the number of requests per window. */
export interface Throttle {
  /** Number of requests per window. */
  limit: number;
  /** Length of the window in seconds. Defaults to 1. */
  windowSeconds?: number;
  /** Value of `Retry-After` in seconds. Defaults to no header, as Azure usually sends none. */
  retryAfter?: number;
}

/** Counts requests per window by the box's clock. */
export class ThrottleWindow {
  limit: Throttle | undefined;
  private begin = 0;
  private used = 0;

  constructor(private readonly clock: () => number) {}

  /** Creates the error for a request beyond the limit. */
  busy(): AzureError {
    const retryAfter = this.limit?.retryAfter;
    return new AzureError(
      "ServerBusy",
      retryAfter === undefined ? {} : { headers: { "Retry-After": String(retryAfter) } },
    );
  }

  /** Counts a request. Returns false when it is beyond the limit. */
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
