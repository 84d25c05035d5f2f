import type { Server } from "node:http";

/** A framework's server with the endpoints in it. */
export interface HostServer {
  /** Begins to listen; resolves with the port. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no more requests; resolves when those under way are answered. */
  close(): Promise<void>;
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server does not listen on a port.");
  return address.port;
}
