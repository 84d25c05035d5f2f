import type { ProjectFiles } from "../adapters/project-files.js";
import type { SyncRecordStore } from "../adapters/sync-record-store.js";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import { isGitHubSdkError } from "../errors.js";

/** The records and files by which projects are known. */
export interface KnownProjectServices {
  readonly records: SyncRecordStore;
  readonly projectFiles: ProjectFiles;
}

/**
 * True when a project was synced before, or the source of project files has it.
 *
 * @throws GitHubSdkError `validation_failed` for an ID that cannot be a directory name, and what the source throws
 */
export async function isKnownProject(
  { records, projectFiles }: KnownProjectServices,
  project: ProjectKey,
): Promise<boolean> {
  assertPathSegment(project.userId, "The user id");
  assertPathSegment(project.projectId, "The project id");
  const { latest } = await records.summary(project);
  if (latest !== null) return true;
  try {
    await (await projectFiles.open(project)).close();
    return true;
  } catch (error) {
    if (isGitHubSdkError(error, "project_not_found")) return false;
    throw error;
  }
}
