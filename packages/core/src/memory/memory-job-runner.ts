import type { JobRunner, SyncJob } from "../adapters/job-runner.js";
import { GitHubSdkError } from "../errors.js";
import { type Logger, silentLogger } from "../logger.js";

/** The options of a {@link MemoryJobRunner}. */
export interface MemoryJobRunnerOptions {
  /** The most syncs that run at a time. Defaults to 4. */
  readonly concurrency?: number;
  /** Receives the error of a job that rejects, which jobs should not do. Defaults to none. */
  readonly logger?: Logger;
}

/**
 * Runs syncs in this process, in the order of submission and at most `concurrency` at a time.
 *
 * An ID never runs twice at the same time. An ID that is submitted again while it is queued runs once. One that is submitted
 * while it runs, once or more often, runs once more afterwards. Queued IDs are dropped when the runner stops: their records
 * are still `pending`, and recovery submits them again.
 */
export class MemoryJobRunner implements JobRunner {
  readonly #concurrency: number;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #queue = new Set<number>();
  readonly #running = new Map<number, Promise<void>>();
  #job: SyncJob | null = null;

  /** @throws GitHubSdkError `invalid_options` when `concurrency` is not a positive integer */
  constructor(options: MemoryJobRunnerOptions = {}) {
    this.#concurrency = options.concurrency ?? 4;
    this.#logger = options.logger ?? silentLogger;
    if (!Number.isSafeInteger(this.#concurrency) || this.#concurrency < 1) {
      throw new GitHubSdkError("invalid_options", "`concurrency` of the job runner must be a positive integer.");
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
      // In a later turn, so that submit returns before the job starts.
      await Promise.resolve();
      await job(syncId, this.#stopping.signal);
    } catch (error) {
      this.#logger.error("A sync job rejected.", { syncId, error });
    } finally {
      this.#running.delete(syncId);
      this.#fill();
    }
  }
}
