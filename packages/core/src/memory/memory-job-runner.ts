import type { JobRunner, SyncJob } from "../adapters/job-runner.js";
import { GitHubSdkError } from "../errors.js";
import { type Logger, silentLogger } from "../logger.js";

/** How a runner in this process works. */
export interface MemoryJobRunnerOptions {
  /** How many syncs may run at once; 4 unless told. */
  readonly concurrency?: number;
  /** Where a job that rejects, which none should, is told. */
  readonly logger?: Logger;
}

/**
 * Runs syncs in this process, in the order of submission and at most `concurrency` at once.
 *
 * An id is never run twice at the same time. One that is submitted while it waits still runs once; one that is submitted
 * while it runs, however often, runs once more afterwards. What waits when the runner is stopped is dropped: its record is
 * still `pending`, and recovery submits it again.
 */
export class MemoryJobRunner implements JobRunner {
  readonly #concurrency: number;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #queue = new Set<number>();
  readonly #running = new Map<number, Promise<void>>();
  #job: SyncJob | null = null;

  /** @throws GitHubSdkError `invalid_options` when the concurrency is no positive integer. */
  constructor(options: MemoryJobRunnerOptions = {}) {
    this.#concurrency = options.concurrency ?? 4;
    this.#logger = options.logger ?? silentLogger;
    if (!Number.isSafeInteger(this.#concurrency) || this.#concurrency < 1) {
      throw new GitHubSdkError("invalid_options", "The job runner's concurrency has to be a positive integer.");
    }
  }

  async start(job: SyncJob): Promise<void> {
    this.#job = job;
    this.#fill();
  }

  async submit(syncId: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#queue.add(syncId);
    this.#fill();
  }

  async stop(): Promise<void> {
    this.#queue.clear();
    this.#stopping.abort(
      new GitHubSdkError("sync_interrupted", "The sync was interrupted: its host is shutting down."),
    );
    await Promise.all(this.#running.values());
  }

  #fill(): void {
    const job = this.#job;
    if (job === null) return;
    for (const syncId of this.#queue) {
      if (this.#running.size >= this.#concurrency) return;
      if (this.#running.has(syncId)) continue;
      this.#queue.delete(syncId);
      this.#running.set(syncId, this.#run(job, syncId));
    }
  }

  async #run(job: SyncJob, syncId: number): Promise<void> {
    try {
      // A turn later, so that submit returns before the job begins.
      await Promise.resolve();
      await job(syncId, this.#stopping.signal);
    } catch (error) {
      this.#logger.error("A sync job rejected", { syncId, error });
    } finally {
      this.#running.delete(syncId);
      this.#fill();
    }
  }
}
