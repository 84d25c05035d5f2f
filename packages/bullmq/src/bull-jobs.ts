import type { JobResult, JobRunner, JobRunnerHealth, SubmitJobOptions, SyncJob } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { DelayedError, type Job, Queue, WaitingError, Worker } from "bullmq";
import { AwayLoop } from "./away-loop.js";
import { evictionWarning } from "./eviction-warning.js";
import { RedisCommands, type RedisOptions, within } from "./redis-commands.js";

/** The options of {@link bullJobs}. */
export interface BullJobsOptions extends RedisOptions {
  /** The maximum number of syncs that this process runs at the same time. Defaults to `4`. */
  readonly concurrency?: number;
  /** `false` for a process that submits syncs and leaves them to others. Defaults to `true`. */
  readonly work?: boolean;
  /** The time after which another process gets the jobs of a process that was killed, in milliseconds. Defaults to `30_000`. */
  readonly redeliverAfterMs?: number;
}

/** A job runner on BullMQ. */
export interface BullJobs extends JobRunner {
  health(): Promise<JobRunnerHealth>;
}

/** The data of a job. */
interface HintData {
  readonly syncId: number;
}

const QUEUE = "syncs";
const SUBMIT_TIMEOUT_MS = 1_500;
const HEALTH_TIMEOUT_MS = 1_000;
const STOP_TIMEOUT_MS = 5_000;
// A worker that cannot reach Redis cannot give its jobs back.
const AWAY_STOP_TIMEOUT_MS = 500;
// A job that is redelivered again and again is ended by its sync record.
const MAX_REDELIVERIES = 100;
const RETRY_MS = 1_000;
const REPORT_EVERY_MS = 60_000;

/**
 * Runs syncs on all processes that share a Redis, with BullMQ. While Redis is unreachable, a process that works runs the due syncs of
 * the store by itself, every 10 seconds.
 *
 * @throws GitHubSdkError `invalid_options`
 */
export function bullJobs(options: BullJobsOptions): BullJobs {
  return new BullJobRunner(options);
}

class BullJobRunner implements BullJobs {
  readonly concurrency: number;
  readonly #commands: RedisCommands;
  readonly #queue: Queue<HintData>;
  readonly #works: boolean;
  readonly #redeliverAfterMs: number;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<JobResult>>();
  #worker: Worker<HintData> | null = null;
  #warning: string | null = null;
  #reportedAt = 0;
  /** The hint of a job that was given back to the queue. */
  #givenBack: number | null = null;

  constructor({ concurrency = 4, work = true, redeliverAfterMs = 30_000, ...options }: BullJobsOptions) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1)
      throw invalid("`concurrency` must be a positive integer.");
    if (!Number.isSafeInteger(redeliverAfterMs) || redeliverAfterMs < 1_000)
      throw invalid("`redeliverAfterMs` must be an integer of at least 1,000.");
    this.concurrency = concurrency;
    this.#works = work;
    this.#redeliverAfterMs = redeliverAfterMs;
    this.#commands = new RedisCommands(options);
    this.#queue = new Queue(QUEUE, this.#bullOptions());
    // Outages are logged by the connection.
    this.#queue.on("error", () => {});
  }

  async start(job: SyncJob): Promise<void> {
    // A worker that has never reached Redis could not be stopped.
    this.#commands.whenReady().then(
      () => this.#begin(job),
      () => undefined,
    );
    if (!this.#works) return;
    const loop = new AwayLoop({
      isAway: () => this.#commands.isAway(),
      freeSlots: () => this.concurrency - this.#running.size,
      run: () => this.#run(job, 0),
    });
    loop.start(this.#stopping.signal);
  }

  #begin(job: SyncJob): void {
    if (this.#stopping.signal.aborted) return;
    void this.#checkEviction();
    if (!this.#works) return;
    this.#worker = new Worker<HintData>(QUEUE, (bullJob, token) => this.#process(job, bullJob, token), {
      ...this.#bullOptions(),
      concurrency: this.concurrency,
      lockDuration: this.#redeliverAfterMs,
      stalledInterval: Math.ceil(this.#redeliverAfterMs / 2),
      maxStalledCount: MAX_REDELIVERIES,
      runRetryDelay: RETRY_MS,
    });
    this.#worker.on("error", (error) => this.#report(error));
  }

  async submit(syncId: number, { delayMs = 0 }: SubmitJobOptions = {}): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const delay = Math.max(0, Math.ceil(delayMs));
    // A hint without delay also brings a waiting one forward.
    const deduplication = { id: nameOf(syncId), keepLastIfActive: true, reschedule: delay === 0 };
    const options = { deduplication, delay, removeOnComplete: true, removeOnFail: true };
    await this.#commands.run(() => this.#queue.add("sync", { syncId }, options), SUBMIT_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    // Fetches no more jobs from now on, so that none is fetched into a slot that the abort frees.
    const closed = worker?.close().catch(() => undefined);
    this.#stopping.abort(
      new GitHubSdkError("sync_interrupted", "The sync was interrupted: its host is shutting down."),
    );
    await Promise.allSettled(this.#running);
    // The worker's last commands end with the host's connection.
    const timeout = this.#commands.isReady ? STOP_TIMEOUT_MS : AWAY_STOP_TIMEOUT_MS;
    if (closed !== undefined) await within(timeout, closed).catch(() => undefined);
    if (this.#givenBack !== null) await this.#wakeAnother(this.#givenBack).catch(() => undefined);
    await within(timeout, this.#queue.close()).catch(() => undefined);
  }

  async health(): Promise<JobRunnerHealth> {
    try {
      const states = ["waiting", "delayed", "prioritized"] as const;
      const counts = await this.#commands.run(() => this.#queue.getJobCounts(...states), HEALTH_TIMEOUT_MS);
      const waiting = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return { reachable: true, waiting, detail: this.#warning };
    } catch {
      return { reachable: false, waiting: null, detail: "Redis does not respond." };
    }
  }

  /** Runs a job of the queue. BullMQ removes it at its end, or leaves it in the queue for these two errors. */
  async #process(job: SyncJob, bullJob: Job<HintData>, token: string | undefined): Promise<void> {
    const { signal } = this.#stopping;
    const result: JobResult = signal.aborted ? AGAIN : await this.#run(job, bullJob.data.syncId);
    if (result.kind === "done") return;
    if (signal.aborted) this.#givenBack = bullJob.data.syncId;
    if (signal.aborted || result.delayMs <= 0) {
      await bullJob.moveToWait(token);
      throw new WaitingError();
    }
    await bullJob.moveToDelayed(Date.now() + result.delayMs, token);
    // Fails when another submission has brought the job forward meanwhile.
    if (await this.#wasSubmittedAgain(bullJob.data.syncId)) await bullJob.promote().catch(() => undefined);
    throw new DelayedError();
  }

  /** Submits one more hint: this worker, which is closing, may have received the queue's signal for the job that it gave back. */
  async #wakeAnother(syncId: number): Promise<void> {
    const options = { removeOnComplete: true, removeOnFail: true };
    await this.#commands.run(() => this.#queue.add("sync", { syncId }, options), SUBMIT_TIMEOUT_MS);
  }

  async #run(job: SyncJob, hint: number): Promise<JobResult> {
    const { signal } = this.#stopping;
    const run = job(hint, signal).catch((error: unknown): JobResult => {
      if (signal.aborted) return AGAIN;
      this.#commands.logger.warn("A sync job rejected.", { syncId: hint, error });
      return { kind: "done" };
    });
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** True when the ID was submitted while its job ran: BullMQ keeps that until the job ends, which a delay would put off. */
  async #wasSubmittedAgain(syncId: number): Promise<boolean> {
    const key = this.#queue.toKey(`dn:${nameOf(syncId)}`);
    return (await this.#commands.connection.exists(key)) === 1;
  }

  /** Logs an error that Redis responded with, such as that its memory is full. Outages are logged by the connection. */
  #report(error: Error): void {
    const now = Date.now();
    if (error.name !== "ReplyError" || now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    this.#commands.logger.warn("Redis rejects commands of the queue of syncs.", { error });
  }

  async #checkEviction(): Promise<void> {
    this.#warning = await evictionWarning(this.#commands, this.#stopping.signal);
    if (this.#warning !== null) this.#commands.logger.warn(this.#warning);
  }

  /** The keys of a queue have one hash tag, because BullMQ's scripts run on one node of a cluster. */
  #bullOptions() {
    return { connection: this.#commands.connection, prefix: `${this.#commands.prefix}:{jobs}` };
  }
}

const AGAIN: JobResult = { kind: "again", delayMs: 0 };

/** BullMQ refuses names that are integers. */
function nameOf(syncId: number): string {
  return `sync-${syncId}`;
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", message);
}
