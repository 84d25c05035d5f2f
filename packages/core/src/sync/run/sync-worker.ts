import type { JobResult, JobRunner } from "../../adapters/job-runner.js";
import type { LockStore } from "../../adapters/lock-store.js";
import { type BranchKey, branchKeyText } from "../../domain/repository.js";
import type { SyncRecord, SyncRecordChange, SyncStatus, UnfinishedSync } from "../../domain/sync-record.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import { filesGone } from "../project/sync-sources.js";
import { AttemptRecovery } from "../record/attempt-recovery.js";
import { LeaseKeeper } from "../record/lease-keeper.js";
import { ProgressReporter, syncEvent } from "../record/progress.js";
import { ProgressKeeper } from "../record/progress-keeper.js";
import { SyncRun, type SyncRunServices } from "./sync-run.js";

/** The services with which records are run and recovered. */
export interface SyncWorkerServices extends SyncRunServices {
  readonly apiUrl: string;
  readonly locks: LockStore;
  readonly jobs: JobRunner;
  /** Milliseconds until a lease expires that is not renewed. */
  readonly leaseTtlMs: number;
}

// Longer than the process that has a call's files needs to start its pending sync.
const ORPHANED_AFTER = 2 * 60_000;
// Between two reads from a store that fails.
const STORE_PAUSE = 1_000;

/** Runs records, one at a time per branch in the order of their IDs, and recovers the records of processes that died. */
export class SyncWorker {
  readonly #services: SyncWorkerServices;
  readonly #running = new Map<number, AbortController>();

  constructor(services: SyncWorkerServices) {
    this.#services = services;
  }

  /** Cancels a sync that is running in this process; returns `false` when it is not. */
  cancel(syncId: number): boolean {
    const running = this.#running.get(syncId);
    running?.abort(new GitHubSdkError("cancelled", "The sync was cancelled."));
    return running !== undefined;
  }

  /**
   * Runs the oldest pending record of the given record's branch to its end. Returns at once while another sync of the branch
   * is running: the process that ends a sync submits the branch's next one.
   */
  async process(syncId: number, shutdown: AbortSignal): Promise<JobResult> {
    await this.#process(syncId, shutdown);
    return { kind: "done" };
  }

  async #process(syncId: number, shutdown: AbortSignal): Promise<void> {
    const { records, locks, clock, leaseTtlMs } = this.#services;
    const record = await records.find(syncId);
    if (record === null || record.status !== "pending" || shutdown.aborted) return;
    const lease = await LeaseKeeper.acquire(locks, clock, branchKeyText(record.target), leaseTtlMs);
    if (lease === null) return;
    let submitsNext = true;
    try {
      const first = await records.oldestPending(record.target);
      if (first === null || shutdown.aborted) return;
      if (this.#services.sources.has(first)) submitsNext = await this.#run(first, lease, shutdown);
      else submitsNext = await this.#endIfOrphaned(first, lease);
    } finally {
      await lease.release();
      if (submitsNext && !shutdown.aborted) await this.#submitNext(record.target);
    }
  }

  /** Notifies the process that has the record's files; fails the record when that process has not started it for minutes. */
  async #endIfOrphaned(record: SyncRecord, lease: LeaseKeeper): Promise<boolean> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    if (now.getTime() - record.updatedAt.getTime() < ORPHANED_AFTER) {
      bus.emit("sync.turn", syncEvent(record));
      return false;
    }
    const step = { from: ["pending"], to: "failed", leaseToken: lease.token } as const;
    const failed = await records.transition(record.id, step, {
      error: describe(filesGone()),
      completedAt: now,
      updatedAt: now,
    });
    if (failed !== null) bus.emit("sync.failed", syncEvent(failed));
    return true;
  }

  /**
   * Submits pending records and recovers those that a dead process left `in_progress`: completed when their commit is on the
   * branch, otherwise run again at most twice, then failed. Records that another process is running are left alone. Branches are recovered in parallel.
   */
  async recover(signal: AbortSignal): Promise<void> {
    const { records, apiUrl } = this.#services;
    for (let after = 0; ; ) {
      const page = await records.unfinished(after, 100);
      // Hosts of different GitHub servers may share a store.
      const own = page.filter(({ target }) => target.apiUrl === apiUrl);
      const branches = [...byBranch(own).values()];
      const ends = await Promise.allSettled(branches.map((branch) => this.#recoverBranch(branch, signal)));
      const failure = ends.find((end) => end.status === "rejected");
      if (failure !== undefined) throw failure.reason;
      const last = page.at(-1);
      if (last === undefined || page.length < 100) return;
      after = last.id;
    }
  }

  async #recoverBranch(unfinished: readonly UnfinishedSync[], signal: AbortSignal): Promise<void> {
    for (const record of unfinished) {
      signal.throwIfAborted();
      if (record.status === "pending") await this.#services.jobs.submit(record.id);
      else if (!this.#running.has(record.id)) await this.#recoverIfAbandoned(record, signal);
    }
  }

  async #recoverIfAbandoned(record: UnfinishedSync, signal: AbortSignal): Promise<void> {
    const { records, locks, clock, leaseTtlMs, logger } = this.#services;
    const lease = await LeaseKeeper.acquire(locks, clock, branchKeyText(record.target), leaseTtlMs);
    if (lease === null) return;
    try {
      const current = await records.find(record.id);
      if (current?.status === "in_progress")
        await new AttemptRecovery(this.#services).recover(current, lease.token, signal);
    } catch (error) {
      logger.warn("An interrupted sync could not be recovered yet.", { syncId: record.id, error });
    } finally {
      await lease.release();
      await this.#submitNext(record.target);
    }
  }

  async #submitNext(branch: BranchKey): Promise<void> {
    const next = await this.#services.records.oldestPending(branch);
    if (next !== null) await this.#services.jobs.submit(next.id);
  }

  /** Runs a record to its end; returns `false` when it is still pending because another process holds the branch. */
  async #run({ id }: SyncRecord, lease: LeaseKeeper, shutdown: AbortSignal): Promise<boolean> {
    const cancelled = new AbortController();
    // Registered before the first step, so that a cancellation cannot be missed.
    this.#running.set(id, cancelled);
    try {
      const record = await this.#begin(id, lease);
      if (record === null) return (await this.#services.records.find(id))?.status !== "pending";
      await this.#runToEnd(record, lease, cancelled.signal, shutdown);
      return true;
    } finally {
      this.#running.delete(id);
    }
  }

  async #begin(id: number, lease: LeaseKeeper): Promise<SyncRecord | null> {
    const { records, bus, clock } = this.#services;
    const startedAt = new Date(clock.now());
    const step = { from: ["pending"], to: "in_progress", leaseToken: lease.token } as const;
    const record = await records.transition(id, step, { startedAt, updatedAt: startedAt });
    if (record !== null) bus.emit("sync.started", syncEvent(record));
    return record;
  }

  async #runToEnd(
    record: SyncRecord,
    lease: LeaseKeeper,
    cancelled: AbortSignal,
    shutdown: AbortSignal,
  ): Promise<void> {
    const { bus, clock } = this.#services;
    const keeper = new ProgressKeeper(this.#services, record);
    try {
      const signal = AbortSignal.any([cancelled, shutdown, lease.lost]);
      const progress = new ProgressReporter(bus, clock, record);
      const run = new SyncRun({ services: this.#services, record, lease, progress, signal });
      const { status, change } = await run.run();
      if (status === "completed") progress.finish();
      await this.#end(record, lease, status, change);
    } catch (error) {
      await this.#endWithError(record, lease, error, { cancelled, shutdown });
    } finally {
      await keeper.stop();
    }
  }

  async #endWithError(
    record: SyncRecord,
    lease: LeaseKeeper,
    error: unknown,
    signals: { readonly cancelled: AbortSignal; readonly shutdown: AbortSignal },
  ): Promise<void> {
    const { logger } = this.#services;
    const fields = { syncId: record.id, repository: record.repository, error };
    if (lease.lost.aborted) return logger.warn("A sync lost its branch to another process.", fields);
    if (signals.cancelled.aborted) return this.#end(record, lease, "cancelled", {});
    if (signals.shutdown.aborted) return this.#end(record, lease, "pending", {});
    logger.warn("A sync failed.", fields);
    const isLeftOpen = isGitHubSdkError(error, "store_failed");
    if (isLeftOpen && (await this.#recoverOnceStoreResponds(record, lease, signals.shutdown))) return;
    await this.#end(record, lease, "failed", { error: describe(error) });
  }

  /** Recovers a sync whose store failed midway: its commit may be on the branch. Returns `false` when recovery failed. */
  async #recoverOnceStoreResponds({ id }: SyncRecord, lease: LeaseKeeper, shutdown: AbortSignal): Promise<boolean> {
    const signal = AbortSignal.any([shutdown, lease.lost]);
    try {
      const record = await this.#findWithRetries(id, signal);
      if (record?.status === "in_progress")
        await new AttemptRecovery(this.#services).recover(record, lease.token, signal);
      return true;
    } catch (error) {
      this.#services.logger.warn("An interrupted sync could not be recovered yet.", { syncId: id, error });
      return false;
    }
  }

  /** Reads a record and retries while the store fails, for the duration of a lease. */
  async #findWithRetries(id: number, signal: AbortSignal): Promise<SyncRecord | null> {
    const { records, clock, leaseTtlMs } = this.#services;
    const givesUpAt = clock.now() + leaseTtlMs;
    for (;;) {
      try {
        return await records.find(id);
      } catch (error) {
        if (!isGitHubSdkError(error, "store_failed") || clock.now() >= givesUpAt) throw error;
        await clock.sleep(STORE_PAUSE, signal);
      }
    }
  }

  async #end(record: SyncRecord, lease: LeaseKeeper, to: SyncStatus, change: SyncRecordChange): Promise<void> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const completedAt = to === "pending" ? null : now;
    const step = { from: ["in_progress"], to, leaseToken: lease.token } as const;
    const ended = await records.transition(record.id, step, { ...change, completedAt, updatedAt: now });
    if (ended === null || (to !== "completed" && to !== "failed" && to !== "cancelled")) return;
    const { filesPulled, filesRemoved } = ended;
    if (filesPulled + filesRemoved > 0) bus.emit("project.changed", { ...syncEvent(ended), filesPulled, filesRemoved });
    bus.emit(`sync.${to}`, syncEvent(ended));
  }
}

/** Groups records by their branch and keeps their order. */
function byBranch(records: readonly UnfinishedSync[]): ReadonlyMap<string, readonly UnfinishedSync[]> {
  const branches = new Map<string, UnfinishedSync[]>();
  for (const record of records) {
    const name = branchKeyText(record.target);
    branches.set(name, [...(branches.get(name) ?? []), record]);
  }
  return branches;
}

function describe(error: unknown): NonNullable<SyncRecord["error"]> {
  if (isGitHubSdkError(error)) return { code: error.code, message: error.message };
  return { code: "internal_error", message: "The sync failed unexpectedly. See the host's log for the cause." };
}
