import { isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";

/** Returns the SDK's `redirectUri`; `null` without one, or when users cannot connect accounts. */
export function configuredRedirectUri(sdk: GitHubSdk): string | null {
  try {
    return sdk.connections.redirectUri;
  } catch (error) {
    if (isGitHubSdkError(error, "capability_not_configured")) return null;
    throw error;
  }
}
