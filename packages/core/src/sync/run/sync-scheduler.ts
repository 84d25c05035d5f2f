import type { Clock } from "../../adapters/clock.js";
import type { JobResult } from "../../adapters/job-runner.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { SyncRecord, UnfinishedSync } from "../../domain/sync-record.js";
import { isGitHubSdkError } from "../../errors.js";
import type { EventBus } from "../../events.js";
import type { Logger } from "../../logger.js";
import { TaskQueue } from "../../timing/task-queue.js";
import type { SyncHints } from "./sync-hints.js";
import type { StartedSync, SyncWorker } from "./sync-worker.js";

/** The services with which the next sync is chosen. */
export interface SyncSchedulerServices {
  readonly apiUrl: string;
  readonly records: SyncRecordStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly hints: SyncHints;
  readonly logger: Logger;
  /** The maximum number of syncs of one user that this process runs at the same time. */
  readonly perUser: number;
}

const CANDIDATES = 20;
// A record that cannot be decoded fails again, but the store may also have failed for a moment.
const SKIPPED_FOR_MS = 60_000;
const MAX_SKIPPED = 1_000;
// Each time that other processes started all candidates first.
const ROUNDS = 4;
const PAUSE_MS = 25;
const CONTENDED_MS = 1_000;
const SHORTEST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 3_600_000;
const NOW: JobResult = { kind: "again", delayMs: 0 };

/**
 * Chooses which sync a hint runs. A hint is the right to run one sync, not that of its ID: the store decides in a fair order.
 *
 * A hint that ran a sync is used again until it finds none, so that there are hints as long as there is work.
 */
export class SyncScheduler {
  readonly #services: SyncSchedulerServices;
  readonly #worker: SyncWorker;
  /** Concurrent hints of one process would all choose the same sync. */
  readonly #choices = new TaskQueue(1);
  readonly #running = new Map<string, number>();
  /** The times at which to try records again that could not be started: one of them must not stop the syncs behind it. */
  readonly #skipped = new Map<number, number>();

  constructor(services: SyncSchedulerServices, worker: SyncWorker) {
    this.#services = services;
    this.#worker = worker;
  }

  /** Runs the next due sync. Returns at once when there is none that this process may run. */
  async process(hint: number, shutdown: AbortSignal): Promise<JobResult> {
    const started = await this.#choices.run(() => this.#start(shutdown));
    if (started === "contended") return { kind: "again", delayMs: CONTENDED_MS };
    if (started === null) return shutdown.aborted ? NOW : this.#untilDue(hint);
    try {
      await this.#continueLater(await this.#worker.run(started, shutdown), shutdown);
    } finally {
      this.#count(started.record.userId, -1);
    }
    return NOW;
  }

  /** Starts the first due sync whose branch no other process has leased; `contended` when others were always faster. */
  async #start(shutdown: AbortSignal): Promise<StartedSync | "contended" | null> {
    const { records, apiUrl, clock, perUser } = this.#services;
    for (let round = 1; ; round++) {
      const due = await records.due(apiUrl, CANDIDATES, this.#skippedIds());
      const candidates = due.filter(({ userId }) => (this.#running.get(userId) ?? 0) < perUser);
      if (candidates.length === 0) return null;
      for (const candidate of candidates) {
        if (shutdown.aborted) return null;
        const started = await this.#startOrSkip(candidate);
        if (started === null) continue;
        this.#count(candidate.userId, 1);
        return started;
      }
      if (round === ROUNDS) return "contended";
      // Processes that look at the same time must not meet again.
      await clock.sleep(PAUSE_MS * round * (1 + Math.random()), shutdown).catch(() => undefined);
    }
  }

  /** Starts a sync. Skips it for a minute when the store reads its list, but not its record. */
  async #startOrSkip(candidate: UnfinishedSync): Promise<StartedSync | null> {
    try {
      return await this.#worker.start(candidate);
    } catch (error) {
      if (!isGitHubSdkError(error, "store_failed") || this.#skipped.size === MAX_SKIPPED) throw error;
      const { logger, clock } = this.#services;
      logger.warn("A sync could not be started and is skipped for a minute.", { syncId: candidate.id, error });
      this.#skipped.set(candidate.id, clock.now() + SKIPPED_FOR_MS);
      return null;
    }
  }

  #skippedIds(): readonly number[] {
    const now = this.#services.clock.now();
    for (const [id, until] of this.#skipped) if (until <= now) this.#skipped.delete(id);
    return [...this.#skipped.keys()];
  }

  /** Leaves a hint for a sync that has to go on: later after a rate limit, in another process when this one shuts down. */
  async #continueLater(record: SyncRecord | null, shutdown: AbortSignal): Promise<void> {
    if (record?.status !== "pending") return;
    const { bus, hints } = this.#services;
    if (shutdown.aborted) bus.emit("sync.due", { syncId: record.id });
    else await hints.submit(record.id, this.#delayOf(record));
  }

  /** Keeps the hint of a sync that is not due yet until it is. */
  async #untilDue(hint: number): Promise<JobResult> {
    const record = await this.#services.records.find(hint);
    const isEarly = record?.status === "pending" && record.holder === null && this.#delayOf(record) > 0;
    if (record === null || !isEarly) return { kind: "done" };
    return { kind: "again", delayMs: Math.max(SHORTEST_DELAY_MS, this.#delayOf(record)) };
  }

  #delayOf({ notBefore }: SyncRecord): number {
    const delay = (notBefore?.getTime() ?? 0) - this.#services.clock.now();
    return Math.min(Math.max(delay, 0), LONGEST_DELAY_MS);
  }

  #count(userId: string, change: number): void {
    const running = (this.#running.get(userId) ?? 0) + change;
    if (running === 0) this.#running.delete(userId);
    else this.#running.set(userId, running);
  }
}
