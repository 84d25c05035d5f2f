import type { BaselineStore } from "../../adapters/baseline-store.js";
import type { Clock } from "../../adapters/clock.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import { defined } from "../../defined.js";
import {
  applyBaselineChange,
  type Baseline,
  EMPTY_BASELINE,
  extendedProposal,
  type StagedChange,
} from "../../domain/baseline.js";
import type { SyncAttempt, SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { isProjectSource } from "../../domain/sync-source.js";
import { isGitHubSdkError } from "../../errors.js";
import type { EventBus } from "../../events.js";
import type { GitHubClient } from "../../github/github-client.js";
import type { Logger } from "../../logger.js";
import { readHead } from "../../repository/branch-reader.js";
import { awaitAttempt, findAttempt, type LandedCommit, withAttempt } from "./attempts.js";
import { leaseLost } from "./leased-record.js";
import { syncEvent } from "./progress.js";
import { clientOf, type SyncClientServices } from "./sync-client.js";

/** The stores and clients with which attempts are recovered. */
export interface RecoveryServices extends SyncClientServices {
  readonly records: SyncRecordStore;
  readonly baselines: BaselineStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
}

// Longer than any request takes: a commit that is not on the branch by then will not arrive.
const LANDS_WITHIN = 15 * 60_000;
// A sync that interrupts its process each time, such as by using up its memory, must not run for ever.
const MAX_INTERRUPTIONS = 2;

/**
 * Finds out whether attempts with a lost response reached the branch, and updates records and baselines accordingly. The
 * caller holds the branch's lease.
 */
export class AttemptRecovery {
  readonly #services: RecoveryServices;
  /** Changes that were staged while this recovery was in use: a store keeps only the last one. */
  readonly #staged = new Map<string, StagedChange>();

  constructor(services: RecoveryServices) {
    this.#services = services;
  }

  /** Remembers a staged change, in case a later one replaces it in the store and its commit arrives all the same. */
  remember(staged: StagedChange): void {
    this.#staged.set(nameOf(staged.syncId, staged.attempt), staged);
  }

  /**
   * Recovers every ended record of the branch that has an open attempt, and the record whose change is staged for the target,
   * with the client of the next sync. A record that cannot be recovered yet is left unchanged.
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
        logger.warn("An earlier sync of the branch could not be recovered yet.", { syncId: other.id, error });
      }
    }
  }

  /**
   * Reconciles an abandoned record with the branch: completed when one of its commits is there; otherwise a running one
   * becomes `pending`, at most twice, then fails; so does one whose commit is on the branch of a pull request that it has to open. Also fails it when the owner's credential is gone.
   */
  async recover(record: SyncRecord, leaseToken: number, signal: AbortSignal): Promise<SyncRecord> {
    try {
      const client = await clientOf(this.#services, record);
      return await this.#recoverWith(client, record, leaseToken, signal);
    } catch (error) {
      if (!isGitHubSdkError(error) || !CREDENTIAL_IS_GONE.has(error.code)) throw error;
      const { code, message } = error;
      return this.#end(record, "failed", leaseToken, { error: { code, message } });
    }
  }

  /**
   * Searches the branch for the commits of a record's open attempts. Saves the baseline of one that is there, and drops the
   * staged changes of those that are not.
   *
   * @returns the attempts with their new outcomes, and the commit that is on the branch
   */
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
        await this.#dropStaged(record, attempt, leaseToken);
      } else if (found !== "open") {
        await this.#saveLanded(record, found, leaseToken);
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
    // A sync that also opens a pull request or changes the project has not ended with its commit.
    const isPartial = landed !== null && (isProposed(record, landed.attempt) || changesProject(record));
    if (landed !== null && !isPartial) {
      return this.#end(record, "completed", leaseToken, { ...landedChange(record, landed), attempts });
    }
    if (record.status !== "in_progress") return this.#end(record, record.status, leaseToken, { attempts });
    // Files that came with a call are gone with the process that took it.
    const canRunAgain = isProjectSource(record.target.source) && record.interruptions < MAX_INTERRUPTIONS;
    if (canRunAgain) return this.#runAgain(record, leaseToken, attempts);
    const missing = landed === null ? "its commit was on the branch" : missingPart(record);
    const message = `The sync was interrupted before ${missing}. It can be retried.`;
    return this.#end(record, "failed", leaseToken, { attempts, error: { code: "sync_interrupted", message } });
  }

  /** Sets an interrupted record back to `pending`. The caller submits the branch's next sync. */
  async #runAgain(record: SyncRecord, leaseToken: number, attempts: readonly SyncAttempt[]): Promise<SyncRecord> {
    const { records, clock, logger } = this.#services;
    const step = { from: ["in_progress"], to: "pending", leaseToken } as const;
    const interruptions = record.interruptions + 1;
    const updatedAt = new Date(clock.now());
    const pending = await records.transition(record.id, step, { attempts, interruptions, updatedAt });
    if (pending !== null) logger.warn("An interrupted sync is run again.", { syncId: record.id, interruptions });
    return pending ?? record;
  }

  /** Returns `missing` when the commit can no longer arrive, and `open` while the branch is where the attempt expects it. */
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
    // The branch has moved, with this commit or another one, and GitHub's reads may lag behind each other.
    if (headId !== attempt.expectedHead) return (await awaitAttempt(query, attempt, this.#services.clock)) ?? "missing";
    const age = this.#services.clock.now() - record.updatedAt.getTime();
    return age > LANDS_WITHIN ? "missing" : "open";
  }

  /** Applies the staged change to the baseline, or adds it to the proposal. Clears the view of a branch that may have moved on since. */
  async #saveLanded({ id, target }: SyncRecord, found: LandedCommit, leaseToken: number): Promise<void> {
    const { attempt } = found;
    const { baselines, clock } = this.#services;
    const { baseline, staged } = await baselines.load(target);
    const stored = staged?.syncId === id && staged.attempt === attempt.number ? staged : null;
    const landed = stored ?? this.#staged.get(nameOf(id, attempt.number)) ?? null;
    if (landed === null) return;
    const next = { ...baselineAfter(baseline ?? EMPTY_BASELINE, landed, found), savedAt: clock.now() };
    if (!(await baselines.save(target, next, leaseToken))) throw leaseLost();
    this.#staged.delete(nameOf(id, attempt.number));
  }

  async #dropStaged({ id, target }: SyncRecord, attempt: SyncAttempt, leaseToken: number): Promise<void> {
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

/** True when an attempt writes to the branch of a pull request. Its record is completed by a run, which opens the pull request. */
export function isProposed({ target }: SyncRecord, { branch }: SyncAttempt): boolean {
  return branch !== target.branch;
}

/** True while a sync still has to change the project after its commit. */
function changesProject({ direction, status }: SyncRecord): boolean {
  return direction !== "push" && status === "in_progress";
}

function missingPart({ direction }: SyncRecord): string {
  return direction === "push" ? "its pull request was open" : "all changes of the project were made";
}

function baselineAfter(
  baseline: Baseline,
  { change, proposed, journal }: StagedChange,
  { commitId }: LandedCommit,
): Baseline {
  if (proposed !== undefined) return { ...baseline, proposal: extendedProposal(baseline.proposal, proposed) };
  const branch = { head: null, rootTree: null, previousHead: null, etag: null, remote: null };
  const checkedHead = baseline.checkedHead ?? baseline.head ?? commitId;
  return { ...baseline, ...applyBaselineChange(baseline, change), ...branch, checkedHead, ...defined({ journal }) };
}

/** Returns the change of a record whose commit is known to be on the branch. */
export function landedChange({ conflicts }: SyncRecord, { attempt, commitId, url }: LandedCommit): SyncRecordChange {
  const { filesSynced, filesDeleted } = attempt;
  const conflictsResolved = conflicts.filter(({ resolved }) => resolved).length;
  return { commitId, commitUrl: url, error: null, filesSynced, filesDeleted, conflictsResolved };
}

/** Error codes after which no credential can read the branch for the record's owner: waiting would not help. */
const CREDENTIAL_IS_GONE: ReadonlySet<string> = new Set([
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
