import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { createGitHubHttp } from "../http/github-http.js";
import type { HttpResponse } from "../http/http-message.js";
import type { GitHubHttpOptions } from "../http/http-options.js";
import type { GitHubSdk } from "../sdk.js";
import { listenForUpgrades } from "./upgrade-listener.js";
import { type RealtimeLimits, WebSocketSessions } from "./websocket-sessions.js";

/** How the WebSocket of a server behaves: the options of the endpoints, and its own. */
export type RealtimeOptions = Pick<GitHubHttpOptions, "authenticator" | "authorizeProject" | "basePath"> &
  RealtimeLimits;

/** A WebSocket endpoint on a server. */
export interface AttachedRealtime {
  /** Takes no more sockets and closes those that are open; closing the server or the SDK does so too. */
  close(): void;
}

/**
 * Puts the WebSocket at `{basePath}/ws` of a server: a server of `node:http` or `node:https`, whatever framework is on it.
 * All other upgrades go where they went before.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 */
export function attachRealtime(server: Server, sdk: GitHubSdk, options: RealtimeOptions): AttachedRealtime {
  const http = createGitHubHttp(sdk, options);
  const sessions = new WebSocketSessions(sdk, http, options);
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    ...sessions.serverOptions,
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    try {
      const visitor = await sessions.admit(request);
      socket.off("error", onError);
      if (!socket.destroyed) webSockets.handleUpgrade(request, socket, head, (ws) => sessions.serve(ws, visitor));
    } catch (error) {
      refuse(socket, sessions.refusal(error));
    }
  }

  const stop = listenForUpgrades(server, `${http.basePath}/ws`, (...asked) => void upgrade(...asked));
  const close = (): void => {
    stop();
    sessions.end();
  };
  beforeClose(server, close);
  return { close };
}

/** Answers in place of the upgrade. */
function refuse(socket: Duplex, { status, headers, body }: HttpResponse): void {
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
