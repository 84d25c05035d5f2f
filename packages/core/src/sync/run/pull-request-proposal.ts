import { type Baseline, EMPTY_BASELINE, extendedProposal, type Proposal } from "../../domain/baseline.js";
import type { SyncAttempt } from "../../domain/sync-record.js";
import type { GitHubClient } from "../../github/github-client.js";
import { findCollidingBranch } from "../../repository/colliding-branch.js";
import { openPullRequest } from "../../repository/pull-request.js";
import { addLabelsAndReviewers } from "../../repository/pull-request-review.js";
import { proposalBranches } from "../commit/change-set.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { LandedCommit } from "../record/attempts.js";
import type { LeasedRecord } from "../record/leased-record.js";
import { pullRequestBody, pullRequestTitle } from "./pull-request-text.js";

/** A commit on a proposal's branch. `prepared` is `null` for a commit of an earlier run, whose plan is no longer known. */
export interface ProposedCommit {
  readonly landed: LandedCommit;
  readonly prepared: PreparedSync | null;
}

/** The sync that proposes changes. */
export interface ProposalContext {
  readonly record: LeasedRecord;
  readonly loadBaseline: () => Promise<Baseline | null>;
  readonly signal: AbortSignal;
  readonly services: {
    /** The address of a sync at the host, with placeholders; `null` for no link. */
    readonly syncUrl: string | null;
    /** Milliseconds for which the lease must last when the pull request is about to be opened. */
    readonly moveLeaseMs: number;
  };
}

/** The pull request of a sync that proposes its changes. Its state is stored with the baseline. */
export class PullRequestProposal {
  readonly #context: ProposalContext;

  constructor(context: ProposalContext) {
    this.#context = context;
  }

  /** Returns the branch for the next commit: that of the open pull request, or a new one. */
  async branchFor(client: GitHubClient, { view }: RemoteBranch): Promise<string> {
    const { record, signal } = this.#context;
    if (view.branch !== record.current.target.branch) return view.branch;
    const [first, fallback = first] = proposalBranches(record.current);
    if (first === undefined || fallback === undefined) throw new Error("unreachable: there are two names");
    const query = { client, fullName: view.repository.fullName, branch: first, signal };
    return (await findCollidingBranch(query)) === null ? first : fallback;
  }

  /** Opens the pull request unless it is open, and stores it with the baseline. Returns its address. */
  async publish(client: GitHubClient, { landed: { attempt }, prepared }: ProposedCommit): Promise<string> {
    const baseline = (await this.#context.loadBaseline()) ?? EMPTY_BASELINE;
    const { entries, contents } = prepared?.proposed ?? { entries: new Map(), contents: new Map() };
    const proposal = extendedProposal(baseline.proposal, { branch: attempt.branch, entries, contents });
    return this.#save(baseline, proposal, await this.#addressOf(client, proposal, attempt, prepared));
  }

  /** Opens the pull request of a proposal without changes, if it is not open yet. Returns its address. */
  async publishUnchanged(client: GitHubClient, baseline: Baseline): Promise<string | null> {
    const { proposal } = baseline;
    if (proposal === undefined || proposal.url !== null) return proposal?.url ?? null;
    const changes = [...proposal.entries.values()];
    const filesDeleted = changes.filter((entry) => entry === null).length;
    const counts = { filesSynced: changes.length - filesDeleted, filesDeleted };
    const stored = (await this.#context.loadBaseline()) ?? baseline;
    return this.#save(stored, proposal, await this.#addressOf(client, proposal, counts, null));
  }

  async #save(baseline: Baseline, proposal: Proposal, { number, url }: { number: number; url: string }) {
    await this.#context.record.saveBaseline({ ...baseline, proposal: { ...proposal, number, url } });
    return url;
  }

  async #addressOf(
    client: GitHubClient,
    { branch, number, url }: Proposal,
    attempt: Pick<SyncAttempt, "filesSynced" | "filesDeleted">,
    prepared: PreparedSync | null,
  ): Promise<{ number: number; url: string }> {
    if (number !== null && url !== null) return { number, url };
    const { record, signal, services } = this.#context;
    const { syncUrl, moveLeaseMs } = services;
    const { options, target, repository } = record.current;
    const { draft, labels, reviewers } = options.pullRequest;
    const body = pullRequestBody({ record: record.current, attempt, plan: prepared?.plan ?? null, syncUrl });
    const texts = { title: pullRequestTitle(record.current), body };
    // A process that lost the branch must not open the pull request again, which may have been merged.
    await record.ensureLease(moveLeaseMs);
    const opened = await openPullRequest(
      client,
      repository,
      { head: branch, base: target.branch, ...texts, draft },
      signal,
    );
    const review = { client, fullName: repository, number: opened.number, signal };
    const refused = await addLabelsAndReviewers(review, { labels, reviewers });
    record.relaxLease();
    const undrafted = opened.isAsDrafted ? [] : ["GitHub does not support draft pull requests in this repository."];
    const notes = [...undrafted, ...refused];
    if (notes.length > 0) await record.save({ notes: [...record.current.notes, ...notes] });
    return opened;
  }
}
