import { applyBaselineChange, type Baseline, EMPTY_BASELINE } from "../domain/baseline.js";
import type { SyncAttempt, SyncRecord, SyncRecordChange } from "../domain/sync-record.js";
import { readHead } from "../repository/branch-reader.js";
import { findAttempt, type LandedCommit, withAttempt } from "./attempts.js";
import { syncEvent } from "./progress.js";
import { ownerOf, type SyncServices } from "./sync-services.js";

/**
 * Finds out what became of attempts whose answer is unknown, and makes records and baselines say so. Whoever calls it holds
 * the branch's lease.
 */
export class Settlement {
  readonly #services: SyncServices;

  constructor(services: SyncServices) {
    this.#services = services;
  }

  /** Settles every ended record of the branch that has an open attempt, and the one whose change is staged for the target. */
  async settleBefore(record: SyncRecord, leaseToken: number, signal: AbortSignal): Promise<void> {
    const { records, baselines } = this.#services;
    const open = new Map((await records.unsettled(record.target)).map((other) => [other.id, other]));
    const { staged } = await baselines.load(record.target);
    if (staged !== null) {
      const owner = await records.find(staged.syncId);
      if (owner !== null) open.set(owner.id, owner);
    }
    open.delete(record.id);
    for (const other of open.values()) await this.settle(other, leaseToken, signal);
  }

  /**
   * Brings a record that nobody runs to its truth: completed when a commit of it is on the branch; otherwise a running one
   * becomes failed, and can be run again.
   */
  async settle(record: SyncRecord, leaseToken: number, signal: AbortSignal): Promise<SyncRecord> {
    const { attempts, landed } = await this.findLanded(record, leaseToken, signal);
    if (record.status === "completed" || record.status === "pending") return record;
    if (landed !== null) return this.#end(record, "completed", leaseToken, { ...landedChange(landed), attempts });
    if (record.status !== "in_progress") return this.#end(record, record.status, leaseToken, { attempts });
    const message = "The sync was interrupted before its commit was made. Nothing was written; it can be run again.";
    return this.#end(record, "failed", leaseToken, { attempts, error: { code: "sync_interrupted", message } });
  }

  /** The commit of one of the record's attempts, when the branch has it; the target's baseline is brought up to it. */
  async findLanded(
    record: SyncRecord,
    leaseToken: number,
    signal: AbortSignal,
  ): Promise<{ readonly attempts: readonly SyncAttempt[]; readonly landed: LandedCommit | null }> {
    let { attempts } = record;
    for (const attempt of attempts.filter(({ outcome }) => outcome !== "missing").reverse()) {
      const landed = await this.#look(record, attempt, signal);
      if (landed !== null && landed !== "open") {
        await this.#takeIn(record, landed, leaseToken);
        return {
          attempts: withAttempt(attempts, { ...attempt, commitId: landed.commitId, outcome: "landed" }),
          landed,
        };
      }
      if (landed === null) {
        attempts = withAttempt(attempts, { ...attempt, outcome: "missing" });
        await this.#drop(record, attempt, leaseToken);
      }
    }
    return { attempts, landed: null };
  }

  /** `null`: it can land no more. `"open"`: the branch still stands where the attempt wants it. */
  async #look(record: SyncRecord, attempt: SyncAttempt, signal: AbortSignal): Promise<LandedCommit | "open" | null> {
    const { clients, credentialFor } = this.#services;
    const client = clients.for(await credentialFor(ownerOf(record)));
    const query = { client, record, signal };
    const found = await findAttempt(query, attempt);
    if (found !== null) return found;
    const head = await readHead(client, record.repository, attempt.branch, null, signal);
    const headId = head.state === "read" ? head.head : null;
    // Looked for once more: it may have landed between the two reads.
    return headId === attempt.expectedHead ? "open" : findAttempt(query, attempt);
  }

  /** What the commit changed becomes the baseline; the branch may be further on by now, so its entries are read again. */
  async #takeIn({ id, target }: SyncRecord, { attempt }: LandedCommit, leaseToken: number): Promise<void> {
    const { baselines, clock } = this.#services;
    const { baseline, staged } = await baselines.load(target);
    if (staged === null || staged.syncId !== id || staged.attempt !== attempt.number) return;
    const before: Baseline = baseline ?? EMPTY_BASELINE;
    const after = applyBaselineChange(before, staged.change);
    const branch = { head: null, rootTree: null, previousHead: null, etag: null, remote: null };
    await baselines.save(target, { ...before, ...after, ...branch, savedAt: clock.now() }, leaseToken);
  }

  async #drop({ id, target }: SyncRecord, attempt: SyncAttempt, leaseToken: number): Promise<void> {
    const { staged } = await this.#services.baselines.load(target);
    if (staged?.syncId === id && staged.attempt === attempt.number)
      await this.#services.baselines.unstage(target, leaseToken);
  }

  async #end(
    record: SyncRecord,
    to: "completed" | "failed" | "cancelled",
    leaseToken: number,
    change: SyncRecordChange,
  ): Promise<SyncRecord> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const ended = record.status === to ? change : { ...change, completedAt: now };
    const step = { from: [record.status], to, leaseToken };
    const after = await records.transition(record.id, step, { ...ended, updatedAt: now });
    if (after === null) return record;
    if (record.status !== to) bus.emit(`sync.${to}`, syncEvent(after));
    return after;
  }
}

/** What a record says once its commit is known to be on the branch. */
export function landedChange({ commitId, url }: LandedCommit): SyncRecordChange {
  return { commitId, commitUrl: url, error: null };
}
