/** A body that has not been looked at yet, or that a body parser of the host has read before. */
export type RequestBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array | AsyncIterable<Uint8Array> }
  /** The bytes are gone; `value` is what the host's parser made of them. */
  | { readonly kind: "parsed"; readonly value: unknown };

/** A request, whatever server it came through. */
export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  /** Path and query as the client sent them, percent-encoded: `/api/v1/github/repositories?page=2`. */
  readonly target: string;
  /** What stands before the endpoints' own paths, without a slash at its end; may be empty. */
  readonly basePath: string;
  /** Names in lower case; of repeated headers the values joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  /** Whether the client speaks HTTPS, to the server or to a proxy that it trusts. */
  readonly isSecure: boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** The server's own request, for authenticators that look there. */
  readonly raw: unknown;
}

/** An answer, whatever server sends it. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, to be sent as UTF-8; empty for none. */
  readonly body: string;
}
