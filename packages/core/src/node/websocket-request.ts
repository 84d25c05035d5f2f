import type { IncomingMessage } from "node:http";
import type { AuthenticationRequest } from "../adapters/authenticator.js";
import { bearerToken } from "../http/calling-user.js";
import { joinedHeaders } from "./node-request.js";

/** The subprotocol that this server speaks. */
export const SUBPROTOCOL = "infrajet-github";

const TOKEN_PROTOCOL = "bearer.";

/** Of the subprotocols that a client offers, ours; never the one that carries its token. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
}

/** Whether a request for an upgrade wants a WebSocket. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

/** The path of a request, without its query. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

/** The projects that `?project_id=` subscribes to at once. */
export function projectsOf(request: IncomingMessage): readonly string[] {
  return queryOf(request).getAll("project_id");
}

/** A WebSocket's request as the host's authenticator sees it. @param raw the framework's own request */
export function authenticationRequest(request: IncomingMessage, raw: unknown): AuthenticationRequest {
  const { method = "GET" } = request;
  return { method, path: pathOf(request), headers: joinedHeaders(request), bearerToken: tokenOf(request), raw };
}

/** A browser cannot set headers on a WebSocket: the token comes as a subprotocol or in the query. */
function tokenOf(request: IncomingMessage): string | null {
  const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  const protocol = protocols.find((name) => name.startsWith(TOKEN_PROTOCOL));
  const token = protocol?.slice(TOKEN_PROTOCOL.length) ?? queryOf(request).get("token");
  return token || bearerToken(request.headers.authorization);
}

function queryOf({ url = "/" }: IncomingMessage): URLSearchParams {
  const begin = url.indexOf("?");
  return new URLSearchParams(begin < 0 ? "" : url.slice(begin + 1));
}
