import { GitHubSdkError } from "../errors.js";

/** The directory of a project with the versions of files that syncs replaced or removed. Ignored by default. */
export const KEPT_DIRECTORY = ".infrajet/kept";

const OPERATION = /^([A-Za-z0-9_-]{1,64})\/[A-Za-z0-9_-]{1,64}$/;

/**
 * Returns the path under which a replaced version of a file is kept: `.infrajet/kept/{sync_id}/{path}`.
 *
 * @param operation `{syncId}/{attempt}`
 * @param number 1, or a higher number when the path is taken: `.infrajet/kept/{sync_id}.{number}/{path}`. The directory is numbered,
 * because a name can have the longest length already.
 * @throws GitHubSdkError `internal_error` when `operation` does not have this form
 */
export function keptPath(operation: string, path: string, number = 1): string {
  return `${KEPT_DIRECTORY}/${syncIdOf(operation)}${number === 1 ? "" : `.${number}`}/${path}`;
}

/**
 * Returns the reason why a sync cannot write to a path in any source, as a sentence; `null` when it can: the path must be relative,
 * stay below the project, and not be one of kept versions.
 */
export function writablePathProblem(path: string): string | null {
  const segments = path.split("/");
  if (segments.some((segment) => /^\.{0,2}$/.test(segment) || segment.includes("\0"))) {
    return `${JSON.stringify(path)} is not a path of the project.`;
  }
  const [first, second] = segments;
  if (`${first}/${second}`.toLowerCase() !== KEPT_DIRECTORY) return null;
  return `${JSON.stringify(path)} is reserved for versions of files that syncs replaced.`;
}

/** Returns the sync's ID of an operation. @throws GitHubSdkError `internal_error` when it is not `{syncId}/{attempt}` */
export function syncIdOf(operation: string): string {
  const id = OPERATION.exec(operation)?.[1];
  if (id !== undefined) return id;
  const message = "Internal error: an operation is not of the form {syncId}/{attempt}.";
  throw new GitHubSdkError("internal_error", message, { details: { operation } });
}
