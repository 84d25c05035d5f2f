import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { bearerToken } from "../http/calling-user.js";
import { joinedHeaders } from "./node-request.js";

const SUBPROTOCOL = "infrajet-github";
const TOKEN_PROTOCOL = "bearer.";

/** Returns true when an upgrade request asks for a WebSocket. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

/** Returns the path of a request without its query. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

/** Returns the projects that `?project_id=` subscribes to when the socket opens. */
export function projectsOf(request: IncomingMessage): readonly string[] {
  return queryOf(request).getAll("project_id");
}

/** Returns the cursor of `?after=`; `null` without one. */
export function afterOf(request: IncomingMessage): string | null {
  return queryOf(request).get("after") || null;
}

/** Returns the ticket of `?ticket=`; `null` without one. */
export function ticketOf(request: IncomingMessage): string | null {
  return queryOf(request).get("ticket");
}

/**
 * Converts a WebSocket request to the form that authenticators accept.
 *
 * @param raw The framework's own request object.
 * @param allowsQueryToken True to accept the token of `?token=`.
 */
export function authenticationRequest(
  request: IncomingMessage,
  raw: unknown,
  allowsQueryToken: boolean,
): AuthenticationRequest {
  const { method = "GET" } = request;
  const bearerToken = tokenOf(request, allowsQueryToken);
  return { method, path: pathOf(request), headers: joinedHeaders(request), bearerToken, raw };
}

/** Removes all offered subprotocols but `infrajet-github`, so that the response never repeats the token. */
export function keepOwnProtocol({ headers }: IncomingMessage): void {
  if (protocolsOf(headers).includes(SUBPROTOCOL)) headers["sec-websocket-protocol"] = SUBPROTOCOL;
  else delete headers["sec-websocket-protocol"];
}

/** Browsers cannot set headers on a WebSocket, so that the token comes as a subprotocol or in the query. */
function tokenOf(request: IncomingMessage, allowsQueryToken: boolean): string | null {
  const protocol = protocolsOf(request.headers).find((name) => name.startsWith(TOKEN_PROTOCOL));
  const token = protocol?.slice(TOKEN_PROTOCOL.length) ?? (allowsQueryToken ? queryOf(request).get("token") : null);
  return token || bearerToken(request.headers.authorization);
}

function protocolsOf(headers: IncomingHttpHeaders): readonly string[] {
  return (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
}

function queryOf({ url = "/" }: IncomingMessage): URLSearchParams {
  const begin = url.indexOf("?");
  return new URLSearchParams(begin < 0 ? "" : url.slice(begin + 1));
}
