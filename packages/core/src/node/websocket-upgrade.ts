import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { errorResponse, isUnexpected } from "../http/error-response.js";
import { createGitHubHttp } from "../http/github-http.js";
import type { GitHubHttpOptions } from "../http/http-options.js";
import type { GitHubSdk } from "../sdk.js";
import { returnUpgrade } from "./returned-upgrade.js";
import { asksForWebSocket, chooseProtocol, pathOf } from "./websocket-request.js";
import { type RealtimeLimits, WebSocketSessions } from "./websocket-sessions.js";

/** How the WebSocket of a server behaves: the options of the endpoints, and its own. */
export type RealtimeOptions = Pick<GitHubHttpOptions, "authenticator" | "authorizeProject" | "basePath"> &
  RealtimeLimits;

/** A WebSocket endpoint on a server. */
export interface AttachedRealtime {
  /** Takes no more sockets and closes those that are open; closing the server or the SDK does so too. */
  close(): void;
}

/** The frame that breaks the limit is read nevertheless, within reason: its sender is told why the socket is closed. */
const READ_BEYOND = 4;

/**
 * Puts the WebSocket at `{basePath}/ws` of a server: a server of `node:http` or `node:https`, whatever framework is on it.
 * All other upgrades go where they went before.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 */
export function attachRealtime(server: Server, sdk: GitHubSdk, options: RealtimeOptions): AttachedRealtime {
  const http = createGitHubHttp(sdk, options);
  const sessions = new WebSocketSessions(sdk, http, options);
  const path = `${http.basePath}/ws`;
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: sessions.maxMessageBytes * READ_BEYOND,
    handleProtocols: chooseProtocol,
  });

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (pathOf(request) === path && asksForWebSocket(request)) void upgrade(request, socket, head);
    else if (server.listenerCount("upgrade") === 1) returnUpgrade(server, request, socket, head);
  };

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    try {
      const visitor = await sessions.admit(request);
      socket.off("error", onError);
      if (!socket.destroyed) webSockets.handleUpgrade(request, socket, head, (ws) => sessions.serve(ws, visitor));
    } catch (error) {
      if (isUnexpected(error)) sdk.realtime.logger.error("A WebSocket was refused.", { path, error });
      refuse(socket, error);
    }
  }

  const close = (): void => {
    server.off("upgrade", onUpgrade);
    sessions.end();
  };
  server.on("upgrade", onUpgrade);
  beforeClose(server, close);
  return { close };
}

/** Answers in place of the upgrade. */
function refuse(socket: Duplex, error: unknown): void {
  const { status, headers, body } = errorResponse(error);
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}

/** Node tells nobody that a server is closing, and its `close` waits for open WebSockets without end. */
function beforeClose(server: Server, run: () => void): void {
  const close = server.close.bind(server);
  server.close = (callback) => {
    run();
    return close(callback);
  };
}
