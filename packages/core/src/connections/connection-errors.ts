import { type ErrorCode, GitHubSdkError } from "../errors.js";

const MEANINGS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
  bad_verification_code: [
    "oauth_failed",
    "GitHub does not take the authorization code: it was used before or has expired. Begin again.",
  ],
  unverified_user_email: [
    "oauth_failed",
    "The GitHub account has no verified primary email address. Verify it on GitHub and begin again.",
  ],
  incorrect_client_credentials: [
    "oauth_misconfigured",
    "GitHub does not take this host's client id and client secret. The host's operator has to correct them.",
  ],
  redirect_uri_mismatch: [
    "oauth_misconfigured",
    "The redirect URI is not one that is registered for the app at GitHub. The host's operator has to correct it.",
  ],
  // https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
  access_denied: ["authorization_denied", "The authorization was declined on GitHub."],
  application_suspended: [
    "oauth_misconfigured",
    "GitHub has suspended the app. The host's operator has to contact GitHub's support.",
  ],
  bad_refresh_token: ["reauth_required", "GitHub no longer accepts the credential. Connect the GitHub account again."],
};

/**
 * What an `error` of the authorization page or of the token endpoint means. GitHub's description is not repeated: only the
 * slug goes into `details.githubError`, and only when it looks like one.
 */
export function errorFromSlug(slug: string): GitHubSdkError {
  const [code, message] = (Object.hasOwn(MEANINGS, slug) ? MEANINGS[slug] : undefined) ?? [
    "oauth_failed",
    "GitHub refused the authorization. Begin again.",
  ];
  return new GitHubSdkError(code, message, /^[a-z_]{1,64}$/.test(slug) ? { details: { githubError: slug } } : {});
}
