import type { WebCall } from "../http/web-route.js";
import { matchesChallenge } from "./authorization-codes.js";
import type { OAuthClient } from "./oauth-client.js";
import { failure } from "./token-errors.js";
import { encode, parametersOf, type TokenFields } from "./token-response.js";
import { REFRESH_TOKEN_LIFETIME, USER_TOKEN_LIFETIME, type UserToken } from "./user-tokens.js";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/**
 * Handles `POST /login/oauth/access_token`: exchanges a code, a device code or a refresh token for a token. Reads parameters from a form, JSON
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

function exchange(call: WebCall, client: OAuthClient, parameters: URLSearchParams): TokenFields {
  const grantType = parameters.get("grant_type") ?? "authorization_code";
  if (grantType === DEVICE_GRANT) return exchangeDeviceCode(call, client, parameters);
  if (requiresSecret(call, grantType, parameters) && parameters.get("client_secret") !== client.clientSecret) {
    return failure("incorrect_client_credentials");
  }
  if (grantType === "authorization_code") return exchangeCode(call, client, parameters);
  if (grantType === "refresh_token") return refresh(call, client, parameters);
  return failure("unsupported_grant_type");
}

function exchangeCode({ platform }: WebCall, client: OAuthClient, parameters: URLSearchParams): TokenFields {
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

/** A device, whose user can read every secret, refreshes its own tokens without one. */
function requiresSecret({ platform }: WebCall, grantType: string, parameters: URLSearchParams): boolean {
  if (grantType !== "refresh_token" || parameters.has("client_secret")) return true;
  return platform.oauth.tokens.ofRefreshToken(parameters.get("refresh_token") ?? "")?.isFromDevice === false;
}

function exchangeDeviceCode({ platform }: WebCall, client: OAuthClient, parameters: URLSearchParams): TokenFields {
  const { devices, tokens } = platform.oauth;
  if (!client.deviceFlow) return failure("device_flow_disabled");
  const request = devices.find(parameters.get("device_code") ?? "", client);
  if (request === undefined) return failure("incorrect_device_code");
  if (!devices.poll(request)) return { ...failure("slow_down"), interval: request.interval };
  if (devices.isExpired(request)) return failure("expired_token");
  if (request.decision === undefined) return failure("authorization_pending");
  devices.use(request);
  const { user, isAllowed } = request.decision;
  if (!isAllowed) return failure("access_denied");
  const scopes = platform.identity.grantedScopes?.(request.scopes) ?? request.scopes;
  return success(tokens.issue(client, user, scopes, true));
}

function refresh({ platform }: WebCall, client: OAuthClient, parameters: URLSearchParams): TokenFields {
  const token = platform.oauth.tokens.exchangeRefresh(client, parameters.get("refresh_token") ?? "");
  return token === undefined ? failure("bad_refresh_token") : success(token);
}

function success({ token, refresh, scopes }: UserToken): TokenFields {
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
