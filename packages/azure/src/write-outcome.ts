import type { Written } from "@infrajet/github/adapters";
import { ContentFailure } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { azureError, changedError, failureOf } from "./azure-failure.js";

const UNSUPPORTED = new Set(["InvalidResourceName", "InvalidUri", "InvalidFileOrDirectoryPathName", "FileTooLarge"]);

/**
 * Returns the outcome of a write whose request failed.
 *
 * @throws GitHubSdkError `source_changed` when the project was deleted, `source_unavailable` for other failures; the error of the
 * content
 */
export function failedWrite(error: unknown, path: string): Written {
  if (error instanceof ContentFailure) throw error.cause;
  if (isGitHubSdkError(error)) throw error;
  const { kind, code } = failureOf(error);
  if (kind === "gone" && code === "ParentNotFound" && !path.includes("/")) throw changedError("", error);
  if (kind === "gone" || kind === "changed" || code === "ResourceAlreadyExists") return moved(path);
  if (kind === "in_use") return { outcome: "busy", reason: `${path} is in use by another program (${code ?? kind}).` };
  if (code !== null && UNSUPPORTED.has(code))
    return unsupported(`Azure Files does not support the path ${path} (${code}).`);
  throw azureError(error, path);
}

/** Returns the outcome for a path that does not have the expected version. */
export function moved(path: string): Written {
  return { outcome: "moved", reason: `${path} was created, changed, removed or replaced in the project.` };
}

/** Returns the outcome for a file that the source cannot store. */
export function unsupported(reason: string): Written {
  return { outcome: "unsupported", reason };
}
