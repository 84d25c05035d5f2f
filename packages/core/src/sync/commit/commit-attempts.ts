import type { ObjectId } from "../../domain/repository.js";
import type { SyncAttempt, WriterName } from "../../domain/sync-record.js";
import { type GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { isUnreached } from "../../github/unreached.js";
import type { ChangeSet, CommitWriter } from "../../repository/commit-writer.js";
import type { SyncPlan } from "../plan/plan.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import { attemptTrailer, awaitAttempt, type LandedCommit, newMark, withAttempt } from "../record/attempts.js";
import type { LeasedRecord } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";
import type { AttemptRecovery } from "../record/recovery.js";
import type { SyncServices } from "../sync-services.js";
import { CancellationGate } from "./cancellation-gate.js";
import { type CommitParts, draftCommit } from "./draft-commit.js";

/** Where attempts are made. */
export interface CommitAttemptsContext {
  readonly services: SyncServices;
  readonly record: LeasedRecord;
  readonly recovery: AttemptRecovery;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** Writes a plan: stores each attempt before the branch can move, and finds out what became of it when the answer is lost. */
export class CommitAttempts {
  readonly #context: CommitAttemptsContext;

  constructor(context: CommitAttemptsContext) {
    this.#context = context;
  }

  /** Makes the commit with the first writer that is not refused for a reason of its own. @throws GitHubSdkError of the last one */
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
        services.logger.warn("A writer gives way to the next one.", { writer: writer.name, error });
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
    const move = new RefUpdate(this.#context, parts.prepared, {
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
      move.gate.dispose();
    }
  }

  /** The commit, when it landed although the answer was none. @throws the error, when it did not */
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

/** The step of one attempt from what nobody sees to what everybody sees. */
class RefUpdate {
  readonly gate: CancellationGate;
  readonly #context: CommitAttemptsContext;
  readonly #prepared: PreparedSync;
  #attempt: SyncAttempt;
  #isSent = false;

  constructor(context: CommitAttemptsContext, prepared: PreparedSync, attempt: SyncAttempt) {
    this.#context = context;
    this.#prepared = prepared;
    this.#attempt = attempt;
    this.gate = new CancellationGate(context.signal);
  }

  get attempt(): SyncAttempt {
    return this.#attempt;
  }

  /** Whether the branch may have moved. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** The last moment before the branch moves: what is about to happen is stored, and the lease outlasts the request. */
  async prepare(commitId: ObjectId | null, from: ObjectId | null): Promise<void> {
    const { record, services, recovery: settlement } = this.#context;
    this.gate.close();
    this.#attempt = { ...this.#attempt, commitId, expectedHead: from };
    const { plan, change } = this.#prepared;
    const staged = { syncId: record.current.id, attempt: this.#attempt.number, change };
    await record.save({
      writer: this.#attempt.writer,
      conflicts: plan.conflicts,
      attempts: withAttempt(record.current.attempts, this.#attempt),
    });
    await record.stage(staged);
    settlement.remember(staged);
    await record.ensureLease(services.longestRequest);
    this.#isSent = true;
  }
}

/** Whether another writer may do it. Several addresses of GitHub may be open or closed to a host on their own. */
function fallsBack({ fallsBackOn: givesWayAfter }: CommitWriter, error: GitHubSdkError): boolean {
  return givesWayAfter.has(error.code) || isUnreached(error);
}

/** Errors that a writer gives way after because of what is to be written: another time it may do. */
const REFUSES_THE_CHANGES: ReadonlySet<string> = new Set(["input_too_large", "signature_required"]);

/** How many files a plan writes and deletes. */
export function writtenFiles({ changes }: SyncPlan): Pick<SyncAttempt, "filesSynced" | "filesDeleted"> {
  const filesDeleted = changes.filter(({ action }) => action === "delete").length;
  return { filesSynced: changes.length - filesDeleted, filesDeleted };
}

/** Answers after which the branch is certainly where it was. */
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
