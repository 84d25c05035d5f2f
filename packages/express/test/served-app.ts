import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** An app that listens. */
export interface ServedApp {
  readonly url: string;
  close(): Promise<void>;
}

/** Lets an app listen on a free port. */
export async function serveApp(app: RequestListener): Promise<ServedApp> {
  const server = createServer(app);
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
