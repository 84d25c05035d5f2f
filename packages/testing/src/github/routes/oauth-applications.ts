import * as z from "zod";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { Call, Method, RestResponse, Route } from "../http/route.js";
import type { OAuthClient } from "../oauth/oauth-client.js";
import type { UserToken } from "../oauth/user-tokens.js";
import { authorizationPayload } from "../payloads/authorization.js";
import { announceSecret } from "../secret-channel.js";
import { param } from "./repository-route.js";

const tokenBody = z.object({ access_token: z.string() });

/**
 * Routes for an application's user tokens, with client ID and secret as Basic authentication.
 *
 * @see https://docs.github.com/rest/apps/oauth-applications
 */
export const oauthApplicationRoutes: readonly Route[] = [
  tokenRoute("POST", "token", "check-a-token", (call, token) => ({
    status: 200,
    body: authorizationPayload(token, call.addresses),
  })),
  tokenRoute("PATCH", "token", "reset-a-token", (call, token) => ({
    status: 200,
    body: authorizationPayload(call.platform.oauth.tokens.reset(token), call.addresses),
  })),
  tokenRoute("DELETE", "token", "delete-an-app-token", (call, token) => {
    call.platform.oauth.tokens.revoke(token);
    return { status: 204 };
  }),
  tokenRoute("DELETE", "grant", "delete-an-app-authorization", (call, { client, user }) => {
    call.platform.oauth.tokens.revokeGrant(client, user);
    return { status: 204 };
  }),
];

function tokenRoute(
  method: Method,
  what: "token" | "grant",
  anchor: string,
  act: (call: Call, token: UserToken) => RestResponse,
): Route {
  return {
    method,
    template: `/applications/{client_id}/${what}`,
    docs: `apps/oauth-applications#${anchor}`,
    authentication: "client",
    handler: (call) => {
      const client = authenticatedClient(call);
      const { access_token } = parseBody(tokenBody, call.body);
      const token = call.platform.oauth.tokens.find(client, access_token);
      if (token === undefined) throw notFound();
      return act(call, token);
    },
  };
}

function authenticatedClient(call: Call): OAuthClient {
  const [, encoded] = /^basic\s+(.+)$/i.exec(call.headers.get("authorization") ?? "") ?? [];
  const client = call.platform.oauth.find(param(call, "client_id"));
  if (encoded === undefined || client === undefined) throw notFound();
  const credentials = Buffer.from(encoded, "base64").toString();
  if (credentials !== `${client.clientId}:${client.clientSecret}`) {
    throw new ApiError(401, "Bad credentials", { documentationUrl: "https://docs.github.com/rest" });
  }
  announceSecret(encoded);
  return client;
}
