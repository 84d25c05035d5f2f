import type { ReadableStream } from "node:stream/web";

/** The body of a request: unread bytes, or the value that the host's body parser made of them. */
export type RequestBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array | AsyncIterable<Uint8Array> }
  /** The host's parser consumed the bytes; `value` is its result. */
  | { readonly kind: "parsed"; readonly value: unknown };

/** A request, independent of the server that received it. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query as the client sent them, percent-encoded: `/api/v1/github/repositories?page=2`. */
  readonly target: string;
  /**
   * The part of the path before the endpoints' own paths, without a trailing slash; may be empty. A segment that contains `:`,
   * such as `:tenant`, matches any segment.
   */
  readonly basePath: string;
  /** True when the server matches paths case-insensitively. Defaults to false. */
  readonly ignoreCase?: boolean;
  /** Lower-case names; the values of a repeated header are joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  /** True when the client uses HTTPS, to the server or to a proxy that the server trusts. */
  readonly isSecure: boolean;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** The server's own request object, for authenticators that read it. */
  readonly raw: unknown;
}

/** A body that is sent piece by piece while the client is connected. */
export interface StreamedBody {
  /** Cancelled when the client disconnects. */
  readonly body: ReadableStream<Uint8Array>;
  /** Ends the body after what is queued, because the server closes. */
  readonly end: () => void;
}

/** A response, independent of the server that sends it. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text to send as UTF-8; empty for a response without a body. */
  readonly body: string;
  /** Sent instead of `body`. */
  readonly stream?: StreamedBody;
}
