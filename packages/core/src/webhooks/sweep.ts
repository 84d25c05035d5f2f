import type { WebhookRecovery } from "./delivery-log.js";
import type { WebhookServices } from "./webhook-services.js";

// A host adds its handlers right after it created the SDK: a delivery without a handler is not missing.
const START_DELAY_MS = 5_000;
const INTERVAL_MS = 10 * 60_000;
// Longer than a sweep of 50 pages and 1,100 branches usually takes. Two sweeps at a time do no harm.
const LEASE_MS = 10 * 60_000;
// The processes of a host do not start at the same moment.
const SKEW_MS = 60_000;
// A delivery can be logged some time after it was sent.
const OVERLAP_MS = 60 * 60_000;

/** Runs recoveries at start and every 10 minutes, in one of all processes at a time. */
export class Sweep {
  readonly #services: WebhookServices;
  readonly #recover: (since: Date | null, signal: AbortSignal) => Promise<WebhookRecovery>;
  readonly #loop: Promise<void>;
  #last: Date | null = null;
  /** The time since which the next sweep reads GitHub's log; `null` for all that GitHub redelivers. */
  #since: Date | null = null;

  /** Starts the sweeps. `signal` ends them. */
  constructor(
    services: WebhookServices,
    recover: (since: Date | null, signal: AbortSignal) => Promise<WebhookRecovery>,
    signal: AbortSignal,
  ) {
    this.#services = services;
    this.#recover = recover;
    services.bus.on("webhooks.swept", ({ at }) => {
      this.#last = new Date(at);
    });
    this.#loop = this.#run(signal);
  }

  /** The time of the last sweep of any process since this one started; `null` before it. */
  get last(): Date | null {
    return this.#last;
  }

  /** Resolves when the sweeps have ended. */
  ended(): Promise<void> {
    return this.#loop;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#services;
    await clock.idle(START_DELAY_MS, signal).catch(() => undefined);
    // The start of a process always sweeps: it may follow an outage.
    for (let name = "start"; !signal.aborted; name = "interval") {
      await this.#sweepLeased(name, signal);
      await clock.idle(INTERVAL_MS, signal).catch(() => undefined);
    }
  }

  /** Sweeps under a lease. The lease of an interval is kept until shortly before the next one, so that other processes skip it. */
  async #sweepLeased(name: string, signal: AbortSignal): Promise<void> {
    const { locks, apiUrl, app, logger } = this.#services;
    try {
      const isStart = name === "start";
      const lease = await locks.acquire(
        JSON.stringify(["webhooks.sweep", apiUrl, app?.appId ?? null, name]),
        isStart ? LEASE_MS : INTERVAL_MS - SKEW_MS,
      );
      if (lease === null) return;
      try {
        await this.#sweep(signal);
      } finally {
        if (isStart) await locks.release(lease);
      }
    } catch (error) {
      if (!signal.aborted)
        logger.warn("Missed webhook deliveries could not be requested. It is tried again.", { error });
    }
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { clock, bus, logger } = this.#services;
    const at = clock.now();
    const recovery = await this.#recover(this.#since, signal);
    this.#since = recovery.hasMore ? null : new Date(at - OVERLAP_MS);
    const { examined, redelivered, refused, movedBranches } = recovery;
    if (redelivered + movedBranches > 0) logger.info("Missed webhook deliveries were found.", { ...recovery });
    bus.emit("webhooks.swept", { at, examined, redelivered, refused, movedBranches });
  }
}
