import { applyBaselineChange, EMPTY_BASELINE, type StagedChange } from "../../domain/baseline.js";
import type { SyncAttempt, SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readHead } from "../../repository/branch-reader.js";
import { ownerOf, type SyncServices } from "../sync-services.js";
import { awaitAttempt, findAttempt, type LandedCommit, withAttempt } from "./attempts.js";
import { leaseLost } from "./leased-record.js";
import { syncEvent } from "./progress.js";

// No request takes longer: what has not landed by then never will.
const LANDS_WITHIN = 15 * 60_000;

/**
 * Finds out what became of attempts whose answer is unknown, and makes records and baselines say so. Whoever calls it holds
 * the branch's lease.
 */
export class AttemptRecovery {
  readonly #services: SyncServices;
  /** Changes that were staged while this settlement was in use: a store keeps the last one only. */
  readonly #staged = new Map<string, StagedChange>();

  constructor(services: SyncServices) {
    this.#services = services;
  }

  /** Keeps a staged change in mind, for the case that a later one takes its place and it lands all the same. */
  remember(staged: StagedChange): void {
    this.#staged.set(nameOf(staged.syncId, staged.attempt), staged);
  }

  /**
   * Settles every ended record of the branch that has an open attempt, and the one whose change is staged for the target,
   * with the client of the sync that comes next. What cannot be settled now is left as it is.
   */
  async recoverBefore(
    record: SyncRecord,
    client: GitHubClient,
    leaseToken: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { records, baselines, logger } = this.#services;
    const open = new Map((await records.withOpenAttempts(record.target)).map((other) => [other.id, other]));
    const { staged } = await baselines.load(record.target);
    if (staged !== null) {
      this.remember(staged);
      const owner = await records.find(staged.syncId);
      if (owner !== null) open.set(owner.id, owner);
    }
    open.delete(record.id);
    for (const other of open.values()) {
      try {
        await this.#recoverWith(client, other, leaseToken, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isGitHubSdkError(error, "lease_lost")) throw error;
        logger.warn("An earlier sync of the branch could not be settled yet.", { syncId: other.id, error });
      }
    }
  }

  /**
   * Brings a record that nobody runs to its truth: completed when a commit of it is on the branch; otherwise a running one
   * becomes failed, and can be run again. So it does when its owner can no longer be asked for.
   */
  async recover(record: SyncRecord, leaseToken: number, signal: AbortSignal): Promise<SyncRecord> {
    const { clients, credentialFor } = this.#services;
    try {
      const client = clients.for(await credentialFor(ownerOf(record)));
      return await this.#recoverWith(client, record, leaseToken, signal);
    } catch (error) {
      if (!isGitHubSdkError(error) || !OWNER_IS_GONE.has(error.code)) throw error;
      const { code, message } = error;
      return this.#end(record, "failed", leaseToken, { error: { code, message } });
    }
  }

  /** The commit of one of the record's attempts, when the branch has it; the target's baseline is brought up to it. */
  async recoverLanded(
    record: SyncRecord,
    client: GitHubClient,
    leaseToken: number,
    signal: AbortSignal,
  ): Promise<{ readonly attempts: readonly SyncAttempt[]; readonly landed: LandedCommit | null }> {
    let { attempts } = record;
    for (const attempt of attempts.filter(({ outcome }) => outcome !== "missing").reverse()) {
      const found = await this.#locate(record, attempt, client, signal);
      if (found === "missing") {
        attempts = withAttempt(attempts, { ...attempt, outcome: "missing" });
        await this.#drop(record, attempt, leaseToken);
      } else if (found !== "open") {
        await this.#takeIn(record, attempt, leaseToken);
        const landed = { ...attempt, commitId: found.commitId, outcome: "landed" } as const;
        return { attempts: withAttempt(attempts, landed), landed: found };
      }
    }
    return { attempts, landed: null };
  }

  async #recoverWith(
    client: GitHubClient,
    record: SyncRecord,
    leaseToken: number,
    signal: AbortSignal,
  ): Promise<SyncRecord> {
    const { attempts, landed } = await this.recoverLanded(record, client, leaseToken, signal);
    if (record.status === "completed" || record.status === "pending") return record;
    if (landed !== null) {
      return this.#end(record, "completed", leaseToken, { ...landedChange(record, landed), attempts });
    }
    if (record.status !== "in_progress") return this.#end(record, record.status, leaseToken, { attempts });
    const message = "The sync was interrupted before its commit was on the branch. It can be run again.";
    return this.#end(record, "failed", leaseToken, { attempts, error: { code: "sync_interrupted", message } });
  }

  /** `missing`: it can land no more. `open`: the branch still stands where the attempt wants it. */
  async #locate(
    record: SyncRecord,
    attempt: SyncAttempt,
    client: GitHubClient,
    signal: AbortSignal,
  ): Promise<LandedCommit | "open" | "missing"> {
    const query = { client, record, signal };
    const found = await findAttempt(query, attempt);
    if (found !== null) return found;
    const head = await readHead(client, record.repository, attempt.branch, null, signal);
    const headId = head.state === "read" ? head.head : null;
    // The branch went on, with it or without it; and GitHub's answers may lag behind each other.
    if (headId !== attempt.expectedHead) return (await awaitAttempt(query, attempt, this.#services.clock)) ?? "missing";
    const age = this.#services.clock.now() - record.updatedAt.getTime();
    return age > LANDS_WITHIN ? "missing" : "open";
  }

  /** What the commit changed becomes the baseline; the branch may be further on by now, so its entries are read again. */
  async #takeIn({ id, target }: SyncRecord, attempt: SyncAttempt, leaseToken: number): Promise<void> {
    const { baselines, clock } = this.#services;
    const { baseline, staged } = await baselines.load(target);
    const stored = staged?.syncId === id && staged.attempt === attempt.number ? staged : null;
    const landed = stored ?? this.#staged.get(nameOf(id, attempt.number)) ?? null;
    if (landed === null) return;
    const before = baseline ?? EMPTY_BASELINE;
    const after = applyBaselineChange(before, landed.change);
    const branch = { head: null, rootTree: null, previousHead: null, etag: null, remote: null };
    const next = { ...before, ...after, ...branch, savedAt: clock.now() };
    if (!(await baselines.save(target, next, leaseToken))) throw leaseLost();
    this.#staged.delete(nameOf(id, attempt.number));
  }

  async #drop({ id, target }: SyncRecord, attempt: SyncAttempt, leaseToken: number): Promise<void> {
    const { baselines } = this.#services;
    const { staged } = await baselines.load(target);
    if (staged?.syncId !== id || staged.attempt !== attempt.number) return;
    if (!(await baselines.unstage(target, leaseToken))) throw leaseLost();
  }

  async #end(
    record: SyncRecord,
    to: "completed" | "failed" | "cancelled",
    leaseToken: number,
    change: SyncRecordChange,
  ): Promise<SyncRecord> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const ended = record.status === to ? change : { ...change, completedAt: now, updatedAt: now };
    const after = await records.transition(record.id, { from: [record.status], to, leaseToken }, ended);
    if (after === null) return record;
    if (record.status !== to) bus.emit(`sync.${to}`, syncEvent(after));
    return after;
  }
}

/** What a record says once its commit is known to be on the branch. */
export function landedChange({ conflicts }: SyncRecord, { attempt, commitId, url }: LandedCommit): SyncRecordChange {
  const { filesSynced, filesDeleted } = attempt;
  const conflictsResolved = conflicts.filter(({ resolved }) => resolved).length;
  return { commitId, commitUrl: url, error: null, filesSynced, filesDeleted, conflictsResolved };
}

/** Nobody can act for the record's owner any more, so that nobody ever learns what became of it. */
const OWNER_IS_GONE: ReadonlySet<string> = new Set([
  "github_not_connected",
  "reauth_required",
  "capability_not_configured",
  "repository_not_found",
  "insufficient_permissions",
  "installation_not_found",
]);

function nameOf(syncId: number, attempt: number): string {
  return `${syncId}/${attempt}`;
}
