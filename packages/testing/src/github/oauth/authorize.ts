import type { Account } from "../accounts/account.js";
import { page, redirect, type WebCall } from "../http/web-route.js";
import type { OAuthClient } from "./oauth-client.js";
import { redirectUriOf } from "./redirect-uri.js";
import { normalizeScopes, parseScopes } from "./scopes.js";

const PAGES =
  "/apps/building-integrations/setting-up-and-registering-oauth-apps/troubleshooting-authorization-request-errors/";

/** The errors that the callback URL receives. */
const ERRORS = {
  access_denied: "The user has denied your application access.",
  application_suspended: "Your application has been suspended. Contact support@github.com.",
  invalid_request: "The code_challenge_method must be S256.",
} as const;

/**
 * Handles `GET /login/oauth/authorize`: authorizes an application as the session's user chooses, and redirects to its callback
 * URL.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#1-request-a-users-github-identity
 */
export function authorize(call: WebCall): Response {
  const { platform, url, addresses } = call;
  const query = url.searchParams;
  const client = platform.oauth.find(query.get("client_id") ?? "");
  if (client === undefined) return page(404, "Not Found");
  const redirectUri = redirectUriOf(client, query.get("redirect_uri"));
  if (redirectUri === undefined) {
    return page(400, "Be careful! The redirect_uri is not associated with this application.");
  }
  const state = query.get("state");
  const refuse = (error: keyof typeof ERRORS): Response => {
    const error_uri = `${PAGES}#${error.replaceAll("_", "-")}`;
    return sendBack(redirectUri, { error, error_description: ERRORS[error], error_uri, state });
  };
  if (client.isSuspended) return refuse("application_suspended");
  const codeChallenge = query.get("code_challenge");
  if (codeChallenge !== null && query.get("code_challenge_method") !== "S256") return refuse("invalid_request");
  const session = call.session;
  if (session === undefined) {
    const login = new URL("/login", addresses.html);
    login.search = String(new URLSearchParams({ client_id: client.clientId, return_to: url.pathname + url.search }));
    return redirect(login.href);
  }
  if (session.deny) return refuse("access_denied");
  const scopes = grantedScopes(call, client, session.user, query.get("scope"));
  const code = platform.oauth.codes.issue({
    client,
    user: session.user,
    scopes,
    redirectUri,
    ...(codeChallenge === null ? {} : { codeChallenge }),
  });
  return sendBack(redirectUri, { code, state });
}

/** User tokens of GitHub Apps have no scopes. Others get the requested scopes or the scopes granted before, after `grantScopes`. */
function grantedScopes(
  { platform }: WebCall,
  client: OAuthClient,
  user: Account,
  wanted: string | null,
): readonly string[] {
  if (client.reach !== undefined) return [];
  const fallback = platform.oauth.scopesOf(client, user);
  const asked = wanted === null || wanted.trim() === "" ? fallback : normalizeScopes(parseScopes(wanted));
  return platform.identity.grantedScopes?.(asked) ?? asked;
}

/** Redirects to a URL with additional query parameters. */
export function sendBack(redirectUri: string, parameters: Readonly<Record<string, string | null>>): Response {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) target.searchParams.set(name, value);
  return redirect(target.href);
}
