import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { HttpResponse } from "../http/http-message.js";
import { readableOf } from "./streamed-response.js";

// Clients may read the response only after sending their body; one that never stops sending is disconnected.
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARDING_MS = 10_000;

/** Sends a response, and discards the unread rest of the request's body. */
export function sendResponse(incoming: IncomingMessage, response: ServerResponse, sent: HttpResponse): void {
  const { status, headers, body, stream } = sent;
  response.statusCode = status;
  for (const name in headers) setHeader(response, name, headers[name] ?? "");
  if (stream !== undefined) {
    // Clients wait for the headers before the first event.
    response.flushHeaders();
    pipeline(readableOf(incoming, stream), response, () => undefined);
    return;
  }
  if (status !== 204) response.setHeader("content-length", Buffer.byteLength(body));
  const rest = discardRest(incoming, response);
  if (rest === null) {
    response.end(body);
    return;
  }
  // The end of the response can close the connection, so that it has to wait. The client has the whole response before.
  if (body !== "") response.write(body);
  else response.flushHeaders();
  rest.then(() => response.end());
}

/**
 * Discards the unread rest of a request's body: closing a connection with unread bytes resets it, and the client may lose the
 * response.
 *
 * @returns `null` when nothing is left, otherwise a promise that resolves when the rest was discarded
 */
export function discardRest(incoming: IncomingMessage, response: ServerResponse): Promise<void> | null {
  if (incoming.complete || incoming.destroyed) return null;
  if (response.statusCode === 408) {
    closeAfter(incoming, response);
    return null;
  }
  return new Promise((resolve) => {
    let bytes = 0;
    const timeout = setTimeout(() => incoming.destroy(), MAX_DISCARDING_MS).unref();
    const done = (): void => {
      clearTimeout(timeout);
      resolve();
    };
    incoming.on("data", (chunk: Uint8Array) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_DISCARDED_BYTES) incoming.destroy();
    });
    incoming.once("error", () => undefined);
    incoming.once("end", done);
    incoming.once("close", done);
  });
}

/** Closes the connection after the response, since its next bytes would still belong to the unfinished request. */
function closeAfter(incoming: IncomingMessage, response: ServerResponse): void {
  // HTTP/2 does not allow the header: it can end a single request.
  if (incoming.httpVersionMajor === 1) response.setHeader("connection", "close");
}

/** Appends cookies, so that the host's own are kept. */
function setHeader(response: ServerResponse, name: string, value: string): void {
  if (name === "set-cookie") response.appendHeader(name, value);
  else response.setHeader(name, value);
}
