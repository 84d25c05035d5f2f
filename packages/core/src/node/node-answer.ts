import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpResponse } from "../http/http-message.js";

// A client that sends a body reads the answer after it, or while it sends. One that never stops is cut off.
const MOST_DISCARDED = 64 * 1024 * 1024;
const LONGEST_DISCARDING = 10_000;

/** Sends an answer. */
export function sendAnswer(incoming: IncomingMessage, response: ServerResponse, answer: HttpResponse): void {
  const { status, headers, body } = answer;
  response.statusCode = status;
  for (const name in headers) setHeader(response, name, headers[name] ?? "");
  if (status !== 204) response.setHeader("content-length", Buffer.byteLength(body));
  response.end(body);
  discardRest(incoming);
}

/** Reads what is left of a request's body, so that its client gets to the answer: a connection with unread bytes is torn down. */
export function discardRest(incoming: IncomingMessage): void {
  if (incoming.complete || incoming.destroyed) return;
  let bytes = 0;
  const cutOff = setTimeout(() => incoming.destroy(), LONGEST_DISCARDING).unref();
  incoming.on("data", (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > MOST_DISCARDED) incoming.destroy();
  });
  incoming.once("error", () => undefined);
  incoming.once("close", () => clearTimeout(cutOff));
}

/** A cookie of the host's own stays. */
function setHeader(response: ServerResponse, name: string, value: string): void {
  if (name === "set-cookie") response.appendHeader(name, value);
  else response.setHeader(name, value);
}
