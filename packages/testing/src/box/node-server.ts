import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConnectionResetError } from "./fault-response.js";

/** The address that a box listens on. */
export interface ListenOptions {
  /** Defaults to a free port. */
  port?: number;
  /** Defaults to `127.0.0.1`. */
  host?: string;
}

/** A running HTTP server of a box. */
export interface BoxServer {
  /** Origin of the server, such as `http://127.0.0.1:4000`. */
  url: string;
  /** Closes all connections and stops listening. */
  close: () => Promise<void>;
}

/** Starts an HTTP server that passes each request to `handle`. */
export async function listen(
  handle: (request: Request) => Promise<Response>,
  { port = 0, host = "127.0.0.1" }: ListenOptions,
): Promise<BoxServer> {
  const server = createServer((incoming, outgoing) => {
    serve(handle, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  // `address()` returns a string only for a server on a pipe.
  const address = server.address() as AddressInfo;
  const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, close };
}

async function serve(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  let response: Response;
  try {
    response = await handle(toRequest(incoming, gone.signal));
  } catch (error) {
    if (error instanceof ConnectionResetError) {
      incoming.socket.resetAndDestroy();
      return;
    }
    outgoing.writeHead(500, { "Content-Type": "text/plain" });
    outgoing.end(error instanceof Error ? `The box failed: ${error.stack}` : "The box failed");
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else
    await pipeline(Readable.fromWeb(response.body as import("node:stream/web").ReadableStream<Uint8Array>), outgoing);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const entry of value ?? []) headers.append(name, entry);
  }
  const method = incoming.method ?? "GET";
  const url = `http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`;
  const hasBody = method !== "GET" && method !== "HEAD";
  const init: RequestInit & { duplex?: "half" } = { method, headers, signal };
  if (hasBody) {
    init.body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
    init.duplex = "half";
  }
  return new Request(url, init);
}
