import { GitHubSdkError } from "./errors.js";

/** Returns the error of a call that was pending when the SDK was closed. */
export function closedError(): GitHubSdkError {
  return new GitHubSdkError("cancelled", "The SDK was closed while the call was pending.");
}
