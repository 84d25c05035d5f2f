import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { PendingResponses } from "./pending-responses.js";
import { returnUpgrade } from "./returned-upgrade.js";
import { asksForWebSocket, pathOf } from "./websocket-request.js";

/** A listener for the `upgrade` event of a Node server. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Handles the WebSocket requests of one path of a server. Other upgrade requests go to the server's other listeners or, without
 * any, back to the server as plain requests. Both happen after the responses to earlier requests of the same connection.
 *
 * @returns A function that stops listening.
 */
export function listenForUpgrades(server: Server, path: string, take: UpgradeListener): () => void {
  const pending = new PendingResponses(server);
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (pathOf(request) === path && asksForWebSocket(request)) {
      pending.whenNone(socket, () => take(request, socket, head));
    } else if (server.listenerCount("upgrade") === 1) {
      pending.whenNone(socket, () => returnUpgrade(server, request, socket, head));
    }
  };
  server.on("upgrade", onUpgrade);
  return () => {
    server.off("upgrade", onUpgrade);
    pending.stop();
  };
}
