import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { HttpRequest, RequestBody } from "../http/http-message.js";

/** What a framework knows of a request besides what `node:http` does. */
export interface RequestPlace {
  /** Path and query as the client sent them. */
  readonly target: string;
  /** What stands before the endpoints' own paths, without a slash at its end. */
  readonly basePath: string;
  readonly isSecure: boolean;
  /** The framework's own request, for authenticators that look there. */
  readonly raw: unknown;
  /** What body parsers of the host left: see {@link bodyOf}. */
  readonly body: RequestBody;
}

/** A request of a Node server, as the endpoints take it. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly basePath: string;
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
    this.headers = joinedHeaders(incoming);
    this.body = place.body;
    this.isSecure = place.isSecure;
    this.raw = place.raw;
    this.#response = response;
  }

  /** Made when somebody looks at it: most requests are answered before it matters whether the client is still there. */
  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response);
    return this.#signal;
  }
}

/** What body parsers that ran before leave behind, by their conventions. */
export interface ReadBody {
  /** What they made of the bytes, or the stream that is left for them. */
  readonly body?: unknown;
  /** The bytes, kept: `express.json({ verify })`, fastify-raw-body. */
  readonly rawBody?: unknown;
}

/** The body of a request: the bytes, as long as somebody has kept them. */
export function bodyOf(incoming: IncomingMessage, { body, rawBody }: ReadBody): RequestBody {
  const kept = bytesOf(rawBody) ?? bytesOf(body);
  if (kept !== null) return { kind: "bytes", bytes: kept };
  if (body instanceof Readable) return streamed(body);
  return incoming.readableDidRead ? { kind: "parsed", value: body } : streamed(incoming);
}

/** Whoever stops reading half-way still wants to answer: the connection must not end with it. */
function streamed(stream: Readable): RequestBody {
  return { kind: "bytes", bytes: stream.iterator({ destroyOnReturn: false }) };
}

function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  return value instanceof Uint8Array ? value : null;
}

/** The headers of a request. Repeated ones are joined, where Node would keep the first of some: two must not be taken for one. */
export function joinedHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  // What stands in for a request in tests of frameworks has only `headers`.
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
  const abort = (): void => gone.abort(new DOMException("The client is gone.", "AbortError"));
  if (response.destroyed) abort();
  else response.once("close", () => response.writableFinished || abort());
  return gone.signal;
}
