import { type Clock, systemClock } from "../adapters/clock.js";
import type { JobResult, JobRunner, SubmitJobOptions, SyncJob } from "../adapters/job-runner.js";
import { GitHubSdkError } from "../errors.js";
import { type Logger, silentLogger } from "../logger.js";

/** The options of a {@link MemoryJobRunner}. */
export interface MemoryJobRunnerOptions {
  /** The most jobs that run at a time. Defaults to 4. */
  readonly concurrency?: number;
  /** Receives the error of a job that rejects, which jobs should not do. Defaults to none. */
  readonly logger?: Logger;
  /** Measures delays. Defaults to the system's clock. */
  readonly clock?: Clock;
}

// A longer delay is waited for in parts, because timers cannot be set for any length.
const LONGEST_TIMER_MS = 3_600_000;

/**
 * Runs jobs in this process, in the order of submission and at most `concurrency` at a time.
 *
 * An ID never runs twice at the same time. Waiting hints are dropped when the runner stops: their records are still `pending`,
 * and recovery submits them again.
 */
export class MemoryJobRunner implements JobRunner {
  readonly concurrency: number;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  /** Waiting IDs in the order of submission, with the epoch milliseconds from which they may run. */
  readonly #queue = new Map<number, number>();
  readonly #running = new Map<number, Promise<void>>();
  #job: SyncJob | null = null;
  #timer: AbortController | null = null;

  /** @throws GitHubSdkError `invalid_options` when `concurrency` is not a positive integer */
  constructor(options: MemoryJobRunnerOptions = {}) {
    this.concurrency = options.concurrency ?? 4;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    if (!Number.isSafeInteger(this.concurrency) || this.concurrency < 1) {
      throw new GitHubSdkError("invalid_options", "`concurrency` of the job runner must be a positive integer.");
    }
  }

  async start(job: SyncJob): Promise<void> {
    this.#job = job;
    this.#fill();
  }

  async submit(syncId: number, { delayMs = 0 }: SubmitJobOptions = {}): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#enqueue(syncId, delayMs);
    this.#fill();
  }

  async stop(): Promise<void> {
    this.#queue.clear();
    this.#timer?.abort();
    this.#stopping.abort(
      new GitHubSdkError("sync_interrupted", "The sync was interrupted: its host is shutting down."),
    );
    await Promise.all(this.#running.values());
  }

  #enqueue(syncId: number, delayMs: number): void {
    const runsAt = this.#clock.now() + Math.max(0, delayMs);
    this.#queue.set(syncId, Math.min(runsAt, this.#queue.get(syncId) ?? runsAt));
  }

  #fill(): void {
    const job = this.#job;
    if (job === null || this.#stopping.signal.aborted) return;
    const now = this.#clock.now();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const [syncId, runsAt] of this.#queue) {
      if (this.#running.size >= this.concurrency) return;
      if (this.#running.has(syncId)) continue;
      if (runsAt > now) nextAt = Math.min(nextAt, runsAt);
      else {
        this.#queue.delete(syncId);
        this.#running.set(syncId, this.#run(job, syncId));
      }
    }
    if (nextAt !== Number.POSITIVE_INFINITY) this.#fillIn(nextAt - now);
  }

  #fillIn(milliseconds: number): void {
    this.#timer?.abort();
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.idle(Math.min(milliseconds, LONGEST_TIMER_MS), timer.signal).then(
      () => this.#fill(),
      () => undefined,
    );
  }

  async #run(job: SyncJob, syncId: number): Promise<void> {
    let result: JobResult = { kind: "done" };
    try {
      // In a later turn, so that submit returns before the job starts.
      await Promise.resolve();
      result = await job(syncId, this.#stopping.signal);
    } catch (error) {
      this.#logger.error("A sync job rejected.", { syncId, error });
    }
    this.#running.delete(syncId);
    if (result.kind === "again" && !this.#stopping.signal.aborted) this.#enqueue(syncId, result.delayMs);
    this.#fill();
  }
}
