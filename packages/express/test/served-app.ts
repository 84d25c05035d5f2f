import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A listening app. */
export interface ServedApp {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an app on a free port. */
export function serveApp(app: RequestListener): Promise<ServedApp> {
  return listen(createServer(app));
}

/** Starts a server on a free port. */
export async function listen(server: Server): Promise<ServedApp> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
