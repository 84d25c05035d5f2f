import { applyBaselineChange, type Baseline, EMPTY_BASELINE, patchMap } from "../domain/baseline.js";
import type { ObjectId } from "../domain/repository.js";
import type { SyncAttempt, SyncRecord, SyncRecordChange } from "../domain/sync-record.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { objectFormatOf } from "../git/object-id.js";
import type { GitHubClient } from "../github/github-client.js";
import { chooseWriter } from "../repository/choose-writer.js";
import type { ChangeSet, CommitWriter } from "../repository/commit-writer.js";
import { openPullRequest } from "../repository/pull-request.js";
import { awaitAttempt, type LandedCommit, newMark, withAttempt } from "./attempts.js";
import { branchToMove, toChangeSet } from "./change-set.js";
import type { LeaseKeeper } from "./lease-keeper.js";
import { LocalProject } from "./local-project.js";
import { MoveGate } from "./move-gate.js";
import { type SyncPlan, unresolvedConflicts } from "./plan.js";
import { type PreparedSync, prepareSync } from "./prepare.js";
import type { ProgressReporter } from "./progress.js";
import { RemoteReader, type RemoteState } from "./remote-state.js";
import { landedChange, Settlement } from "./settlement.js";
import { ownerOf, type SyncServices } from "./sync-services.js";

/** How a sync ended, and what its record says about it. */
export interface SyncOutcome {
  readonly status: "completed" | "failed";
  readonly change: SyncRecordChange;
}

/** What a run is given: a record that is `in_progress`, and the lease of its branch. */
export interface SyncRunContext {
  readonly services: SyncServices;
  readonly record: SyncRecord;
  readonly lease: LeaseKeeper;
  readonly progress: ProgressReporter;
  /** Ends the run at the next safe point. */
  readonly signal: AbortSignal;
}

type AttemptName = Pick<SyncAttempt, "number" | "mark">;

const ROUNDS = 5;
/** Stands for an attempt while the writer is being chosen. */
const NO_ATTEMPT: AttemptName = { number: 0, mark: "" };

/** One sync from reading to the commit: plan, write, and when the branch moved meanwhile plan again. */
export class SyncRun {
  readonly #services: SyncServices;
  readonly #lease: LeaseKeeper;
  readonly #progress: ProgressReporter;
  readonly #signal: AbortSignal;
  readonly #settlement: Settlement;
  readonly #remotes: RemoteReader;
  #record: SyncRecord;

  constructor({ services, record, lease, progress, signal }: SyncRunContext) {
    this.#services = services;
    this.#record = record;
    this.#lease = lease;
    this.#progress = progress;
    this.#signal = signal;
    this.#settlement = new Settlement(services);
    this.#remotes = new RemoteReader(services.repositories, services.clock);
  }

  /** Runs the sync. @throws GitHubSdkError for everything that is no outcome, with nothing written. */
  async run(): Promise<SyncOutcome> {
    const { clients, credentialFor } = this.#services;
    const client = clients.for(await credentialFor(ownerOf(this.#record)));
    await this.#settlement.settleBefore(this.#record, this.#lease.token, this.#signal);
    const landed = await this.#settleOwnAttempts();
    if (landed !== null) return this.#completeLanded(client, landed);

    const baseline = (await this.#services.baselines.load(this.#record.target)).baseline ?? EMPTY_BASELINE;
    const remote = await this.#readRemote(client, baseline, false);
    const local = await this.#openProject(baseline, remote);
    try {
      return await this.#syncInRounds(client, baseline, local, remote);
    } finally {
      await local.close();
    }
  }

  async #syncInRounds(
    client: GitHubClient,
    baseline: Baseline,
    local: LocalProject,
    first: RemoteState,
  ): Promise<SyncOutcome> {
    let remote = first;
    for (let round = 1; ; round++) {
      const { target, options } = this.#record;
      this.#progress.report("comparing", 0, 1);
      const prepared = await prepareSync({ client, target, options, baseline, local, remote, signal: this.#signal });
      const refused = this.#refuse(prepared.plan);
      if (refused !== null) return refused;
      if (prepared.plan.changes.length === 0) return this.#completeWithoutWrite(baseline, local, remote, prepared);
      const written = await this.#write(client, local, remote, prepared, round);
      if (written !== null) return this.#completeWritten(client, baseline, local, remote, prepared, written);
      const landed = await this.#settleOwnAttempts();
      if (landed !== null) return this.#completeLanded(client, landed);
      remote = await this.#readRemote(client, baseline, true);
    }
  }

  #readRemote(client: GitHubClient, baseline: Baseline, again: boolean): Promise<RemoteState> {
    const { repository, target } = this.#record;
    return this.#remotes.read({ client, repository, target, baseline, signal: this.#signal }, again);
  }

  #openProject(baseline: Baseline, { view }: RemoteState): Promise<LocalProject> {
    const { userId, projectId, target, options } = this.#record;
    return LocalProject.open({
      projectFiles: this.#services.files.of(this.#record),
      project: { userId, projectId },
      baseline,
      directory: target.directory,
      options,
      format: view.start === null ? "sha1" : objectFormatOf(view.start),
      signal: this.#signal,
      onProgress: (done, total, path) => this.#progress.report("reading", done, total, path),
    });
  }

  /** The outcome when the plan must not be carried out. @throws GitHubSdkError `plan_stale` */
  #refuse(plan: SyncPlan): SyncOutcome | null {
    const { planHash } = this.#record.options;
    if (planHash !== null && planHash !== plan.hash) {
      throw new GitHubSdkError(
        "plan_stale",
        "The project or the branch has changed since the plan was made. Plan again.",
      );
    }
    const open = unresolvedConflicts(plan);
    if (open.length === 0) return null;
    const names = open.slice(0, 5).map((conflict) => conflict.path);
    const more = open.length > names.length ? ` and ${open.length - names.length} more` : "";
    const message = `Changed on both sides: ${names.join(", ")}${more}. Nothing was written.`;
    return { status: "failed", change: { conflicts: plan.conflicts, error: { code: "conflicts", message } } };
  }

  /** Makes the commit; `null` when the branch moved or the answer stayed out, and everything has to be looked at again. */
  async #write(
    client: GitHubClient,
    local: LocalProject,
    remote: RemoteState,
    prepared: PreparedSync,
    round: number,
  ): Promise<LandedCommit | null> {
    const changeSet = (attempt: AttemptName): ChangeSet =>
      toChangeSet(this.#record, attempt, prepared, remote, (oid) => local.content(oid));
    const wish = {
      wanted: this.#record.options.writer,
      requiresSignatures: remote.view.permissions.requiresSignatures,
      credentialKind: client.credential.kind,
    };
    const { order } = chooseWriter(changeSet(NO_ATTEMPT), wish, this.#services.writers);
    for (const [index, writer] of order.entries()) {
      try {
        return await this.#attempt(client, writer, changeSet, prepared);
      } catch (error) {
        const nextTakesOver =
          index + 1 < order.length && isGitHubSdkError(error) && REFUSED_FOR_THE_WRITER.has(error.code);
        if (nextTakesOver) continue;
        if (round === ROUNDS || !isGitHubSdkError(error) || !WORTH_ANOTHER_ROUND.has(error.code)) throw error;
        await this.#services.clock.sleep(jitter(round), this.#signal);
        return null;
      }
    }
    return null;
  }

  async #attempt(
    client: GitHubClient,
    writer: CommitWriter,
    changeSet: (attempt: AttemptName) => ChangeSet,
    { plan, change }: PreparedSync,
  ): Promise<LandedCommit> {
    const number = Math.max(0, ...this.#record.attempts.map((attempt) => attempt.number)) + 1;
    const mark = newMark();
    const commit = changeSet({ number, mark });
    const gate = new MoveGate(this.#signal);
    let attempt: SyncAttempt = {
      number,
      mark,
      writer: writer.name,
      branch: commit.branch,
      expectedHead: commit.expectedHead,
      commitId: null,
      outcome: "unknown",
    };
    const beforeMove = async (commitId: ObjectId | null): Promise<void> => {
      gate.close();
      attempt = { ...attempt, commitId };
      await this.#lease.ensure(this.#services.requestTimeout);
      await this.#save({ ...counts(plan), writer: writer.name, attempts: withAttempt(this.#record.attempts, attempt) });
      await this.#keep(
        this.#services.baselines.stage(
          this.#record.target,
          { syncId: this.#record.id, attempt: number, change },
          this.#lease.token,
        ),
      );
    };
    try {
      const files = commit.writes.length + commit.deletes.length;
      const written = await writer.write(commit, {
        client,
        signal: gate.signal,
        beforeMove,
        onProgress: (done) => this.#progress.report("writing", done, files),
      });
      await this.#save({ notes: [...this.#record.notes, ...written.notes] });
      return { attempt, commitId: written.commitId, url: written.url, rootTree: commit.expectedTree };
    } catch (error) {
      if (!gate.closed) throw error;
      if (isGitHubSdkError(error) && REFUSED_BY_GITHUB.has(error.code)) {
        await this.#save({ attempts: withAttempt(this.#record.attempts, { ...attempt, outcome: "missing" }) });
        throw error;
      }
      const landed = await awaitAttempt(
        { client, record: this.#record, signal: this.#signal },
        attempt,
        this.#services.clock,
      );
      if (landed === null) throw error;
      return { ...landed, rootTree: commit.expectedTree };
    } finally {
      gate.dispose();
    }
  }

  async #settleOwnAttempts(): Promise<LandedCommit | null> {
    if (!this.#record.attempts.some(({ outcome }) => outcome !== "missing")) return null;
    const { attempts, landed } = await this.#settlement.findLanded(this.#record, this.#lease.token, this.#signal);
    await this.#save({ attempts });
    return landed;
  }

  async #completeWithoutWrite(
    baseline: Baseline,
    local: LocalProject,
    remote: RemoteState,
    { plan, change }: PreparedSync,
  ): Promise<SyncOutcome> {
    const { head, rootTree } = remote.view;
    const ignoreFiles = this.#ignoreFiles(baseline, local);
    const next: Baseline = {
      ...baseline,
      ...applyBaselineChange(baseline, change),
      head,
      rootTree: head === null ? null : rootTree,
      etag: remote.etag,
      remote: head === null ? null : cap(remote.entries),
      ignoreFiles,
      savedAt: this.#services.clock.now(),
    };
    const changed =
      change.entries.size > 0 ||
      head !== baseline.head ||
      (remote.etag !== null && remote.etag !== baseline.etag) ||
      baseline.remote === null ||
      ignoreFiles !== baseline.ignoreFiles;
    if (changed) await this.#keep(this.#services.baselines.save(this.#record.target, next, this.#lease.token));
    return { status: "completed", change: { ...counts(plan), commitId: head, error: null } };
  }

  async #completeWritten(
    client: GitHubClient,
    baseline: Baseline,
    local: LocalProject,
    remote: RemoteState,
    { plan, change }: PreparedSync,
    { attempt, commitId, url, rootTree }: LandedCommit,
  ): Promise<SyncOutcome> {
    const { baselines, clock } = this.#services;
    const moved = attempt.branch === this.#record.target.branch;
    const after = moved ? patchMap(remote.entries, change.writes) : remote.entries;
    const next: Baseline = {
      ...baseline,
      ...applyBaselineChange(baseline, change),
      head: moved ? commitId : remote.view.head,
      previousHead: moved ? remote.view.head : baseline.previousHead,
      rootTree: moved ? rootTree : remote.view.rootTree,
      etag: moved ? null : remote.etag,
      remote: cap(after),
      ignoreFiles: this.#ignoreFiles(baseline, local),
      savedAt: clock.now(),
    };
    await this.#keep(baselines.save(this.#record.target, next, this.#lease.token));
    const attempts = withAttempt(this.#record.attempts, { ...attempt, commitId, outcome: "landed" });
    const pullRequestUrl = await this.#proposeIfAsked(client, plan);
    return {
      status: "completed",
      change: { ...counts(plan), attempts, commitId, commitUrl: url, pullRequestUrl, error: null },
    };
  }

  async #completeLanded(client: GitHubClient, landed: LandedCommit): Promise<SyncOutcome> {
    this.#services.repositories.forget(client, this.#record.repository);
    const pullRequestUrl = await this.#proposeIfAsked(client, null);
    return { status: "completed", change: { ...landedChange(landed), pullRequestUrl } };
  }

  /** Opens the pull request of a sync that was asked for one. */
  async #proposeIfAsked(client: GitHubClient, plan: SyncPlan | null): Promise<string | null> {
    const { options, target, projectId, repository } = this.#record;
    if (options.strategy !== "pull_request") return null;
    const overwritten = plan?.conflicts.filter((conflict) => conflict.resolution === "pull_request") ?? [];
    const list = overwritten.map((conflict) => `- \`${conflict.path}\``).join("\n");
    const body =
      overwritten.length === 0
        ? ""
        : `These files changed on both sides; the project's version is proposed:\n\n${list}\n`;
    const title = options.message?.split("\n", 1)[0] ?? `Sync ${projectId}`;
    const request = { head: branchToMove(this.#record), base: target.branch, title, body };
    return (await openPullRequest(client, repository, request, this.#signal)).url;
  }

  #ignoreFiles(baseline: Baseline, local: LocalProject): Baseline["ignoreFiles"] {
    const read = local.listing.ignoreFiles;
    if (local.only !== null) return new Map([...baseline.ignoreFiles, ...read]);
    const same =
      read.size === baseline.ignoreFiles.size &&
      [...read].every(([path, file]) => baseline.ignoreFiles.get(path)?.versionTag === file.versionTag);
    return same ? baseline.ignoreFiles : read;
  }

  async #save(change: SyncRecordChange): Promise<void> {
    const updatedAt = new Date(this.#services.clock.now());
    const saved = await this.#services.records.update(this.#record.id, this.#lease.token, { ...change, updatedAt });
    if (saved === null) throw leaseLost();
    this.#record = saved;
  }

  async #keep(write: Promise<boolean>): Promise<void> {
    if (!(await write)) throw leaseLost();
  }
}

/** A writer's own limits: another writer may do it. */
const REFUSED_FOR_THE_WRITER: ReadonlySet<string> = new Set(["input_too_large", "signature_required"]);

/** The branch went on, or nobody knows: look again. */
const WORTH_ANOTHER_ROUND: ReadonlySet<string> = new Set(["branch_moved", "github_unavailable", "github_timeout"]);

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
]);

const REMOTE_ENTRIES_KEPT = 100_000;

function cap(entries: RemoteState["entries"]): RemoteState["entries"] | null {
  return entries.size > REMOTE_ENTRIES_KEPT ? null : entries;
}

function counts(plan: SyncPlan): SyncRecordChange {
  const deleted = plan.changes.filter((change) => change.action === "delete").length;
  return {
    filesSynced: plan.changes.length - deleted,
    filesDeleted: deleted,
    conflicts: plan.conflicts,
    conflictsResolved: plan.conflicts.filter((conflict) => conflict.resolved).length,
  };
}

/** Between half and the whole of 200 ms, 400 ms, 800 ms … so that two who met do not meet again. */
function jitter(round: number): number {
  return 100 * 2 ** round * (0.5 + Math.random() / 2);
}

function leaseLost(): GitHubSdkError {
  return new GitHubSdkError("lease_lost", "Another process took over this branch. Run the sync again.");
}
