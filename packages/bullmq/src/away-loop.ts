import { setTimeout as sleep } from "node:timers/promises";
import type { JobResult } from "@infrajet/github/adapters";

/** The parts of a runner that an {@link AwayLoop} uses. */
export interface AwayLoopParts {
  /** Resolves to true while Redis is unreachable. */
  readonly isAway: () => Promise<boolean>;
  /** The number of jobs that may start. */
  readonly freeSlots: () => number;
  /** Runs one due sync of the store. The result is `again` without a delay when there may be another one. */
  readonly run: () => Promise<JobResult>;
}

const LOOK_EVERY_MS = 10_000;

/** Runs due syncs without a queue while Redis is unreachable. */
export class AwayLoop {
  readonly #parts: AwayLoopParts;

  constructor(parts: AwayLoopParts) {
    this.#parts = parts;
  }

  /** Looks every 10 seconds until the signal is aborted. */
  start(signal: AbortSignal): void {
    void this.#look(signal);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { isAway, freeSlots } = this.#parts;
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      if (!(await isAway())) continue;
      for (let slot = freeSlots(); slot > 0; slot -= 1) void this.#runWhileAway(signal);
    }
  }

  async #runWhileAway(signal: AbortSignal): Promise<void> {
    const { isAway, run } = this.#parts;
    do {
      const result = await run();
      if (result.kind === "done" || result.delayMs > 0) return;
    } while (!signal.aborted && (await isAway()));
  }
}
