import type { Account } from "../accounts/account.js";
import { formFields, hasFormToken } from "../http/web-form.js";
import { page, redirect, redirectToLogin, type WebCall } from "../http/web-route.js";
import { consentPage } from "./consent-page.js";
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

/** A valid authorization request. */
interface AuthorizationRequest {
  client: OAuthClient;
  redirectUri: string;
  state: string | null;
  scope: string | null;
  codeChallenge: string | null;
}

/**
 * Handles `GET /login/oauth/authorize`: shows the consent page to the user of a browser, or authorizes the application as the
 * session says, and redirects to its callback URL.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#1-request-a-users-github-identity
 */
export function authorize(call: WebCall): Response {
  const { session, url } = call;
  const request = parseRequest(call, url.searchParams);
  if (request instanceof Response) return request;
  const { client } = request;
  if (session === undefined) return redirectToLogin(call, { client_id: client.clientId });
  if (!session.isInteractive) return decide(call, request, session.user, session.deny);
  const scopes = requestedScopes(call, client, session.user, request.scope);
  return consentPage({ session, client, scopes, redirectUri: request.redirectUri, query: url.search.slice(1) });
}

/** Handles the form of the consent page. */
export function submitConsent(call: WebCall): Response {
  const { session } = call;
  const fields = formFields(call);
  if (session === undefined) return redirectToLogin(call);
  if (!hasFormToken(session, fields)) return page(422, "The form has expired. Open the page again.", session);
  const request = parseRequest(call, new URLSearchParams(fields.get("request") ?? ""));
  if (request instanceof Response) return request;
  return decide(call, request, session.user, fields.get("decision") !== "authorize");
}

function parseRequest({ platform, session }: WebCall, query: URLSearchParams): AuthorizationRequest | Response {
  const client = platform.oauth.find(query.get("client_id") ?? "");
  if (client === undefined) return page(404, "Not Found", session);
  const redirectUri = redirectUriOf(client, query.get("redirect_uri"));
  if (redirectUri === undefined) {
    return page(400, "Be careful! The redirect_uri is not associated with this application.", session);
  }
  const state = query.get("state");
  if (client.isSuspended) return refuse(redirectUri, state, "application_suspended");
  const codeChallenge = query.get("code_challenge");
  if (codeChallenge !== null && query.get("code_challenge_method") !== "S256") {
    return refuse(redirectUri, state, "invalid_request");
  }
  return { client, redirectUri, state, scope: query.get("scope"), codeChallenge };
}

function decide(
  call: WebCall,
  { client, redirectUri, state, scope, codeChallenge }: AuthorizationRequest,
  user: Account,
  deny: boolean,
): Response {
  if (deny) return refuse(redirectUri, state, "access_denied");
  const { identity, oauth } = call.platform;
  const requested = requestedScopes(call, client, user, scope);
  const scopes = client.reach === undefined ? (identity.grantedScopes?.(requested) ?? requested) : [];
  const challenge = codeChallenge === null ? {} : { codeChallenge };
  const code = oauth.codes.issue({ client, user, scopes, redirectUri, ...challenge });
  return sendBack(redirectUri, { code, state });
}

function refuse(redirectUri: string, state: string | null, error: keyof typeof ERRORS): Response {
  const error_uri = `${PAGES}#${error.replaceAll("_", "-")}`;
  return sendBack(redirectUri, { error, error_description: ERRORS[error], error_uri, state });
}

/** User tokens of GitHub Apps have no scopes. Without `scope`, a user grants the scopes that were granted before. */
function requestedScopes(
  { platform }: WebCall,
  client: OAuthClient,
  user: Account,
  scope: string | null,
): readonly string[] {
  if (client.reach !== undefined) return [];
  if (scope === null || scope.trim() === "") return platform.oauth.scopesOf(client, user);
  return normalizeScopes(parseScopes(scope));
}

/** Redirects to a URL with additional query parameters. */
export function sendBack(redirectUri: string, parameters: Readonly<Record<string, string | null>>): Response {
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) target.searchParams.set(name, value);
  return redirect(target.href);
}
