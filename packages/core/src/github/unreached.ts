import { isGitHubSdkError } from "../errors.js";

// What Node and undici say when no connection comes about.
const NO_CONNECTION = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether an error tells that no connection came about, so that nothing was sent: a firewall may be in the way. */
export function isUnreached(error: unknown): boolean {
  if (!isGitHubSdkError(error, "github_unavailable")) return false;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && NO_CONNECTION.has(cause.code)) return true;
  }
  return false;
}
