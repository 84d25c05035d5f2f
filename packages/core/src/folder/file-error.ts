import { GitHubSdkError, isGitHubSdkError } from "../errors.js";

// What a path answers with when something else, or nothing, has taken its place since it was listed.
const GONE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ESTALE"]);

/** Whether a file operation failed since the path, or a directory above it, is not (or no longer) there. */
export function isGone(error: unknown): boolean {
  return GONE.has(errorCode(error) ?? "");
}

/** The error's system code, such as `EACCES`; `null` when it has none. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** `source_changed` for a path that went away after it was listed, `source_unavailable` for everything else. */
export function fileError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  return isGone(error) ? changedError(path, error) : unavailableError(path, error);
}

/** The path changed while the project was being read. */
export function changedError(path: string, cause?: unknown): GitHubSdkError {
  const message = `${shown(path)} changed while the project was being read; try again.`;
  return new GitHubSdkError("source_changed", message, { cause, details: { path } });
}

/** The path is there and cannot be read. */
function unavailableError(path: string, cause: unknown): GitHubSdkError {
  const code = errorCode(cause);
  const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : (code ?? "unknown error");
  const message = `${shown(path)} cannot be read: ${reason}.`;
  return new GitHubSdkError("source_unavailable", message, { cause, details: { path } });
}

function shown(path: string): string {
  return path === "" ? "The project's directory" : path;
}
