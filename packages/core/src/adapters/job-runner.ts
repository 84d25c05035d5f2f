/**
 * The result of a job. `done`: the hint is used up. `again`: run the job once more with this hint, after `delayMs`
 * milliseconds.
 */
export type JobResult = { readonly kind: "done" } | { readonly kind: "again"; readonly delayMs: number };

/**
 * Runs one sync, not necessarily the one of the hint: the ID of a record that may be due. The signal is aborted when the
 * runner stops.
 */
export type SyncJob = (hint: number, signal: AbortSignal) => Promise<JobResult>;

/** Options of {@link JobRunner.submit}. */
export interface SubmitJobOptions {
  /** The time in milliseconds before which the job does not run. Defaults to 0. */
  readonly delayMs?: number;
}

/** The state of a runner's queue. */
export interface JobRunnerHealth {
  /** True when the queue responds. */
  readonly reachable: boolean;
  /** The number of hints that wait, with a delay or without; `null` when it is unknown. */
  readonly waiting: number | null;
  /** A sentence for the operator, such as about a setting of the queue that loses hints; `null` when there is nothing to report. */
  readonly detail: string | null;
}

/**
 * Tells processes that there are syncs to run: this process, or the workers of a queue.
 *
 * The sync records are the truth, and a submitted ID is a hint to look at them. Losing, repeating and reordering hints is
 * safe: the record's compare-and-set lets only one process start a sync, and recovery submits lost hints again. A job does not
 * reject when a sync fails; a job that rejects counts as `done`.
 */
export interface JobRunner {
  /** The maximum number of jobs that this process runs at the same time. Omitted when there is none. */
  readonly concurrency?: number;
  /**
   * Sets the job and starts to run it. Called once, before or after the first submission. Does not wait until the queue is
   * reachable: the runner connects in the background, and {@link JobRunner.health} reports it.
   */
  start(job: SyncJob): Promise<void>;
  /**
   * Submits a hint and does not wait for the job. Resolves within 2 seconds, or rejects when the hint may be lost.
   *
   * One waiting hint per ID is enough. It runs at the earliest of the submitted times. An ID that is submitted while its job
   * runs is run once more after that job.
   */
  submit(syncId: number, options?: SubmitJobOptions): Promise<void>;
  /**
   * Starts no more jobs, aborts running ones and resolves when they have ended. Gives the hints of jobs that returned `again`
   * or rejected after the abort back to the queue, so that another process gets them at once.
   */
  stop(): Promise<void>;
  /** Returns the state of the queue. Does not reject. Omitted by a runner without a queue outside of this process. */
  health?(): Promise<JobRunnerHealth>;
}
