import type { Clock } from "../../adapters/clock.js";
import type { JobRunner } from "../../adapters/job-runner.js";
import type { Logger } from "../../logger.js";
import { Outage } from "../../outage.js";
import { abortable } from "../../timing/abortable.js";
import { timeoutSignal } from "../../timing/timeout-signal.js";

/** The services with which hints are submitted. */
export interface SyncHintsServices {
  readonly jobs: JobRunner;
  readonly clock: Clock;
  readonly logger: Logger;
}

const SUBMIT_TIMEOUT_MS = 2_000;
const TIMED_OUT = new Error("The job runner did not respond in time.");

/** Submits hints to the job runner. A hint that is lost only delays a sync, so no call fails because of one. */
export class SyncHints {
  readonly #services: SyncHintsServices;
  readonly #outage: Outage;

  constructor(services: SyncHintsServices) {
    this.#services = services;
    const message = "Syncs cannot be submitted to the job runner. Recovery will submit them again.";
    this.#outage = new Outage(services.logger, message);
  }

  /** Submits a hint. Resolves after 2 seconds at the latest, and logs the first of several failures. */
  async submit(syncId: number, delayMs = 0): Promise<void> {
    const { jobs, clock } = this.#services;
    const timeout = timeoutSignal(clock, SUBMIT_TIMEOUT_MS, TIMED_OUT);
    try {
      await abortable([timeout.signal], () => jobs.submit(syncId, { delayMs }));
      this.#outage.succeeded();
    } catch (error) {
      this.#outage.failed(error);
    } finally {
      timeout.clear();
    }
  }
}
