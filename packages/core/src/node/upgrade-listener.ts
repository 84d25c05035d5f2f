import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { returnUpgrade } from "./returned-upgrade.js";
import { asksForWebSocket, pathOf } from "./websocket-request.js";

/** Called with a request for an upgrade, as Node's servers do. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Takes the WebSockets of one path of a server. All other upgrades go where they went before: to the server's other listeners,
 * or, when there are none, back to the server.
 *
 * @returns what ends it
 */
export function listenForUpgrades(server: Server, path: string, take: UpgradeListener): () => void {
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (pathOf(request) === path && asksForWebSocket(request)) take(request, socket, head);
    else if (server.listenerCount("upgrade") === 1) returnUpgrade(server, request, socket, head);
  };
  server.on("upgrade", onUpgrade);
  return () => void server.off("upgrade", onUpgrade);
}
