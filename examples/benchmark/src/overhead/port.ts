import type { Server } from "node:http";

/** Returns the port on which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server is not listening on a port.");
  return address.port;
}
