import { type Baseline, EMPTY_BASELINE } from "../../domain/baseline.js";
import type { ObjectId } from "../../domain/repository.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { createBranch } from "../../repository/create-branch.js";
import { readObjectFormat } from "../../repository/object-format.js";
import { CommitAttempts, type CommitServices, writtenFiles } from "../commit/commit-attempts.js";
import { conflictMessage } from "../plan/conflict-message.js";
import { baselineAfterCommit, baselineAfterNoop, baselineForPlan } from "../plan/next-baseline.js";
import { type SyncPlan, unresolvedConflicts } from "../plan/plan.js";
import { type PreparedSync, prepareSync } from "../plan/prepare-sync.js";
import { continuesProposal, proposesByRule, readProposal, withoutEndedProposal } from "../plan/proposal.js";
import { type RemoteBranch, RemoteBranchReader } from "../plan/remote-branch.js";
import { LocalProject } from "../project/local-project.js";
import type { SyncSources } from "../project/sync-sources.js";
import { AttemptRecovery, isProposed, landedChange, type RecoveryServices } from "../record/attempt-recovery.js";
import type { LandedCommit } from "../record/attempts.js";
import type { LeaseKeeper } from "../record/lease-keeper.js";
import { LeasedRecord } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";
import { clientOf } from "../record/sync-client.js";
import { PullRequestProposal } from "./pull-request-proposal.js";
import { summaryOf } from "./sync-summary.js";

/** The end of a sync and the change of its record. */
export interface SyncOutcome {
  readonly status: "completed" | "failed";
  readonly change: SyncRecordChange;
}

/** The services with which a sync is run. */
export interface SyncRunServices extends RecoveryServices, CommitServices {
  readonly sources: SyncSources;
  /** The address of a sync at the host, with placeholders; `null` for no link in pull requests. */
  readonly syncUrl: string | null;
}

/** A record that is `in_progress`, and the lease of its branch. */
export interface SyncRunContext {
  readonly services: SyncRunServices;
  readonly record: SyncRecord;
  readonly lease: LeaseKeeper;
  readonly progress: ProgressReporter;
  /** Ends the run at the next safe point. */
  readonly signal: AbortSignal;
}

/** The inputs of one round of planning and writing. */
interface Round {
  readonly client: GitHubClient;
  readonly baseline: Baseline;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
}

const ROUNDS = 5;

/** One sync from reading to the commit. Plans again when the branch moved in the meantime, at most 5 times in all. */
export class SyncRun {
  readonly #services: SyncRunServices;
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;
  readonly #record: LeasedRecord;
  readonly #recovery: AttemptRecovery;
  readonly #remotes: RemoteBranchReader;
  readonly #attempts: CommitAttempts;
  readonly #proposal: PullRequestProposal;
  /** True once it is known that the changes go to a pull request. */
  #proposes: boolean;

  constructor({ services, record, lease, progress, signal }: SyncRunContext) {
    this.#services = services;
    this.#progress = progress;
    this.#signal = signal;
    this.#record = new LeasedRecord(services, lease, record);
    this.#recovery = new AttemptRecovery(services);
    this.#remotes = new RemoteBranchReader(services.repositories, services.clock);
    const loadBaseline = async () => (await services.baselines.load(record.target)).baseline;
    this.#proposal = new PullRequestProposal({ services, record: this.#record, loadBaseline, signal });
    this.#proposes = record.options.strategy === "pull_request";
    const target = { record: this.#record, recovery: this.#recovery };
    this.#attempts = new CommitAttempts({
      services,
      ...target,
      progress,
      signal,
      authorize: (signal) => services.sources.authorize(record.id, signal),
    });
  }

  /** Runs the sync. @throws GitHubSdkError when it cannot be carried out; nothing was written then */
  async run(): Promise<SyncOutcome> {
    const client = await clientOf(this.#services, this.#record.current);
    const landed = await this.#recover(client);
    if (landed !== null && !this.#mayWriteMore(landed)) return this.#completeLanded(client, landed);

    const { baseline, remote } = await this.#readSides(client, false);
    const local = await this.#openProject(client, baseline, remote);
    try {
      return await this.#syncInRounds({ client, baseline, local, remote }, landed);
    } finally {
      await local.close();
    }
  }

  /** @param landed a commit of an earlier run of this record; changes since then still have to be written */
  async #syncInRounds(first: Round, landed: LandedCommit | null): Promise<SyncOutcome> {
    let round = first;
    for (let number = 1; ; number++) {
      const prepared = await this.#prepare(round);
      const refused = this.#refuse(round, prepared.plan);
      if (refused !== null) return refused;
      try {
        return prepared.plan.changes.length === 0
          ? await this.#completeWithoutWrite(round, prepared, landed)
          : await this.#completeWritten(round, prepared, await this.#write(round, prepared));
      } catch (error) {
        if (number === ROUNDS || !isGitHubSdkError(error)) throw error;
        if (this.#proposesAfter(error, round.remote)) this.#proposes = true;
        else if (!WORTH_ANOTHER_ROUND.has(error.code)) throw error;
        else await this.#services.clock.sleep(jitter(number), this.#signal);
      }
      const late = await this.#recover(round.client);
      if (late !== null) return this.#completeLanded(round.client, late);
      round = { ...round, ...(await this.#readSides(round.client, true)) };
    }
  }

  #prepare({ client, baseline, local, remote }: Round): Promise<PreparedSync> {
    this.#progress.report("comparing", 0, 1);
    const { target, options } = this.#record.current;
    const base = baselineForPlan(baseline, remote);
    const parts = { client, target, options, proposes: this.#proposes, local, remote, signal: this.#signal };
    return prepareSync({ ...parts, baseline: base });
  }

  /** Recovers open attempts, those of other records first; returns a commit of this record that is on the branch. */
  async #recover(client: GitHubClient): Promise<LandedCommit | null> {
    const { current, leaseToken } = this.#record;
    await this.#recovery.recoverBefore(current, client, leaseToken, this.#signal);
    if (!current.attempts.some(({ outcome }) => outcome !== "missing")) return null;
    const { attempts, landed } = await this.#recovery.recoverLanded(current, client, leaseToken, this.#signal);
    await this.#record.save({ attempts });
    return landed;
  }

  async #write({ client, local, remote }: Round, prepared: PreparedSync): Promise<LandedCommit> {
    const branch = this.#proposes ? await this.#proposal.branchFor(client, remote) : remote.view.branch;
    return this.#attempts.write({ client, local, remote, prepared, branch });
  }

  /** Reads the branch and its baseline: the target's, or those of an open pull request that the sync adds to. */
  async #readSides(client: GitHubClient, again: boolean): Promise<Pick<Round, "baseline" | "remote">> {
    const { repository, target } = this.#record.current;
    const baseline = await this.#loadBaseline(client);
    const query = { client, repository, target, baseline, signal: this.#signal };
    const { options } = this.#record.current;
    this.#proposes ||= continuesProposal(options, baseline);
    const proposal = this.#proposes ? await readProposal(this.#remotes, query) : null;
    const snapshot = again ? null : this.#services.sources.takeSnapshot(this.#record.current.id);
    const sides = proposal ?? { baseline, remote: await this.#remotes.read(query, snapshot, again) };
    this.#assertSameRepository(client, sides.remote);
    this.#proposes ||= proposesByRule(options, sides.remote.view);
    return sides;
  }

  async #loadBaseline(client: GitHubClient): Promise<Baseline> {
    const { repository, target } = this.#record.current;
    const stored = (await this.#services.baselines.load(target)).baseline ?? EMPTY_BASELINE;
    const baseline = await withoutEndedProposal(stored, { client, repository, signal: this.#signal });
    if (baseline !== stored) await this.#record.saveBaseline(baseline);
    return baseline;
  }

  #assertSameRepository(client: GitHubClient, { view }: RemoteBranch): void {
    const { repository, target } = this.#record.current;
    if (view.repository.id === target.repositoryId) return;
    this.#services.repositories.forget(client, repository);
    throw new GitHubSdkError(
      "repository_not_found",
      `${repository} now refers to a different repository. Start a new sync.`,
    );
  }

  async #openProject(client: GitHubClient, baseline: Baseline, { view }: RemoteBranch): Promise<LocalProject> {
    const { target, options } = this.#record.current;
    return LocalProject.open({
      openSession: () => this.#services.sources.open(this.#record.current, this.#signal),
      baseline,
      directory: target.directory,
      options,
      format: await readObjectFormat(client, view, this.#signal),
      signal: this.#signal,
      onProgress: (done, total, path) => this.#progress.report("reading", done, total, path),
    });
  }

  /** Returns the outcome of a plan with unresolved conflicts; `null` when it may be written. */
  #refuse({ baseline, remote }: Round, plan: SyncPlan): SyncOutcome | null {
    const open = unresolvedConflicts(plan);
    if (open.length === 0) return null;
    const context = { remote: remote.entries, hasBaseline: baseline.entries.size > 0 };
    const message = conflictMessage(open, context);
    return { status: "failed", change: { conflicts: plan.conflicts, error: { code: "conflicts", message } } };
  }

  async #completeWithoutWrite(round: Round, prepared: PreparedSync, landed: LandedCommit | null): Promise<SyncOutcome> {
    const { baseline, remote } = round;
    const { head, start } = remote.view;
    const isOpenProposal = remote.view.branch !== this.#record.current.target.branch;
    if (isOpenProposal) return this.#completeUnchangedProposal(round, prepared);
    const made = head === null && start !== null && !this.#proposes;
    if (made) await this.#makeBranch(round.client, remote, start);
    const seen = made ? { ...round, remote: { ...remote, view: { ...remote.view, head: start } } } : round;
    const next = baselineAfterNoop(seen, prepared, this.#services.clock.now());
    if (next !== baseline) await this.#record.saveBaseline(next);
    if (landed !== null) return { status: "completed", change: landedChange(this.#record.current, landed) };
    const change = {
      ...this.#summaryOf(round, prepared.plan),
      ...writtenFiles(prepared.plan),
      commitId: head ?? start,
    };
    return { status: "completed", change };
  }

  async #completeUnchangedProposal(round: Round, { plan }: PreparedSync): Promise<SyncOutcome> {
    const { client, baseline, remote } = round;
    const pullRequestUrl = await this.#proposal.publishUnchanged(client, baseline);
    const change = {
      ...this.#summaryOf(round, plan),
      ...writtenFiles(plan),
      commitId: remote.view.head,
      pullRequestUrl,
    };
    return { status: "completed", change };
  }

  async #makeBranch(client: GitHubClient, { view }: RemoteBranch, start: ObjectId): Promise<void> {
    const { fullName } = view.repository;
    await this.#services.sources.authorize(this.#record.current.id, this.#signal);
    await createBranch(client, fullName, this.#record.current.target.branch, start, this.#signal);
    this.#services.repositories.forget(client, fullName);
  }

  async #completeWritten(round: Round, prepared: PreparedSync, landed: LandedCommit): Promise<SyncOutcome> {
    const { attempt, commitId, url } = landed;
    const { attempts } = this.#record.current;
    const pullRequestUrl = this.#proposes ? await this.#proposal.publish(round.client, { landed, prepared }) : null;
    if (!this.#proposes) {
      await this.#record.saveBaseline(baselineAfterCommit(round, prepared, landed, this.#services.clock.now()));
    }
    const landedAttempt = { ...attempt, commitId, outcome: "landed" } as const;
    const change = {
      ...this.#summaryOf(round, prepared.plan),
      ...writtenFiles(prepared.plan),
      attempts: [...attempts.filter(({ number }) => number !== attempt.number), landedAttempt],
      commitId,
      commitUrl: url,
      pullRequestUrl,
    };
    return { status: "completed", change };
  }

  async #completeLanded(client: GitHubClient, landed: LandedCommit): Promise<SyncOutcome> {
    this.#services.repositories.forget(client, this.#record.current.repository);
    const isProposal = isProposed(this.#record.current, landed.attempt);
    const pullRequestUrl = isProposal ? await this.#proposal.publish(client, { landed, prepared: null }) : null;
    return { status: "completed", change: { ...landedChange(this.#record.current, landed), pullRequestUrl } };
  }

  #summaryOf({ baseline, local }: Round, plan: SyncPlan): SyncRecordChange {
    return summaryOf({ record: this.#record.current, baseline, local, plan, proposes: this.#proposes });
  }

  /** False for a sync whose commit is all that it was requested to write. */
  #mayWriteMore({ attempt }: LandedCommit): boolean {
    return !isProposed(this.#record.current, attempt) && this.#record.current.options.planHash === null;
  }

  /** True when GitHub refused the commit because of the branch, and a pull request may be opened instead. */
  #proposesAfter(error: GitHubSdkError, { view }: RemoteBranch): boolean {
    if (this.#proposes || this.#record.current.options.protectedBranch !== "pull_request" || view.head === null)
      return false;
    // Push rules reject files on every branch.
    return error.code === "branch_protected" && error.details.rule === undefined;
  }
}

/** Errors after which the branch is read again: it has moved, or it is unknown whether it has. */
const WORTH_ANOTHER_ROUND: ReadonlySet<string> = new Set(["branch_moved", "github_unavailable", "github_timeout"]);

/** Returns a random pause that doubles each round, so that two syncs that collided do not collide again. */
function jitter(round: number): number {
  return 100 * 2 ** round * (0.5 + Math.random() / 2);
}
