import { applyBaselineChange, type Baseline, type Proposal } from "../../domain/baseline.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { isGitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import type { BranchView } from "../../repository/branch-view.js";
import { readPullRequestState } from "../../repository/pull-request.js";
import type { RemoteBranch, RemoteBranchReader, RemoteQuery } from "./remote-branch.js";

/** The repository of a proposal, and the client to read it with. */
export interface ProposalQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly signal: AbortSignal;
}

/** The options that decide if a sync writes to the branch or opens a pull request. */
export type ProposalOptions = Pick<SyncOptions, "strategy" | "protectedBranch">;

/** True when a sync adds to the open pull request of its baseline, or opens one whatever the branch's rules are. */
export function continuesProposal({ strategy, protectedBranch }: ProposalOptions, baseline: Baseline): boolean {
  return strategy === "pull_request" || (protectedBranch === "pull_request" && baseline.proposal !== undefined);
}

/** True when a sync opens a pull request because a known rule forbids direct pushes to its branch. */
export function proposesByRule({ protectedBranch }: ProposalOptions, { head, permissions }: BranchView): boolean {
  return protectedBranch === "pull_request" && head !== null && permissions.blockingRule !== null;
}

/**
 * Ends the baseline's proposal if its pull request is no longer open: merged entries become the base, so that a later edit on
 * the branch counts as newer; after a close without a merge the base stays.
 *
 * @returns the same baseline when it has no proposal or the pull request is open
 */
export async function withoutEndedProposal(baseline: Baseline, query: ProposalQuery): Promise<Baseline> {
  const { proposal, ...rest } = baseline;
  if (proposal === undefined || proposal.number === null) return baseline;
  const state = await stateOf(proposal.number, query);
  if (state === "open") return baseline;
  return state === "merged" ? { ...rest, ...proposedBase(rest, proposal) } : rest;
}

/** A credential that may not read pull requests must still be able to sync, so the state counts as unchanged then. */
async function stateOf(number: number, { client, repository, signal }: ProposalQuery) {
  try {
    return await readPullRequestState(client, repository, number, signal);
  } catch (error) {
    if (isGitHubSdkError(error, "insufficient_permissions")) return "open";
    throw error;
  }
}

/**
 * Reads the branch of the baseline's proposal, and returns it with the baseline to compare it with; `null` when there is no
 * proposal, or its branch no longer exists.
 */
export async function readProposal(
  reader: RemoteBranchReader,
  query: RemoteQuery,
): Promise<{ readonly baseline: Baseline; readonly remote: RemoteBranch } | null> {
  const { proposal } = query.baseline;
  if (proposal === undefined) return null;
  const baseline = baselineOfProposal(query.baseline, proposal);
  const target = { ...query.target, branch: proposal.branch };
  const remote = await reader.read({ ...query, target, baseline }, null, true);
  return remote.view.head === null ? null : { baseline, remote };
}

/**
 * Returns the baseline for a comparison of the project with the proposal's branch: the entries that the proposal contains are
 * the base. The branch is read without a cache.
 */
function baselineOfProposal(baseline: Baseline, proposal: Proposal): Baseline {
  const unread = { head: null, rootTree: null, previousHead: null, etag: null, remote: null };
  return { ...baseline, ...proposedBase(baseline, proposal), ...unread };
}

function proposedBase(baseline: Baseline, { entries, contents }: Proposal): Pick<Baseline, "entries" | "contents"> {
  return applyBaselineChange(baseline, { entries, contents, writes: new Map() });
}
