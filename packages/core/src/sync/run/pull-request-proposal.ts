import { type Baseline, EMPTY_BASELINE, type Proposal } from "../../domain/baseline.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import type { GitHubClient } from "../../github/github-client.js";
import { findCollidingBranch } from "../../repository/colliding-branch.js";
import { openPullRequest } from "../../repository/pull-request.js";
import { proposalBranches } from "../commit/change-set.js";
import type { SyncPlan } from "../plan/plan.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { LandedCommit } from "../record/attempts.js";
import type { LeasedRecord } from "../record/leased-record.js";

/** A commit on a proposal's branch. `prepared` is `null` for a commit of an earlier run, whose plan is no longer known. */
export interface ProposedCommit {
  readonly landed: LandedCommit;
  readonly prepared: PreparedSync | null;
}

/** The pull request of syncs with the strategy `pull_request`. Its state is stored with the baseline. */
export class PullRequestProposal {
  readonly #record: LeasedRecord;
  readonly #loadBaseline: () => Promise<Baseline | null>;
  readonly #signal: AbortSignal;

  constructor(record: LeasedRecord, loadBaseline: () => Promise<Baseline | null>, signal: AbortSignal) {
    this.#record = record;
    this.#loadBaseline = loadBaseline;
    this.#signal = signal;
  }

  /** Returns the branch for the next commit: that of the open pull request, or a new one. */
  async branchFor(client: GitHubClient, { view }: RemoteBranch): Promise<string> {
    const record = this.#record.current;
    if (view.branch !== record.target.branch) return view.branch;
    const [first, fallback = first] = proposalBranches(record);
    if (first === undefined || fallback === undefined) throw new Error("unreachable: there are two names");
    const query = { client, fullName: view.repository.fullName, branch: first, signal: this.#signal };
    return (await findCollidingBranch(query)) === null ? first : fallback;
  }

  /** Opens the pull request unless it is open, and stores it with the baseline. Returns its address. */
  async publish(client: GitHubClient, { landed, prepared }: ProposedCommit): Promise<string> {
    const { branch } = landed.attempt;
    const baseline = (await this.#loadBaseline()) ?? EMPTY_BASELINE;
    const known = baseline.proposal?.branch === branch ? baseline.proposal : null;
    const { number, url } = known ?? (await this.#open(client, branch, prepared?.plan ?? null));
    await this.#record.saveBaseline({ ...baseline, proposal: extended({ branch, number, url }, known, prepared) });
    return url;
  }

  #open(client: GitHubClient, branch: string, plan: SyncPlan | null) {
    const { options, target, projectId, repository } = this.#record.current;
    const title = options.message?.split("\n", 1)[0] ?? `Sync ${projectId}`;
    const draft = { head: branch, base: target.branch, title, body: bodyOf(this.#record.current, plan) };
    return openPullRequest(client, repository, draft, this.#signal);
  }
}

function extended(
  pullRequest: Pick<Proposal, "branch" | "number" | "url">,
  known: Proposal | null,
  prepared: PreparedSync | null,
): Proposal {
  return {
    ...pullRequest,
    entries: new Map([...(known?.entries ?? []), ...(prepared?.proposed.entries ?? [])]),
    contents: new Map([...(known?.contents ?? []), ...(prepared?.proposed.contents ?? [])]),
  };
}

function bodyOf({ id, projectId }: SyncRecord, plan: SyncPlan | null): string {
  const lines = [`Sync ${id} of the project ${code(projectId)}.`];
  if (plan === null) return `${lines.join("\n")}\n`;
  const count = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  lines.push("", `Added ${count("add")}, updated ${count("update")} and deleted ${count("delete")} files.`);
  const overwritten = plan.conflicts.filter((conflict) => conflict.resolution === "pull_request");
  if (overwritten.length > 0) {
    lines.push("", "These files changed on both sides. This pull request proposes the project's version:", "");
    lines.push(...overwritten.slice(0, MAX_LISTED).map(({ path }) => `- ${code(path)}`));
    if (overwritten.length > MAX_LISTED) lines.push(`- and ${overwritten.length - MAX_LISTED} more`);
  }
  return `${lines.join("\n")}\n`;
}

// A body may have 65,536 characters, and a path 4,096 bytes.
const MAX_LISTED = 15;

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll(/\p{Cc}/gu, " ")}\``;
}
