import { GitHubSdkError, isGitHubSdkError } from "../errors.js";

// The codes for a path that was removed or replaced since it was listed.
const GONE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ESTALE"]);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
};

/** Returns true if a file operation failed because the path, or a directory above it, does not exist (any more). */
export function isGone(error: unknown): boolean {
  return GONE.has(errorCode(error) ?? "");
}

/** Returns the system code of an error, such as `EACCES`, or `null` if it has none. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Returns `source_changed` for a path that was removed after it was listed, `source_unavailable` for any other error. */
export function fileError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  return isGone(error) ? changedError(path, error) : unavailableError(error, path, "read");
}

/** Returns the error of a write: `source_changed` for a path that was removed meanwhile, `source_unavailable` for any other. */
export function writeError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  if (!isGone(error)) return unavailableError(error, path, "written");
  const message = `${shown(path)} changed while the project was being written. Try again.`;
  return new GitHubSdkError("source_changed", message, { cause: error, details: { path } });
}

/** Returns the error for a path that changed while the project was being read. */
export function changedError(path: string, cause?: unknown): GitHubSdkError {
  const message = `${shown(path)} changed while the project was being read. Try again.`;
  return new GitHubSdkError("source_changed", message, { cause, details: { path } });
}

/** Returns the error for a path that cannot be read or written. */
function unavailableError(cause: unknown, path: string, verb: "read" | "written"): GitHubSdkError {
  const code = errorCode(cause);
  const reason = code === null ? "unknown error" : (REASONS[code] ?? code);
  const message = `${shown(path)} cannot be ${verb}: ${reason}.`;
  return new GitHubSdkError("source_unavailable", message, { cause, details: { path } });
}

function shown(path: string): string {
  return path === "" ? "The project directory" : path;
}
