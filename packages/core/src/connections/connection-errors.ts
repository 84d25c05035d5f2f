import type { ClientName } from "../domain/connection.js";
import { type ErrorCode, GitHubSdkError } from "../errors.js";

const REAUTH_REQUIRED = "GitHub no longer accepts the credential. Connect the GitHub account again.";

const MEANINGS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
  bad_verification_code: [
    "oauth_failed",
    "GitHub rejected the authorization code: it was already used or has expired. Start the authorization again.",
  ],
  unverified_user_email: [
    "oauth_failed",
    "The GitHub account has no verified primary email address. Verify it on GitHub and start the authorization again.",
  ],
  incorrect_client_credentials: [
    "oauth_misconfigured",
    "GitHub rejected the client ID and client secret. The host's operator must correct them.",
  ],
  redirect_uri_mismatch: [
    "oauth_misconfigured",
    "The redirect URI is not registered for the app on GitHub. The host's operator must correct it.",
  ],
  // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
  access_denied: ["authorization_denied", "The authorization was declined on GitHub."],
  application_suspended: [
    "oauth_misconfigured",
    "GitHub has suspended the app. The host's operator must contact GitHub Support.",
  ],
  // https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow
  expired_token: ["oauth_failed", "The code was not entered in time. Start the authorization again."],
  incorrect_device_code: ["oauth_failed", "GitHub does not know the device code. Start the authorization again."],
  device_flow_disabled: [
    "oauth_misconfigured",
    "Device flow is not enabled for the app. Turn on Enable Device Flow in the app's settings on GitHub.",
  ],
  bad_refresh_token: ["reauth_required", REAUTH_REQUIRED],
};

/**
 * Maps the `error` of the authorization page or of the token endpoint to an error. GitHub's description is not repeated;
 * the slug is added as `details.githubError` when it has the form of a slug.
 */
export function errorFromSlug(slug: string): GitHubSdkError {
  const [code, message] = (Object.hasOwn(MEANINGS, slug) ? MEANINGS[slug] : undefined) ?? [
    "oauth_failed",
    "GitHub refused the authorization. Start the authorization again.",
  ];
  return new GitHubSdkError(code, message, /^[a-z_]{1,64}$/.test(slug) ? { details: { githubError: slug } } : {});
}

/** Creates the error for a user without a connection, or without a token of this app. */
export function noConnection(client?: ClientName): GitHubSdkError {
  return new GitHubSdkError(
    "github_not_connected",
    client === "app"
      ? "The GitHub account has not authorized the GitHub App. Authorize it through the App's client first."
      : "No GitHub account is connected. Connect one first.",
    client === undefined ? {} : { details: { client } },
  );
}

/** Creates the error for a stored credential that GitHub no longer accepts. */
export function reauthRequired(): GitHubSdkError {
  return new GitHubSdkError("reauth_required", REAUTH_REQUIRED);
}
