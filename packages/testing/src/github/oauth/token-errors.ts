import type { TokenFields } from "./token-response.js";

const PAGES =
  "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#";

/** GitHub's error codes and descriptions. They are sent with status 200. */
const ERRORS = {
  incorrect_client_credentials: "The client_id and/or client_secret passed are incorrect.",
  redirect_uri_mismatch: "The redirect_uri MUST match the registered callback URL for this application.",
  bad_verification_code: "The code passed is incorrect or expired.",
  unverified_user_email: "The user must have a verified primary email.",
  bad_refresh_token: "The refresh token passed is incorrect or expired.",
  unsupported_grant_type: "The grant type is not supported.",
  authorization_pending: "The authorization request is still pending.",
  slow_down: "Too many requests have been made in the same timeframe.",
  expired_token: "The device_code has expired.",
  incorrect_device_code: "The device_code provided is not valid.",
  access_denied: "The authorization request was denied.",
  device_flow_disabled: "Device Flow must be explicitly enabled for this App",
} as const;

const WITHOUT_A_PAGE: ReadonlySet<string> = new Set(["bad_refresh_token", "device_flow_disabled"]);

/** Returns the fields of an error. */
export function failure(error: keyof typeof ERRORS): TokenFields {
  const error_uri = WITHOUT_A_PAGE.has(error) ? "https://docs.github.com" : PAGES + error.replaceAll("_", "-");
  return { error, error_description: ERRORS[error], error_uri };
}
