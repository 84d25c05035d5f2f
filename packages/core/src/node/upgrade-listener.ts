import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { returnUpgrade } from "./returned-upgrade.js";
import { asksForWebSocket, pathOf } from "./websocket-request.js";

/** A listener for the `upgrade` event of a Node server. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Handles the WebSocket requests of one path of a server. Other upgrade requests go to the server's other listeners or, without
 * any, back to the server as plain requests.
 *
 * @returns A function that stops listening.
 */
export function listenForUpgrades(server: Server, path: string, take: UpgradeListener): () => void {
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (pathOf(request) === path && asksForWebSocket(request)) take(request, socket, head);
    else if (server.listenerCount("upgrade") === 1) returnUpgrade(server, request, socket, head);
  };
  server.on("upgrade", onUpgrade);
  return () => void server.off("upgrade", onUpgrade);
}
