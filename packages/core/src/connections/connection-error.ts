import type { ClientName } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";

/** The user has no connection, or none through this app. */
export function noConnection(client?: ClientName): GitHubSdkError {
  return new GitHubSdkError(
    "github_not_connected",
    client === "app"
      ? "The GitHub account has not authorized the GitHub App. Log in with the App's client first."
      : "No GitHub account is connected. Connect one first.",
    client === undefined ? {} : { details: { client } },
  );
}

/** GitHub no longer takes what is stored. */
export function reauthRequired(): GitHubSdkError {
  return new GitHubSdkError(
    "reauth_required",
    "GitHub no longer accepts the credential. Connect the GitHub account again.",
  );
}
