import { DEFAULT_PULL_REQUEST } from "../domain/pull-request-options.js";
import type { ObjectId } from "../domain/repository.js";
import type { SyncRecord } from "../domain/sync-record.js";
import { isProjectSource } from "../domain/sync-source.js";
import { GitHubSdkError } from "../errors.js";
import type { ParsedSyncRequest } from "./sync-request.js";

/** The request of a sync that takes another one back, and the commit of the latter. */
export interface RevertRequest {
  readonly request: ParsedSyncRequest;
  readonly commitId: ObjectId;
}

/** Returns the request of a sync that takes another one back. @throws GitHubSdkError `sync_not_revertible` */
export function revertRequest(record: SyncRecord): RevertRequest {
  const { id, userId, projectId, repository, target, options } = record;
  const commitId = revertibleCommit(record);
  const request: ParsedSyncRequest = {
    project: { userId, projectId },
    repository,
    branch: target.branch,
    directory: target.directory,
    direction: "push",
    bypassRules: false,
    priority: "interactive",
    options: {
      ...options,
      strategy: "merge",
      pathStrategies: [],
      message: `Revert sync ${id}\n\nThis reverts commit ${commitId}.`,
      filePaths: null,
      deletePaths: [],
      applyIgnoreRules: false,
      allowMassDeletion: true,
      allowEmptyProject: true,
      deleteIgnored: false,
      planHash: null,
      author: null,
      coAuthors: [],
      pullRequest: DEFAULT_PULL_REQUEST,
      protectedBranch: "fail",
      onConflict: "stop",
      reverts: { syncId: id, commitId },
    },
  };
  return { request, commitId };
}

/** Returns the commit of a sync that can be taken back. */
function revertibleCommit({ id, target, status, pullRequestUrl, attempts, commitId }: SyncRecord): ObjectId {
  if (!isProjectSource(target.source)) throw notRevertible(id, "wrote files that came with a call, not a project's");
  if (status !== "completed") throw notRevertible(id, `is ${status}`);
  if (pullRequestUrl !== null) {
    throw notRevertible(id, `proposed its changes in ${pullRequestUrl}. Close or revert the pull request on GitHub`);
  }
  const landed = attempts.some((attempt) => attempt.outcome === "landed" && attempt.commitId === commitId);
  if (commitId === null || !landed) throw notRevertible(id, "wrote no commit");
  return commitId;
}

/** Returns the error for a sync that cannot be taken back. */
export function notRevertible(id: number, reason: string): GitHubSdkError {
  return new GitHubSdkError(
    "sync_not_revertible",
    `Sync ${id} cannot be taken back: it ${reason}. Only completed syncs that wrote a commit to their branch can be.`,
  );
}
