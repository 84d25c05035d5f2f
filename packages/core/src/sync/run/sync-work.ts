import type { JobRunner } from "../../adapters/job-runner.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { HeldSyncs } from "./held-syncs.js";
import { SyncHints } from "./sync-hints.js";
import { SyncRecovery } from "./sync-recovery.js";
import { SyncScheduler } from "./sync-scheduler.js";
import { SyncWorker, type SyncWorkerServices } from "./sync-worker.js";

/** The services with which this process takes part in the work of all processes. */
export interface SyncWorkServices extends SyncWorkerServices {
  readonly jobs: JobRunner;
  /** The maximum number of syncs of one user that this process runs at the same time; `null` for half of those of the job runner. */
  readonly perUser: number | null;
}

/** The part of this process in the work of all processes: runs syncs from hints, runs held ones, and takes turns in recovery. */
export class SyncWork {
  readonly #services: SyncWorkServices;
  readonly #worker: SyncWorker;
  readonly #held: HeldSyncs;
  readonly #hints: SyncHints;
  readonly #closing = new AbortController();
  readonly #unsubscribes: readonly (() => void)[];
  readonly #recovery: Promise<void>;

  constructor(services: SyncWorkServices) {
    this.#services = services;
    const { bus, jobs, logger } = services;
    this.#worker = new SyncWorker(services);
    this.#held = new HeldSyncs(services, this.#worker);
    this.#hints = new SyncHints(services);
    const perUser = services.perUser ?? halfOf(jobs);
    const scheduler = new SyncScheduler({ ...services, hints: this.#hints, perUser }, this.#worker);
    this.#unsubscribes = [
      bus.on("sync.cancel_requested", ({ syncId }) => void this.#worker.cancel(syncId)),
      bus.on("sync.due", ({ syncId }) => void (this.#closing.signal.aborted || this.#hints.submit(syncId))),
    ];
    jobs
      .start((hint, shutdown) => scheduler.process(hint, shutdown))
      .catch((error) => logger.error("The job runner did not start.", { error }));
    const recovery = new SyncRecovery(services, { worker: this.#worker, held: this.#held, hints: this.#hints });
    this.#recovery = recovery.run(this.#closing.signal);
  }

  /** Lets a pending record run: in this process if it holds the record's files, otherwise in any process. */
  async submit(record: SyncRecord): Promise<void> {
    if (record.holder === null) await this.#hints.submit(record.id);
    else this.#held.run(record);
  }

  /** Returns the name of a lease that this process holds until it is closed. */
  holder(): Promise<string> {
    return this.#held.holder();
  }

  /** Cancels a sync that is running in this process; returns `false` when it is not. */
  cancel(syncId: number): boolean {
    return this.#worker.cancel(syncId);
  }

  /** Starts no more syncs and stops running ones at a safe point. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#services.jobs.stop(), this.#held.close()]);
    await this.#recovery;
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
  }
}

function halfOf({ concurrency = Number.POSITIVE_INFINITY }: JobRunner): number {
  return Math.max(1, Math.floor(concurrency / 2));
}
