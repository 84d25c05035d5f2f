import type { Lease } from "../../adapters/lock-store.js";
import { branchKeyText } from "../../domain/repository.js";
import type { UnfinishedSync } from "../../domain/sync-record.js";
import { AttemptRecovery } from "../record/attempt-recovery.js";
import { LeaseKeeper } from "../record/lease-keeper.js";
import type { HeldSyncs } from "./held-syncs.js";
import type { SyncHints } from "./sync-hints.js";
import type { SyncWorker, SyncWorkerServices } from "./sync-worker.js";

/** The parts of the engine that recovery works with. */
export interface SyncRecoveryParts {
  readonly worker: SyncWorker;
  readonly held: HeldSyncs;
  readonly hints: SyncHints;
}

// With the lease of a branch, an abandoned sync is taken up within 45 seconds.
const TURN_MS = 12_000;
const LOOK_EVERY_MS = 5_000;
const PAGE = 100;

/**
 * Recovers the records of processes that died, and submits hints for syncs that are due: hints can be lost. One process at a
 * time does so for all, under a lease that lasts for one turn.
 */
export class SyncRecovery {
  readonly #services: SyncWorkerServices;
  readonly #parts: SyncRecoveryParts;
  #turn: Lease | null = null;

  constructor(services: SyncWorkerServices, parts: SyncRecoveryParts) {
    this.#services = services;
    this.#parts = parts;
  }

  /** Takes turns with other processes until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, locks, logger } = this.#services;
    while (!signal.aborted) {
      await this.#takeTurn(signal).catch((error) => {
        if (!signal.aborted) logger.warn("Recovery failed and will be retried.", { error });
      });
      await clock.idle(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    if (this.#turn !== null) await locks.release(this.#turn).catch(() => false);
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    const { locks, apiUrl } = this.#services;
    const turn = await locks.acquire(`recovery:${apiUrl}`, TURN_MS);
    if (turn === null) return;
    this.#turn = turn;
    await this.#recoverAll(signal);
  }

  /** Recovers all branches in parallel, then submits what is due. */
  async #recoverAll(signal: AbortSignal): Promise<void> {
    const { records, apiUrl } = this.#services;
    for (let after = 0; ; ) {
      const page = await records.unfinished(after, PAGE);
      // Hosts of different GitHub servers may share a store.
      const own = page.filter(({ target }) => target.apiUrl === apiUrl);
      const branches = [...byBranch(own).values()];
      const ends = await Promise.allSettled(branches.map((branch) => this.#recoverBranch(branch, signal)));
      const failure = ends.find((end) => end.status === "rejected");
      if (failure !== undefined) throw failure.reason;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = last.id;
    }
    const due = await records.due(apiUrl, PAGE);
    await Promise.all(due.map(({ id }) => this.#parts.hints.submit(id)));
  }

  async #recoverBranch(unfinished: readonly UnfinishedSync[], signal: AbortSignal): Promise<void> {
    const { held, worker } = this.#parts;
    for (const record of unfinished) {
      signal.throwIfAborted();
      if (record.status === "pending") await held.failIfAbandoned(record);
      else if (!worker.isRunning(record.id)) await this.#recoverIfAbandoned(record, signal);
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
    }
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
