import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { GitHubSdk } from "../github-sdk.js";
import { matchBasePath } from "../http/base-path.js";
import { createGitHubHttp } from "../http/github-http.js";
import type { GitHubHttpOptions } from "../http/http-options.js";
import { beforeClose } from "./before-close.js";
import { refuseUpgrade } from "./refused-upgrade.js";
import { listenForUpgrades } from "./upgrade-listener.js";
import { type RealtimeLimits, WebSocketSessions } from "./websocket-sessions.js";

/** The options of {@link attachRealtime}: those of the endpoints, and the limits of the WebSocket. */
export type RealtimeOptions = Pick<
  GitHubHttpOptions,
  "authenticator" | "authorizeProject" | "basePath" | "allowedOrigins" | "sharedCredential"
> &
  RealtimeLimits;

/** A WebSocket endpoint that is attached to a server. */
export interface AttachedRealtime {
  /** Stops accepting sockets and closes the open ones. Closing the server or the SDK does so too. */
  close(): void;
}

/**
 * Attaches the WebSocket endpoint `{basePath}/ws` to a server of `node:http` or `node:https`, with any framework on it. Other
 * upgrade requests are not affected. `basePath` is the full path at which the endpoints are mounted, such as `/t/:tenant/github`.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 */
export function attachRealtime(server: Server, sdk: GitHubSdk, options: RealtimeOptions): AttachedRealtime {
  const http = createGitHubHttp(sdk, options);
  const sessions = new WebSocketSessions(sdk, http, options);
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    ...sessions.serverOptions,
  });
  sessions.refuseInvalid(webSockets);

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    try {
      const visitor = await sessions.admit(request);
      socket.off("error", onError);
      if (!socket.destroyed) webSockets.handleUpgrade(request, socket, head, (ws) => sessions.serve(ws, visitor));
    } catch (error) {
      refuseUpgrade(socket, sessions.refusal(error));
    }
  }

  const isEndpoint = (path: string): boolean => {
    const base = matchBasePath(http.basePath, path);
    return base !== null && path.slice(base.length) === "/ws";
  };
  const stop = listenForUpgrades(server, isEndpoint, (...request) => void upgrade(...request));
  const close = (): void => {
    stop();
    sessions.end();
  };
  beforeClose(server, close);
  return { close };
}
