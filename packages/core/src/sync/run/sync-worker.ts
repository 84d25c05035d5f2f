import type { LockStore } from "../../adapters/lock-store.js";
import { branchKeyText } from "../../domain/repository.js";
import type { SyncRecord, SyncRecordChange, SyncStatus } from "../../domain/sync-record.js";
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
  /** Milliseconds until a lease expires that is not renewed. */
  readonly leaseTtlMs: number;
}

// GitHub: "wait for at least one minute" when it does not say for how long.
const DEFAULT_WAIT_SECONDS = 60;
// Between two reads from a store that fails.
const STORE_PAUSE = 1_000;

/** A record that was started, with the lease of its branch. */
export interface StartedSync {
  readonly record: SyncRecord;
  readonly lease: LeaseKeeper;
  /** Aborted when the sync is cancelled. */
  readonly cancelled: AbortController;
}

/** Runs records, one at a time per branch. */
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

  /** True while a sync runs in this process. */
  isRunning(syncId: number): boolean {
    return this.#running.has(syncId);
  }

  /** Acquires the lease of a pending record's branch and starts the record. Resolves to `null` when another process was faster. */
  async start({ id, target }: Pick<SyncRecord, "id" | "target">): Promise<StartedSync | null> {
    const { locks, clock, leaseTtlMs } = this.#services;
    const lease = await LeaseKeeper.acquire(locks, clock, branchKeyText(target), leaseTtlMs);
    if (lease === null) return null;
    const cancelled = new AbortController();
    // Registered before the first step, so that a cancellation cannot be missed.
    this.#running.set(id, cancelled);
    const record = await this.#begin(id, lease).catch(async (error) => {
      await this.#release(id, lease);
      throw error;
    });
    if (record !== null) return { record, lease, cancelled };
    await this.#release(id, lease);
    return null;
  }

  /**
   * Runs a started sync to its end and releases its branch. Resolves to the record, which is `pending` when the sync has to
   * continue later or in another process; to `null` when another process took over the branch.
   */
  async run({ record, lease, cancelled }: StartedSync, shutdown: AbortSignal): Promise<SyncRecord | null> {
    try {
      return await this.#runToEnd(record, lease, cancelled.signal, shutdown);
    } finally {
      await this.#release(record.id, lease);
    }
  }

  async #release(id: number, lease: LeaseKeeper): Promise<void> {
    this.#running.delete(id);
    await lease.release();
  }

  async #begin(id: number, lease: LeaseKeeper): Promise<SyncRecord | null> {
    const { records, bus, clock } = this.#services;
    const startedAt = new Date(clock.now());
    const step = { from: ["pending"], to: "in_progress", leaseToken: lease.token } as const;
    const record = await records.transition(id, step, { startedAt, updatedAt: startedAt, notBefore: null });
    // A session that was opened for the first request may not have what a later request wants to sync.
    if (record !== null && record.coalesced > 0) this.#services.sources.release(id);
    if (record !== null) bus.emit("sync.started", syncEvent(record));
    return record;
  }

  async #runToEnd(
    record: SyncRecord,
    lease: LeaseKeeper,
    cancelled: AbortSignal,
    shutdown: AbortSignal,
  ): Promise<SyncRecord | null> {
    const { bus, clock } = this.#services;
    const keeper = new ProgressKeeper(this.#services, record);
    try {
      const signal = AbortSignal.any([cancelled, shutdown, lease.lost]);
      const progress = new ProgressReporter(bus, clock, record);
      const run = new SyncRun({ services: this.#services, record, lease, progress, signal });
      const { status, change } = await run.run();
      if (status === "completed") progress.finish();
      return await this.#end(record, lease, status, change);
    } catch (error) {
      return await this.#endWithError(record, lease, error, { cancelled, shutdown });
    } finally {
      await keeper.stop();
    }
  }

  async #endWithError(
    record: SyncRecord,
    lease: LeaseKeeper,
    error: unknown,
    signals: { readonly cancelled: AbortSignal; readonly shutdown: AbortSignal },
  ): Promise<SyncRecord | null> {
    const { logger } = this.#services;
    const fields = { syncId: record.id, repository: record.repository, error };
    if (lease.lost.aborted) {
      logger.warn("A sync lost its branch to another process.", fields);
      return null;
    }
    if (signals.cancelled.aborted) return this.#end(record, lease, "cancelled", {});
    if (signals.shutdown.aborted) return this.#endAtShutdown(record, lease);
    const waiting = isGitHubSdkError(error, "rate_limited") ? await this.#waitForLimit(record, lease, error) : null;
    if (waiting !== null) return waiting;
    logger.warn("A sync failed.", fields);
    if (isGitHubSdkError(error, "store_failed")) {
      const recovered = await this.#recoverOnceStoreResponds(record, lease, signals.shutdown);
      if (recovered !== null) return recovered;
    }
    return this.#end(record, lease, "failed", { error: describe(error) });
  }

  /**
   * Sets a sync back to `pending` until GitHub's rate limit ends, so that it does not hold a place of other syncs. Resolves to
   * `null` when its caller waits or its deadline has passed.
   */
  async #waitForLimit(record: SyncRecord, lease: LeaseKeeper, error: GitHubSdkError): Promise<SyncRecord | null> {
    const now = lease.storeTime;
    const waitingSince = record.waitingSince ?? new Date(now);
    const deadline = waitingSince.getTime() + record.options.rateLimitDeadlineMs;
    if (record.holder !== null || now >= deadline) return null;
    const notBefore = new Date(Math.min(now + limitEndsIn(error), deadline));
    const fields = { syncId: record.id, repository: record.repository, notBefore: notBefore.toISOString() };
    this.#services.logger.info("A sync waits for GitHub's rate limit.", fields);
    const change = { waitingSince, notBefore };
    return this.#end(record, lease, "pending", change);
  }

  /** Gives the record to another process. Files that came with a call end with this one. */
  #endAtShutdown(record: SyncRecord, lease: LeaseKeeper): Promise<SyncRecord | null> {
    if (record.holder === null) return this.#end(record, lease, "pending", {});
    return this.#end(record, lease, "failed", { error: describe(filesGone()) });
  }

  /** Recovers a sync whose store failed midway: its commit may be on the branch. Resolves to `null` when recovery failed. */
  async #recoverOnceStoreResponds(
    { id }: SyncRecord,
    lease: LeaseKeeper,
    shutdown: AbortSignal,
  ): Promise<SyncRecord | null> {
    const signal = AbortSignal.any([shutdown, lease.lost]);
    try {
      const record = await this.#findWithRetries(id, signal);
      if (record?.status !== "in_progress") return record;
      return await new AttemptRecovery(this.#services).recover(record, lease.token, signal);
    } catch (error) {
      this.#services.logger.warn("An interrupted sync could not be recovered yet.", { syncId: id, error });
      return null;
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

  async #end(
    record: SyncRecord,
    lease: LeaseKeeper,
    to: SyncStatus,
    change: SyncRecordChange,
  ): Promise<SyncRecord | null> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const completedAt = to === "pending" ? null : now;
    const step = { from: ["in_progress"], to, leaseToken: lease.token } as const;
    const ended = await records.transition(record.id, step, { ...change, completedAt, updatedAt: now });
    if (ended === null || (to !== "completed" && to !== "failed" && to !== "cancelled")) return ended;
    const { filesPulled, filesRemoved } = ended;
    if (filesPulled + filesRemoved > 0) bus.emit("project.changed", { ...syncEvent(ended), filesPulled, filesRemoved });
    bus.emit(`sync.${to}`, syncEvent(ended));
    return ended;
  }
}

/** Returns the milliseconds until a rate limit ends. */
function limitEndsIn({ details }: GitHubSdkError): number {
  const seconds = typeof details.retryAfter === "number" ? details.retryAfter : DEFAULT_WAIT_SECONDS;
  return seconds * 1_000;
}

function describe(error: unknown): NonNullable<SyncRecord["error"]> {
  if (isGitHubSdkError(error)) return { code: error.code, message: error.message };
  return { code: "internal_error", message: "The sync failed unexpectedly. See the host's log for the cause." };
}
