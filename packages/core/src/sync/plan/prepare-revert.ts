import type { ObjectId, SyncTarget } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { findInHistory } from "../../repository/comparison.js";
import type { LocalProject } from "../project/local-project.js";
import type { RevertedCommit } from "../project/reverted-commit.js";
import { compareProject, conflictingPaths, mergeCandidates } from "./compare.js";
import { guardPlan } from "./guard-plan.js";
import { makePlan } from "./make-plan.js";
import { mergeConflicts } from "./merge-conflicts.js";
import { contentsOf, type PreparedSync } from "./prepare-sync.js";
import type { RemoteBranch } from "./remote-branch.js";

/** The commit to take back, and the branch as it is now. */
export interface RevertSides {
  readonly client: GitHubClient;
  readonly target: SyncTarget;
  readonly options: SyncOptions;
  readonly reverted: RevertedCommit;
  /** The files as they were before the commit. */
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  readonly signal: AbortSignal;
}

/**
 * Makes the plan that takes a commit back: a three-way merge with the commit's versions as the base, those before it on one side
 * and the branch's on the other. Base entries of the project stay, so that the project is behind the branch afterwards.
 *
 * @throws GitHubSdkError `branch_not_found`; `sync_not_revertible` when the branch does not contain the commit; as `guardPlan`
 */
export async function prepareRevert(sides: RevertSides): Promise<PreparedSync> {
  const { client, target, options, reverted, local, remote, signal } = sides;
  await assertContained(sides);
  const { written, before } = reverted;
  const compared = compareProject({
    target,
    repository: remote.view.repository.fullName,
    head: remote.view.head,
    baseline: { entries: written },
    local: local.files,
    remote: remote.entries,
    ...{ ignored: [], ignoredPaths: new Set<string>(), explicitPaths: new Set<string>() },
    ...{ deleteIgnored: false, only: null, incoming: null },
    strategy: options.strategy,
    onConflict: options.onConflict,
    // A later edit of a file that the sync added, or a later deletion, cannot be kept and taken back at the same time.
    strategyFor: (path) => (local.files.has(path) && remote.entries.has(path) ? "merge" : "fail"),
  });
  const candidates = mergeCandidates(compared);
  const contents = contentsOf({ client, baseline: before, local, remote, signal });
  const merges = await mergeConflicts(conflictingPaths(compared), contents, signal, (path) => candidates.has(path));
  const { plan, change } = makePlan(compared, merges);
  const { permissions } = remote.view;
  guardPlan(plan, { baseline: written, remote: remote.entries, permissions, options });
  const none = { entries: new Map(), writes: new Map(), contents: new Map() };
  return {
    plan,
    change: { ...none, writes: change.writes },
    proposed: none,
    incoming: new Map(),
    historyChange: "unchecked",
    resolutions: { current: new Map(), outdated: [], undecided: [] },
    knownBlobs: new Set<ObjectId>(Array.from(before.entries.values(), ({ oid }) => oid)),
  };
}

async function assertContained({ client, target, reverted, remote, signal }: RevertSides): Promise<void> {
  const { head, repository } = remote.view;
  const query = { client, repository: repository.fullName, base: reverted.commitId, signal };
  if (head === null) {
    throw new GitHubSdkError("branch_not_found", `${repository.fullName} has no branch "${target.branch}" any more.`);
  }
  if ((await findInHistory({ ...query, head })) === null) throw notContained(target.branch, reverted.commitId);
}

/** Returns the error for a commit that the branch's history does not contain. */
export function notContained(branch: string, commitId: ObjectId): GitHubSdkError {
  return new GitHubSdkError(
    "sync_not_revertible",
    `"${branch}" no longer contains the sync's commit ${commitId}, so there is nothing to take back.`,
    { details: { commit: commitId } },
  );
}
