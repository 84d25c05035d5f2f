import { isGitHubSdkError } from "../errors.js";

// The codes of Node and undici for a connection that was not established.
const NO_CONNECTION = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Returns true when no connection was established, so that nothing was sent: a firewall may block GitHub. */
export function isUnreached(error: unknown): boolean {
  if (!isGitHubSdkError(error, "github_unavailable")) return false;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && NO_CONNECTION.has(cause.code)) return true;
  }
  return false;
}
