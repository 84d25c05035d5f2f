import type { GitHubApp } from "../app/github-app.js";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";

/** Returns the SDK's GitHub App; `null` when the host did not configure one. */
export function configuredApp(sdk: GitHubSdk): GitHubApp | null {
  try {
    return sdk.app;
  } catch (error) {
    if (isGitHubSdkError(error, "capability_not_configured")) return null;
    throw error;
  }
}
