import { defined } from "../../defined.js";
import type { ProjectKey } from "../../domain/project-file.js";
import { type ParsedSyncRequest, parseSyncRequest } from "../sync-request.js";

/** The two sides whose conflicts are read or resolved. */
export interface ConflictTarget {
  /** The project and the user it belongs to. Defaults to the project of the source, for a source of one project. */
  readonly project?: ProjectKey | undefined;
  /** `owner/name`. */
  readonly repository: string;
  /** Defaults to `main`. */
  readonly branch?: string | undefined;
  /** The folder of the repository that mirrors the project. Defaults to that of the last sync to the branch. */
  readonly directory?: string | undefined;
}

/** A validated target. */
export interface ParsedConflictTarget {
  /** The request of a sync between the two sides, with default options. */
  readonly request: ParsedSyncRequest;
  /** False when the directory is that of the last sync. */
  readonly hasDirectory: boolean;
}

/** Validates a target. @throws GitHubSdkError as `parseSyncRequest` */
export function parseConflictTarget(
  { project, repository, branch, directory }: ConflictTarget,
  ownProject: ProjectKey | undefined,
): ParsedConflictTarget {
  const request = parseSyncRequest({ repository, ...defined({ project, branch, directory }) }, { project: ownProject });
  return { request, hasDirectory: directory !== undefined };
}
