import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { refuseUpgrade, sendResponse } from "@infrajet/github/node";
import { jsonError } from "./json-error.js";

const OPTIONS = {
  // Node's own response to a request without Host has no body.
  requireHostHeader: false,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};

const NO_HOST = jsonError(400, "malformed_request", "The Host header is missing.");
const NO_EXPECTATION = jsonError(
  417,
  "expectation_failed",
  "The Expect header is not supported. Send the request without it.",
);
const NO_CONNECT = jsonError(405, "method_not_allowed", "The method CONNECT is not allowed.");

/** Errors of Node's parser; all others are malformed requests. */
const PARSER_ERRORS = {
  ERR_HTTP_REQUEST_TIMEOUT: jsonError(408, "request_timeout", "The request did not arrive in time."),
  HPE_HEADER_OVERFLOW: jsonError(431, "headers_too_large", "The headers of the request exceed the limit of 16 KiB."),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: jsonError(
    413,
    "payload_too_large",
    "The chunk extensions of the request are too large.",
  ),
};
const MALFORMED = jsonError(400, "malformed_request", "The request is not valid HTTP.");

/**
 * Creates a server that responds in JSON also to requests that no framework gets from Node: those that its parser rejects, and
 * those without `Host`, with an unknown `Expect`, or with the method CONNECT.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/http.html#event-clienterror
 */
export function createHttpServer(framework: RequestListener): Server {
  const server = createServer(OPTIONS, (request, response) => {
    if (request.headers.host === undefined && request.httpVersion !== "1.0") sendResponse(request, response, NO_HOST);
    else framework(request, response);
  });
  const exchanges = new WeakMap<Duplex, Exchange>();
  server.prependListener("request", (request, response) => exchanges.set(request.socket, { request, response }));
  server.on("clientError", (error, socket) => refuse(error, socket, exchanges.get(socket)));
  server.on("checkExpectation", (request, response) => sendResponse(request, response, NO_EXPECTATION));
  server.on("connect", (_request, socket) => refuseUpgrade(socket, NO_CONNECT));
  return server;
}

/** A request of a connection and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** @param latest The connection's latest request that the parser accepted. */
function refuse({ code }: NodeJS.ErrnoException, socket: Duplex, latest: Exchange | undefined): void {
  const sent = Object.entries(PARSER_ERRORS).find(([name]) => name === code)?.[1] ?? MALFORMED;
  const end = (): void => {
    if (socket.writable) refuseUpgrade(socket, sent);
    else socket.destroy();
  };
  if (code === "ECONNRESET") socket.destroy();
  else if (latest === undefined || latest.response.writableFinished) end();
  // The error is in the next request of the connection, so that it has to wait for the response to the previous one.
  else if (latest.request.complete) latest.response.once("close", end);
  else if (latest.response.headersSent) socket.destroy();
  else end();
}
