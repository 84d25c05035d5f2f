import type { WebCall } from "../http/web-route.js";
import { DEVICE_CODE_LIFETIME } from "./device-codes.js";
import { normalizeScopes, parseScopes } from "./scopes.js";
import { failure } from "./token-errors.js";
import { encode, parametersOf } from "./token-response.js";

/**
 * Handles `POST /login/device/code`: issues a code that a user enters on `/login/device`.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
 */
export function deviceCode(call: WebCall): Response {
  const { oauth, identity } = call.platform;
  const parameters = parametersOf(call);
  const client = oauth.find(parameters.get("client_id") ?? "");
  if (client === undefined) return encode(call, 404, { error: "Not Found" });
  if (!client.deviceFlow) return encode(call, 200, failure("device_flow_disabled"));
  const scopes = client.reach === undefined ? normalizeScopes(parseScopes(parameters.get("scope") ?? "")) : [];
  const { deviceInterval: interval } = identity;
  const { deviceCode: device_code, userCode: user_code } = oauth.devices.issue(client, scopes, interval);
  const verification_uri = `${call.addresses.html}/login/device`;
  return encode(call, 200, { device_code, user_code, verification_uri, expires_in: DEVICE_CODE_LIFETIME, interval });
}
