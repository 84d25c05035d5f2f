import { once } from "node:events";
import type { Server } from "node:http";

/** A framework's server with the endpoints. */
export interface HostServer {
  /** Starts to listen and resolves to the port. */
  listen(port: number, host: string): Promise<number>;
  /** Stops accepting requests and resolves when all pending responses are sent. */
  close(): Promise<void>;
}

/** Returns a server of Node as a host's server. */
export function hostServer(server: Server): HostServer {
  return {
    listen: async (port, host) => {
      await once(server.listen(port, host), "listening");
      return portOf(server);
    },
    close: async () => {
      const closed = once(server, "close");
      // Closes busy connections right after their response.
      server.keepAliveTimeout = 1;
      server.close();
      await closed;
    },
  };
}

/** Returns the port on which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server is not listening on a port.");
  return address.port;
}
