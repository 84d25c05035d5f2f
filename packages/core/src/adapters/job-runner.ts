/** Runs a sync. The signal is aborted when the runner stops. */
export type SyncJob = (syncId: number, signal: AbortSignal) => Promise<void>;

/**
 * Runs syncs: in this process, or on the workers of a queue.
 *
 * A submitted ID is run at least once while a runner is active. Running it twice, or on two workers, is safe: the record's
 * compare-and-set lets only one of them start. A job does not reject when a sync fails.
 */
export interface JobRunner {
  /** Sets the job. Called once before the first submission. */
  start(job: SyncJob): Promise<void>;
  /** Submits a sync and does not wait for its end. */
  submit(syncId: number): Promise<void>;
  /** Resolves when the queue responds, and rejects otherwise. Absent for a runner without a queue outside of this process. */
  check?(): Promise<void>;
  /** Accepts no new syncs, aborts running ones and resolves when they have stopped. */
  stop(): Promise<void>;
}
