import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpResponse } from "../http/http-message.js";

// Clients may read the response only after sending their body; one that never stops sending is disconnected.
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARDING_MS = 10_000;

/** Sends a response, and discards the unread rest of the request's body. */
export function sendResponse(incoming: IncomingMessage, response: ServerResponse, sent: HttpResponse): void {
  const { status, headers, body } = sent;
  response.statusCode = status;
  for (const name in headers) setHeader(response, name, headers[name] ?? "");
  if (status === 408) closeAfter(incoming, response);
  if (status !== 204) response.setHeader("content-length", Buffer.byteLength(body));
  response.end(body);
  discardRest(incoming);
}

/** Discards the unread rest of a request's body: closing a connection with unread bytes would reset it before the client reads the response. */
export function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  let bytes = 0;
  const timeout = setTimeout(() => incoming.destroy(), MAX_DISCARDING_MS).unref();
  incoming.on("data", (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_DISCARDED_BYTES) incoming.destroy();
  });
  incoming.once("error", () => undefined);
  incoming.once("close", () => clearTimeout(timeout));
}

/** Closes the connection after the response, since its next bytes would still belong to the unfinished request. */
export function closeAfter(incoming: IncomingMessage, response: ServerResponse): void {
  // HTTP/2 does not allow the header: it can end a single request.
  if (incoming.httpVersionMajor === 1) response.setHeader("connection", "close");
}

/** Appends cookies, so that the host's own are kept. */
function setHeader(response: ServerResponse, name: string, value: string): void {
  if (name === "set-cookie") response.appendHeader(name, value);
  else response.setHeader(name, value);
}
