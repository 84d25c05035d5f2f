import type { WebCall } from "../http/web-route.js";
import { matchesChallenge } from "./authorization-codes.js";
import type { OAuthClient } from "./oauth-client.js";
import { REFRESH_TOKEN_LIFETIME, USER_TOKEN_LIFETIME, type UserToken } from "./user-tokens.js";

type Fields = Readonly<Record<string, string | number>>;

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
} as const;

/**
 * Handles `POST /login/oauth/access_token`: exchanges a code or a refresh token for a token. Reads parameters from a form, JSON
 * or the query; responds with a form unless `Accept` requests JSON.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#2-users-are-redirected-back-to-your-site-by-github
 */
export function accessToken(call: WebCall): Response {
  const parameters = parametersOf(call);
  const client = call.platform.oauth.find(parameters.get("client_id") ?? "");
  if (client === undefined) return encode(call, 404, { error: "Not Found" });
  return encode(call, 200, exchange(call, client, parameters));
}

function exchange(call: WebCall, client: OAuthClient, parameters: URLSearchParams): Fields {
  if (parameters.get("client_secret") !== client.clientSecret) return failure("incorrect_client_credentials");
  const grantType = parameters.get("grant_type") ?? "authorization_code";
  if (grantType === "authorization_code") return exchangeCode(call, client, parameters);
  if (grantType === "refresh_token") return refresh(call, client, parameters);
  return failure("unsupported_grant_type");
}

function exchangeCode({ platform }: WebCall, client: OAuthClient, parameters: URLSearchParams): Fields {
  const { oauth, identity } = platform;
  const code = parameters.get("code") ?? "";
  const authorization = oauth.codes.find(code, client);
  if (authorization === undefined) return failure("bad_verification_code");
  const redirectUri = parameters.get("redirect_uri");
  if (redirectUri !== null && redirectUri !== authorization.redirectUri) return failure("redirect_uri_mismatch");
  oauth.codes.use(code);
  if (!matchesChallenge(authorization, parameters.get("code_verifier") ?? undefined)) {
    return failure("bad_verification_code");
  }
  if (identity.unverifiedEmails.has(authorization.user.login)) return failure("unverified_user_email");
  return success(oauth.tokens.issue(client, authorization.user, authorization.scopes));
}

function refresh({ platform }: WebCall, client: OAuthClient, parameters: URLSearchParams): Fields {
  const token = platform.oauth.tokens.exchangeRefresh(client, parameters.get("refresh_token") ?? "");
  return token === undefined ? failure("bad_refresh_token") : success(token);
}

function success({ token, refresh, scopes }: UserToken): Fields {
  const expiry =
    refresh === undefined
      ? {}
      : {
          expires_in: USER_TOKEN_LIFETIME,
          refresh_token: refresh.token,
          refresh_token_expires_in: REFRESH_TOKEN_LIFETIME,
        };
  return { access_token: token, ...expiry, scope: scopes.join(","), token_type: "bearer" };
}

function failure(error: keyof typeof ERRORS): Fields {
  const error_uri = error === "bad_refresh_token" ? "https://docs.github.com" : PAGES + error.replaceAll("_", "-");
  return { error, error_description: ERRORS[error], error_uri };
}

function parametersOf({ url, request, bytes }: WebCall): URLSearchParams {
  const all = new URLSearchParams(url.searchParams);
  const text = new TextDecoder().decode(bytes);
  const isJson = /\bjson\b/.test(request.headers.get("content-type") ?? "");
  const entries = isJson ? jsonEntries(text) : [...new URLSearchParams(text)];
  for (const [name, value] of entries) all.set(name, value);
  return all;
}

function jsonEntries(text: string): [string, string][] {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return [];
    return Object.entries(body).map(([name, value]) => [name, String(value)]);
  } catch {
    return [];
  }
}

function encode({ request }: WebCall, status: number, fields: Fields): Response {
  const headers = { "Cache-Control": "no-cache" };
  if (/\bjson\b/.test(request.headers.get("accept") ?? "")) return Response.json(fields, { status, headers });
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  return new Response(form, { status, headers });
}
