import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { HttpRequest, RequestBody } from "../http/http-message.js";

/** The properties of a request that a framework knows in addition to `node:http`. */
export interface RequestPlace {
  /** Path and query as the client sent them. */
  readonly target: string;
  /** The part of the path before the endpoints' own paths, without a trailing slash. A segment with `:` matches any segment. */
  readonly basePath: string;
  /** True when the framework matches paths case-insensitively. Defaults to false. */
  readonly ignoreCase?: boolean;
  readonly isSecure: boolean;
  /** The framework's own request object, for authenticators that read it. */
  readonly raw: unknown;
  /** The body, read or unread: see {@link bodyOf}. */
  readonly body: RequestBody;
}

/** A request of a Node server, in the form that the endpoints accept. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly basePath: string;
  readonly ignoreCase: boolean;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  readonly isSecure: boolean;
  readonly raw: unknown;
  readonly #response: ServerResponse;
  #signal: AbortSignal | null = null;

  constructor(incoming: IncomingMessage, response: ServerResponse, place: RequestPlace) {
    this.method = incoming.method ?? "GET";
    this.target = place.target;
    this.basePath = place.basePath;
    this.ignoreCase = place.ignoreCase ?? false;
    this.headers = joinedHeaders(incoming);
    this.body = place.body;
    this.isSecure = place.isSecure;
    this.raw = place.raw;
    this.#response = response;
  }

  /** Created on first use, since most handlers never need it. */
  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response);
    return this.#signal;
  }
}

/** The properties in which body parsers keep the body that they read. */
export interface ReadBody {
  /** The parsed value, or an unread stream. */
  readonly body?: unknown;
  /** The raw bytes, as `express.json({ verify })` and fastify-raw-body keep them. */
  readonly rawBody?: unknown;
}

/** Returns the body of a request: its raw bytes where they are unread or kept, otherwise the parsed value. */
export function bodyOf(incoming: IncomingMessage, { body, rawBody }: ReadBody): RequestBody {
  const kept = bytesOf(rawBody) ?? bytesOf(body);
  if (kept !== null) return { kind: "bytes", bytes: kept };
  if (body instanceof Readable) return streamed(body);
  return incoming.readableDidRead ? { kind: "parsed", value: body } : streamed(incoming);
}

/** A reader that stops early still has to respond, so that the stream must not be destroyed. */
function streamed(stream: Readable): RequestBody {
  return { kind: "bytes", bytes: stream.iterator({ destroyOnReturn: false }) };
}

function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  return value instanceof Uint8Array ? value : null;
}

/** Returns the headers of a request. Repeated headers are joined, since Node would keep only the first of some. */
export function joinedHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  // Test doubles of frameworks have only `headers`.
  const all: NodeJS.Dict<string[]> | IncomingHttpHeaders = incoming.headersDistinct ?? incoming.headers;
  const headers: Record<string, string | undefined> = Object.create(null);
  for (const name in all) {
    const values = all[name];
    headers[name] = Array.isArray(values) ? values.join(name === "cookie" ? "; " : ", ") : values;
  }
  return headers;
}

function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new DOMException("The client disconnected.", "AbortError"));
  if (response.destroyed) abort();
  else response.once("close", () => response.writableFinished || abort());
  return gone.signal;
}
