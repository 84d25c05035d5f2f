import type { SecretDetector } from "../../adapters/secret-detector.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ObjectId } from "../../domain/repository.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { type GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { createBranch } from "../../repository/create-branch.js";
import { CommitAttempts, type CommitServices, writtenFiles } from "../commit/commit-attempts.js";
import { refuseSecrets } from "../plan/find-secrets.js";
import { baselineAfterCommit, baselineAfterNoop, baselineForPlan } from "../plan/next-baseline.js";
import { prepareRevert } from "../plan/prepare-revert.js";
import { type PreparedSync, prepareSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { SyncSources } from "../project/sync-sources.js";
import { AttemptRecovery, isProposed, landedChange, type RecoveryServices } from "../record/attempt-recovery.js";
import type { LandedCommit } from "../record/attempts.js";
import type { LeaseKeeper } from "../record/lease-keeper.js";
import { LeasedRecord } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";
import { clientOf } from "../record/sync-client.js";
import { isWorthAnotherRound, pauseAfter, ROUNDS } from "./next-round.js";
import { ProjectSide } from "./project-side.js";
import { NO_UPDATE } from "./project-update.js";
import { PullRequestProposal } from "./pull-request-proposal.js";
import { refusedPlan } from "./refused-plan.js";
import type { Committed, Round, SyncOutcome } from "./round.js";
import { SideReader } from "./side-reader.js";
import { summaryOf } from "./sync-summary.js";
import { dropOutdated, dropUsed, loadResolutions, type UsedResolutionsServices } from "./used-resolutions.js";

/** The services with which a sync is run. */
export interface SyncRunServices extends RecoveryServices, CommitServices, UsedResolutionsServices {
  readonly sources: SyncSources;
  /** Searches what is sent to GitHub for secrets; `null` for no search. */
  readonly secretDetector: SecretDetector | null;
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

/** One sync from reading to the commit. Plans again when the branch moved in the meantime, at most 5 times in all. */
export class SyncRun {
  readonly #services: SyncRunServices;
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;
  readonly #record: LeasedRecord;
  readonly #recovery: AttemptRecovery;
  readonly #sides: SideReader;
  readonly #attempts: CommitAttempts;
  readonly #proposal: PullRequestProposal;

  constructor({ services, record, lease, progress, signal }: SyncRunContext) {
    this.#services = services;
    this.#progress = progress;
    this.#signal = signal;
    this.#record = new LeasedRecord(services, lease, record);
    this.#recovery = new AttemptRecovery(services);
    this.#sides = new SideReader({ services, record: this.#record, progress, signal });
    const loadBaseline = async () => (await services.baselines.load(record.target)).baseline;
    this.#proposal = new PullRequestProposal({ services, record: this.#record, loadBaseline, signal });
    this.#attempts = new CommitAttempts({
      ...{ services, progress, signal },
      ...{ record: this.#record, recovery: this.#recovery },
      authorize: (signal) => services.sources.authorize(record.id, signal),
    });
  }

  /** Runs the sync. @throws GitHubSdkError when it cannot be carried out; nothing was written then */
  async run(): Promise<SyncOutcome> {
    const client = await clientOf(this.#services, this.#record.current);
    const landed = await this.#recover(client);
    if (landed !== null && this.#isPush() && !this.#mayWriteMore(landed)) return this.#completeLanded(client, landed);

    const { baseline, remote } = await this.#sides.read(client, false);
    const side = { record: this.#record, progress: this.#progress, signal: this.#signal };
    const project = await ProjectSide.open({ ...this.#services, ...side }, baseline);
    try {
      const local = await this.#sides.openProject(client, baseline, remote);
      try {
        return await this.#syncInRounds({ client, baseline, local, remote, project }, landed);
      } finally {
        await local.close();
      }
    } finally {
      await project.close();
    }
  }

  /** @param found a commit of an earlier run of this record; changes since then still have to be written */
  async #syncInRounds(first: Round, found: LandedCommit | null): Promise<SyncOutcome> {
    let round = first;
    let landed = found;
    for (let number = 1; ; number++) {
      const resumed = await this.#resume(round, landed);
      if ("status" in resumed) return resumed;
      round = resumed;
      const prepared = await this.#prepare(round);
      const refused = await this.#refuse(round, prepared);
      if (refused !== null) return refused;
      const committed = await this.#commit(round, prepared, landed).catch(async (error) => {
        if (number === ROUNDS || !isGitHubSdkError(error)) throw error;
        if (this.#proposesAfter(error, round.remote)) this.#sides.propose();
        else if (!isWorthAnotherRound(error)) throw error;
        else await this.#services.clock.sleep(pauseAfter(number), this.#signal);
        return null;
      });
      if (committed !== null) return this.#updateProject(round, prepared, committed);
      const late = await this.#recover(round.client);
      if (late !== null && this.#isPush()) return this.#completeLanded(round.client, late);
      landed = late ?? landed;
      round = { ...round, ...(await this.#sides.read(round.client, true)) };
    }
  }

  #commit(round: Round, prepared: PreparedSync, landed: LandedCommit | null): Promise<Committed> {
    return prepared.plan.changes.length === 0
      ? this.#completeWithoutWrite(round, prepared, landed)
      : this.#completeWritten(round, prepared);
  }

  /**
   * Ends the journal of an earlier run. One of this record is carried out when the sync is limited to a plan; otherwise the next
   * plan has what is left.
   */
  async #resume(round: Round, landed: LandedCommit | null): Promise<Round | SyncOutcome> {
    const { baseline, local, project } = round;
    const { journal } = baseline;
    const { id, options } = this.#record.current;
    if (options.planHash !== null && (landed !== null || journal?.syncId === id)) {
      const { counts, notes } = journal?.syncId === id ? await project.resume(baseline, journal, round) : NO_UPDATE;
      return this.#completeResumed(round, landed, { ...counts, notes: [...this.#record.current.notes, ...notes] });
    }
    if (journal === undefined || this.#sides.reverted !== null) return round;
    return { ...round, baseline: await project.settle(baseline, local) };
  }

  async #completeResumed(round: Round, landed: LandedCommit | null, change: SyncRecordChange): Promise<SyncOutcome> {
    const { client, remote } = round;
    if (landed === null) return { status: "completed", change: { error: null, commitId: remote.view.head, ...change } };
    const outcome = await this.#completeLanded(client, landed);
    return { ...outcome, change: { ...outcome.change, ...change } };
  }

  /** Makes the plan's changes of the project, once its commit is on the branch. */
  async #updateProject(round: Round, prepared: PreparedSync, { outcome, baseline }: Committed): Promise<SyncOutcome> {
    const { notes = this.#record.current.notes } = outcome.change;
    const update = await round.project.update(baseline, prepared.plan, round);
    await dropUsed(this.#services, this.#record.current.target, prepared, update.left);
    return { ...outcome, change: { ...outcome.change, ...update.counts, notes: [...notes, ...update.notes] } };
  }

  async #prepare({ client, baseline, local, remote, project }: Round): Promise<PreparedSync> {
    this.#progress.report("comparing", 0, 1);
    const { target, options, direction } = this.#record.current;
    const { reverted } = this.#sides;
    if (reverted !== null)
      return prepareRevert({ client, target, options, reverted, local, remote, signal: this.#signal });
    const base = baselineForPlan(baseline, remote, { direction, directory: target.directory });
    const resolutions = await loadResolutions(this.#services, target);
    const { proposes } = this.#sides;
    const { secretDetector } = this.#services;
    const inputs = { baseline: base, local, remote, project: project.incoming, proposes, resolutions };
    const sides = { ...inputs, secretDetector };
    return prepareSync({ client, target, options, ...sides, signal: this.#signal });
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

  async #write({ client, local, remote, project }: Round, prepared: PreparedSync): Promise<LandedCommit> {
    const branch = this.#sides.proposes ? await this.#proposal.branchFor(client, remote) : remote.view.branch;
    const journal = project.journal(prepared.incoming, local);
    return this.#attempts.write({ client, local, remote, prepared, journal, branch });
  }

  /**
   * Returns the outcome of a plan with unresolved conflicts; `null` when it may be written.
   *
   * @throws GitHubSdkError `secret_found`
   */
  async #refuse({ baseline, remote }: Round, prepared: PreparedSync): Promise<SyncOutcome | null> {
    const refused = refusedPlan({ record: this.#record.current, baseline, remote }, prepared);
    if (refused === null) refuseSecrets(prepared.plan);
    else await dropOutdated(this.#services, this.#record.current.target, prepared);
    return refused;
  }

  async #completeWithoutWrite(round: Round, prepared: PreparedSync, landed: LandedCommit | null): Promise<Committed> {
    const { baseline, remote } = round;
    const { head, start } = remote.view;
    const isOpenProposal = remote.view.branch !== this.#record.current.target.branch;
    if (isOpenProposal) return { outcome: await this.#completeUnchangedProposal(round, prepared), baseline };
    const made = head === null && start !== null && !this.#sides.proposes;
    if (made) await this.#makeBranch(round.client, remote, start);
    const seen = made ? { ...round, remote: { ...remote, view: { ...remote.view, head: start } } } : round;
    const next = this.#withJournal(baselineAfterNoop(seen, prepared, this.#services.clock.now()), round, prepared);
    if (next !== baseline) await this.#record.saveBaseline(next);
    if (landed !== null) {
      return { outcome: { status: "completed", change: landedChange(this.#record.current, landed) }, baseline: next };
    }
    const change = {
      ...this.#summaryOf(round, prepared),
      ...writtenFiles(prepared.plan),
      commitId: head ?? start,
    };
    return { outcome: { status: "completed", change }, baseline: next };
  }

  /** Adds the journal of the changes of the project, which is saved with the base entries of the commit. */
  #withJournal(baseline: Baseline, { local, project }: Round, { incoming }: PreparedSync): Baseline {
    const journal = project.journal(incoming, local);
    return journal === undefined ? baseline : { ...baseline, journal };
  }

  async #completeUnchangedProposal(round: Round, prepared: PreparedSync): Promise<SyncOutcome> {
    const { client, baseline, remote } = round;
    const pullRequestUrl = await this.#proposal.publishUnchanged(client, baseline);
    const summary = { ...this.#summaryOf(round, prepared), ...writtenFiles(prepared.plan) };
    return { status: "completed", change: { ...summary, commitId: remote.view.head, pullRequestUrl } };
  }

  async #makeBranch(client: GitHubClient, { view }: RemoteBranch, start: ObjectId): Promise<void> {
    const { fullName } = view.repository;
    await this.#services.sources.authorize(this.#record.current.id, this.#signal);
    await createBranch(client, fullName, this.#record.current.target.branch, start, this.#signal);
    this.#services.repositories.forget(client, fullName);
  }

  async #completeWritten(round: Round, prepared: PreparedSync): Promise<Committed> {
    const landed = await this.#write(round, prepared);
    const { attempt, commitId, url } = landed;
    const { attempts } = this.#record.current;
    const pullRequestUrl = this.#sides.proposes
      ? await this.#proposal.publish(round.client, { landed, prepared })
      : null;
    const after = baselineAfterCommit(round, prepared, landed, this.#services.clock.now());
    const next = this.#withJournal(after, round, prepared);
    if (!this.#sides.proposes) await this.#record.saveBaseline(next);
    const landedAttempt = { ...attempt, commitId, outcome: "landed" } as const;
    const change = {
      ...this.#summaryOf(round, prepared),
      ...writtenFiles(prepared.plan),
      attempts: [...attempts.filter(({ number }) => number !== attempt.number), landedAttempt],
      commitId,
      commitUrl: url,
      pullRequestUrl,
    };
    return { outcome: { status: "completed", change }, baseline: next };
  }

  async #completeLanded(client: GitHubClient, landed: LandedCommit): Promise<SyncOutcome> {
    this.#services.repositories.forget(client, this.#record.current.repository);
    const isProposal = isProposed(this.#record.current, landed.attempt);
    const pullRequestUrl = isProposal ? await this.#proposal.publish(client, { landed, prepared: null }) : null;
    return { status: "completed", change: { ...landedChange(this.#record.current, landed), pullRequestUrl } };
  }

  #summaryOf({ baseline, local }: Round, prepared: PreparedSync): SyncRecordChange {
    return summaryOf({ record: this.#record.current, baseline, local, prepared, proposes: this.#sides.proposes });
  }

  /** False for a sync whose commit is all that it was requested to write. */
  #mayWriteMore({ attempt }: LandedCommit): boolean {
    return !isProposed(this.#record.current, attempt) && this.#record.current.options.planHash === null;
  }

  #isPush(): boolean {
    return this.#record.current.direction === "push";
  }

  /** True when GitHub refused the commit because of the branch, and a pull request may be opened instead. */
  #proposesAfter(error: GitHubSdkError, { view }: RemoteBranch): boolean {
    const { protectedBranch } = this.#record.current.options;
    if (this.#sides.proposes || protectedBranch !== "pull_request" || view.head === null) return false;
    // Push rules reject files on every branch.
    return error.code === "branch_protected" && error.details.rule === undefined;
  }
}
