import { randomUUID } from "node:crypto";
import type { BranchKey } from "../../domain/repository.js";
import type { SyncRecord, UnfinishedSync } from "../../domain/sync-record.js";
import type { SyncEvent } from "../../events.js";
import { TaskQueue } from "../../timing/task-queue.js";
import { filesGone } from "../project/sync-sources.js";
import { LeaseKeeper } from "../record/lease-keeper.js";
import { syncEvent } from "../record/progress.js";
import type { SyncWorker, SyncWorkerServices } from "./sync-worker.js";

// Their callers wait, and their files are in memory already.
const AT_ONCE = 4;
// The branch's lease is released shortly after the event of its sync.
const AFTER_EVENT_MS = 50;
const RETRY_MS = 1_500;

/**
 * Runs the syncs whose files came with a call to this process. No other process can run them, so they do not go through the job
 * runner. Their records name a lease of this process; when it expires, other processes fail them.
 */
export class HeldSyncs {
  readonly #services: SyncWorkerServices;
  readonly #worker: SyncWorker;
  readonly #places = new TaskQueue(AT_ONCE);
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #lease: Promise<{ readonly name: string; readonly keeper: LeaseKeeper }> | null = null;

  constructor(services: SyncWorkerServices, worker: SyncWorker) {
    this.#services = services;
    this.#worker = worker;
  }

  /** Returns the name of a lease that this process holds until it is closed. */
  async holder(): Promise<string> {
    for (;;) {
      this.#lease ??= this.#acquire();
      const shared = this.#lease;
      const lease = await shared.catch(() => null);
      if (lease?.keeper.lost.aborted === false) return lease.name;
      if (this.#lease === shared) this.#lease = null;
      // The store's error, for the caller.
      await shared;
    }
  }

  /** Runs a pending record in this process as soon as its branch is free. */
  run(record: SyncRecord): void {
    const run = this.#runWhenFree(record).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Fails a pending record of a process that has ended. */
  async failIfAbandoned({ id, holder }: UnfinishedSync): Promise<void> {
    const { locks, clock, leaseTtlMs } = this.#services;
    if (holder === null || holder === (await this.#lease?.catch(() => null))?.name) return;
    const lease = await LeaseKeeper.acquire(locks, clock, holder, leaseTtlMs);
    if (lease === null) return;
    try {
      await this.#fail(id);
    } finally {
      await lease.release();
    }
  }

  /** Stops running syncs at a safe point and fails those that have not started: their files end with this process. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
    await (await this.#lease?.catch(() => null))?.keeper.release();
  }

  async #acquire(): Promise<{ readonly name: string; readonly keeper: LeaseKeeper }> {
    const { locks, clock, leaseTtlMs } = this.#services;
    const name = `files:${randomUUID()}`;
    const keeper = await LeaseKeeper.acquire(locks, clock, name, leaseTtlMs);
    if (keeper === null) return this.#acquire();
    return { name, keeper };
  }

  async #runWhenFree(record: SyncRecord): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (await this.#places.run(() => this.#runIfFree(record))) return;
        await this.#branchFreed(record.target, record.repository);
      } catch (error) {
        this.#services.logger.warn("A sync could not be started and will be retried.", { syncId: record.id, error });
        await this.#services.clock.idle(RETRY_MS, signal).catch(() => undefined);
      }
    }
    await this.#fail(record.id).catch(() => undefined);
  }

  /** Returns false when the branch is not free. */
  async #runIfFree({ id, target }: SyncRecord): Promise<boolean> {
    const started = await this.#worker.start({ id, target });
    if (started === null) return (await this.#services.records.find(id))?.status !== "pending";
    await this.#worker.run(started, this.#closing.signal);
    return true;
  }

  /** Resolves when a sync of the branch has ended, or after a time: the event of another process can get lost. */
  async #branchFreed({ branch }: BranchKey, repository: string): Promise<void> {
    const { bus, clock } = this.#services;
    const freed = new AbortController();
    const onEnd = (event: SyncEvent): void => {
      if (event.branch === branch && event.repository === repository) freed.abort();
    };
    const names = ["sync.completed", "sync.failed", "sync.cancelled"] as const;
    const unsubscribes = names.map((name) => bus.on(name, onEnd));
    const { signal } = this.#closing;
    await clock.idle(RETRY_MS, AbortSignal.any([signal, freed.signal])).catch(() => undefined);
    for (const unsubscribe of unsubscribes) unsubscribe();
    if (freed.signal.aborted) await clock.idle(AFTER_EVENT_MS, signal).catch(() => undefined);
  }

  async #fail(id: number): Promise<void> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const { code, message } = filesGone();
    const change = { error: { code, message }, completedAt: now, updatedAt: now };
    const failed = await records.transition(id, { from: ["pending"], to: "failed" }, change);
    if (failed !== null) bus.emit("sync.failed", syncEvent(failed));
  }
}
