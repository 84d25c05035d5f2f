import { syncTargetText } from "../domain/repository.js";
import type { SyncRecord } from "../domain/sync-record.js";
import { findInHistory } from "../repository/comparison.js";
import { notContained } from "./plan/prepare-revert.js";
import type { AccessOptions, SyncAccess } from "./plan/sync-access.js";
import { notRevertible, revertRequest } from "./revert-request.js";
import type { ParsedSyncRequest } from "./sync-request.js";

/**
 * Returns the request that takes a sync back, once GitHub has shown that it is possible. There is no record yet.
 *
 * @throws GitHubSdkError `sync_not_revertible`, also when the repository is another one now, or the branch does not contain the commit
 */
export async function revertibleSync(
  access: SyncAccess,
  record: SyncRecord,
  options: AccessOptions,
): Promise<ParsedSyncRequest> {
  const { id, target, repository } = record;
  const { request, commitId } = revertRequest(record);
  const { client, target: present } = await access.snapshot(request, target.source, options);
  if (syncTargetText(present) !== syncTargetText(target)) {
    throw notRevertible(id, `was to another repository than ${repository} is now`);
  }
  const query = { client, repository, base: commitId, head: target.branch, signal: options.signal };
  if ((await findInHistory(query)) === null) throw notContained(target.branch, commitId);
  return request;
}
