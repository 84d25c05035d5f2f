import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { PendingResponses } from "./pending-responses.js";
import { returnUpgrade } from "./returned-upgrade.js";
import { asksForWebSocket, pathOf } from "./websocket-request.js";

/** A listener for the `upgrade` event of a Node server. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Returns true for the path of a WebSocket endpoint. */
export type UpgradePath = (path: string) => boolean;

/** The WebSocket endpoints of each server. They share one listener, which knows whether a request is for any of them. */
const ENDPOINTS = new WeakMap<Server, ServerUpgrades>();

/**
 * Handles the WebSocket requests of one endpoint of a server. Upgrade requests for none of the endpoints go to the server's other
 * listeners or, without any, back to the server as plain requests. Both happen after the responses to earlier requests of the
 * same connection.
 *
 * @returns A function that stops listening.
 */
export function listenForUpgrades(server: Server, isEndpoint: UpgradePath, take: UpgradeListener): () => void {
  const upgrades = ENDPOINTS.get(server) ?? new ServerUpgrades(server);
  ENDPOINTS.set(server, upgrades);
  upgrades.add(isEndpoint, take);
  return () => {
    if (upgrades.remove(isEndpoint)) ENDPOINTS.delete(server);
  };
}

class ServerUpgrades {
  readonly #endpoints = new Map<UpgradePath, UpgradeListener>();
  readonly #pending: PendingResponses;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.#pending = new PendingResponses(server);
    server.on("upgrade", this.#onUpgrade);
  }

  add(isEndpoint: UpgradePath, take: UpgradeListener): void {
    this.#endpoints.set(isEndpoint, take);
  }

  /** Returns true when that was the last endpoint, so that the server is no longer listened to. */
  remove(isEndpoint: UpgradePath): boolean {
    this.#endpoints.delete(isEndpoint);
    if (this.#endpoints.size > 0) return false;
    this.#server.off("upgrade", this.#onUpgrade);
    this.#pending.stop();
    return true;
  }

  #onUpgrade: UpgradeListener = (request, socket, head) => {
    const take = this.#endpointOf(request);
    if (take !== null) {
      this.#pending.whenNone(socket, () => take(request, socket, head));
    } else if (this.#server.listenerCount("upgrade") === 1) {
      this.#pending.whenNone(socket, () => returnUpgrade(this.#server, request, socket, head));
    }
  };

  #endpointOf(request: IncomingMessage): UpgradeListener | null {
    if (!asksForWebSocket(request)) return null;
    const path = pathOf(request);
    for (const [isEndpoint, take] of this.#endpoints) if (isEndpoint(path)) return take;
    return null;
  }
}
