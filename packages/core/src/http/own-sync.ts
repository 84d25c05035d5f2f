import type { SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import type { CallingUser } from "./calling-user.js";
import type { HttpSettings } from "./http-options.js";

/**
 * Resolves to a sync of the user. A missing sync and one of another user give the same error.
 *
 * @throws GitHubSdkError `sync_record_not_found`; `project_not_found` when the user may no longer use the project
 */
export async function requireOwnSync(
  sdk: GitHubSdk,
  settings: HttpSettings,
  user: CallingUser,
  syncId: number,
): Promise<SyncRecord> {
  const found = await sdk.sync.get(syncId).catch((error: unknown) => {
    if (isGitHubSdkError(error, "sync_record_not_found")) return null;
    throw error;
  });
  if (found?.userId !== user.id) {
    throw new GitHubSdkError("sync_record_not_found", `Sync ${syncId} was not found.`);
  }
  await settings.requireProject(user, found.projectId);
  return found;
}
