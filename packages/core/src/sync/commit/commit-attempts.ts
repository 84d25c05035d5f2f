import type { Clock } from "../../adapters/clock.js";
import { defined } from "../../defined.js";
import type { AuthorizeWrite } from "../../domain/authorize-write.js";
import type { ObjectId } from "../../domain/repository.js";
import type { SyncAttempt, WriterName } from "../../domain/sync-record.js";
import { type GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { isUnreached } from "../../github/unreached.js";
import type { Logger } from "../../logger.js";
import type { ChangeSet, CommitWriter } from "../../repository/commit-writer.js";
import type { SyncPlan } from "../plan/plan.js";
import type { AttemptRecovery } from "../record/attempt-recovery.js";
import { attemptTrailer, awaitAttempt, type LandedCommit, newMark, withAttempt } from "../record/attempts.js";
import type { LeasedRecord } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";
import { CancellationGate } from "./cancellation-gate.js";
import { type CommitParts, type DraftServices, draftCommit } from "./draft-commit.js";

/** The services with which commits are written. */
export interface CommitServices extends DraftServices {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for which the lease must last when the branch is about to move. */
  readonly moveLeaseMs: number;
}

/** The running sync whose plan is written. */
export interface CommitAttemptsContext {
  readonly services: CommitServices;
  readonly record: LeasedRecord;
  readonly recovery: AttemptRecovery;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
  /** Called right before the branch moves: the caller's right may have been withdrawn since the sync was submitted. */
  readonly authorize: AuthorizeWrite;
}

/** Writes a plan. Stores each attempt before the branch can move, and searches for its commit when the response is lost. */
export class CommitAttempts {
  readonly #context: CommitAttemptsContext;

  constructor(context: CommitAttemptsContext) {
    this.#context = context;
  }

  /** Writes the commit with the first writer that can. @throws GitHubSdkError of the last writer that was tried */
  async write(parts: CommitParts): Promise<LandedCommit> {
    const { services, record } = this.#context;
    const { client, remote } = parts;
    const { changeSet, choice } = draftCommit(services, record.current, parts);
    const { order } = choice;
    const last = order.length - 1;
    const blocked: WriterName[] = [];
    for (const [index, writer] of order.entries()) {
      try {
        const landed = await this.#attempt(parts, writer, changeSet);
        for (const name of blocked) services.repositories.block(client, remote.view.repository.fullName, name);
        return landed;
      } catch (error) {
        if (index === last || !isGitHubSdkError(error) || !fallsBack(writer, error)) throw error;
        services.logger.warn("A commit writer was refused. Falling back to the next one.", {
          writer: writer.name,
          error,
        });
        if (!REFUSES_THE_CHANGES.has(error.code)) blocked.push(writer.name);
      }
    }
    throw new Error("unreachable: the last writer returns or throws");
  }

  async #attempt(parts: CommitParts, writer: CommitWriter, draft: ChangeSet): Promise<LandedCommit> {
    const { record, progress } = this.#context;
    const { attempts, id } = record.current;
    const name = { number: Math.max(0, ...attempts.map(({ number }) => number)) + 1, mark: newMark() };
    const changeSet = { ...draft, trailer: attemptTrailer(id, name) };
    const files = changeSet.writes.length + changeSet.deletes.length;
    const move = new RefUpdate(this.#context, parts, {
      ...name,
      ...writtenFiles(parts.prepared.plan),
      writer: writer.name,
      branch: changeSet.branch,
      expectedHead: changeSet.expectedHead,
      commitId: null,
      outcome: "unknown",
    });
    try {
      const { commitId, url, rootTree, notes } = await writer.write(changeSet, {
        client: parts.client,
        signal: move.gate.signal,
        beforeMove: (id, from) => move.prepare(id, from),
        onProgress: (done) => progress.report("writing", done, files),
      });
      if (notes.length > 0) await record.save({ notes: [...record.current.notes, ...notes] });
      return { attempt: move.attempt, commitId, url, rootTree };
    } catch (error) {
      return { ...(await this.#afterFailure(parts.client, move, error)), rootTree: changeSet.expectedTree };
    } finally {
      record.relaxLease();
      move.gate.dispose();
    }
  }

  /** Returns the commit when it is on the branch although the request failed. @throws the request's error otherwise */
  async #afterFailure(client: GitHubClient, { attempt, isSent }: RefUpdate, error: unknown): Promise<LandedCommit> {
    const { record, services, signal } = this.#context;
    if (!isSent) throw error;
    if (isGitHubSdkError(error) && REFUSED_BY_GITHUB.has(error.code)) {
      await record.save({ attempts: withAttempt(record.current.attempts, { ...attempt, outcome: "missing" }) });
      throw error;
    }
    const landed = await awaitAttempt({ client, record: record.current, signal }, attempt, services.clock);
    if (landed === null) throw error;
    return landed;
  }
}

/** The step of one attempt that moves the branch. */
class RefUpdate {
  readonly gate: CancellationGate;
  readonly #context: CommitAttemptsContext;
  readonly #parts: Pick<CommitParts, "prepared" | "journal">;
  #attempt: SyncAttempt;
  #isSent = false;

  constructor(context: CommitAttemptsContext, parts: Pick<CommitParts, "prepared" | "journal">, attempt: SyncAttempt) {
    this.#context = context;
    this.#parts = parts;
    this.#attempt = attempt;
    this.gate = new CancellationGate(context.signal);
  }

  get attempt(): SyncAttempt {
    return this.#attempt;
  }

  /** True once the branch may have moved. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** Stores the attempt and its baseline change, and renews the lease to outlast the request that moves the branch. */
  async prepare(commitId: ObjectId | null, from: ObjectId | null): Promise<void> {
    const { record, services, recovery, authorize } = this.#context;
    await authorize(this.gate.signal);
    this.gate.close();
    this.#attempt = { ...this.#attempt, commitId, expectedHead: from };
    const { prepared, journal } = this.#parts;
    const { plan, change, proposed } = prepared;
    const { entries, contents } = proposed;
    const { branch, number } = this.#attempt;
    const isProposal = branch !== record.current.target.branch;
    const staged = {
      ...{ syncId: record.current.id, attempt: number, change },
      ...defined({ journal, proposed: isProposal ? { branch, entries, contents } : undefined }),
    };
    await record.save({
      writer: this.#attempt.writer,
      conflicts: plan.conflicts,
      attempts: withAttempt(record.current.attempts, this.#attempt),
    });
    await record.stage(staged);
    recovery.remember(staged);
    await record.ensureLease(services.moveLeaseMs);
    this.#isSent = true;
  }
}

/** True when another writer may succeed. A host's network may allow only some of GitHub's addresses. */
function fallsBack({ fallsBackOn }: CommitWriter, error: GitHubSdkError): boolean {
  return fallsBackOn.has(error.code) || isUnreached(error);
}

/** Errors that depend on the change set: the writer is not skipped next time. */
const REFUSES_THE_CHANGES: ReadonlySet<string> = new Set(["input_too_large", "signature_required"]);

/** Counts the files that a plan writes and deletes. */
export function writtenFiles({ changes }: SyncPlan): Pick<SyncAttempt, "filesSynced" | "filesDeleted"> {
  const filesDeleted = changes.filter(({ action }) => action === "delete").length;
  return { filesSynced: changes.length - filesDeleted, filesDeleted };
}

/** Errors after which the branch has certainly not moved. */
const REFUSED_BY_GITHUB: ReadonlySet<string> = new Set([
  "branch_moved",
  "branch_protected",
  "signature_required",
  "workflow_permission_missing",
  "secret_detected",
  "insufficient_permissions",
  "repository_archived",
  "repository_not_found",
  "reauth_required",
  "rate_limited",
  "github_rejected",
  "tree_mismatch",
  "file_too_large",
  "writer_refused",
  "github_redirect_refused",
]);
