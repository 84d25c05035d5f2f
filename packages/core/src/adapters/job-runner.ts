/** Runs the sync with that id; the signal is aborted when the runner is being stopped. */
export type SyncJob = (syncId: number, signal: AbortSignal) => Promise<void>;

/**
 * Where syncs run: in this process, or on the workers of a queue engine.
 *
 * A submitted id is run at least once while a runner lives; being handed over twice, or on two workers, is harmless, since the
 * record's own compare-and-set lets only one of them begin. A job never rejects for a sync that failed.
 */
export interface JobRunner {
  /** Says what a job does; called once, before anything is submitted. */
  start(job: SyncJob): Promise<void>;
  /** Hands a sync over and returns without waiting for its end. */
  submit(syncId: number): Promise<void>;
  /** Takes no new work, aborts what runs and waits until it has stopped. */
  stop(): Promise<void>;
}
