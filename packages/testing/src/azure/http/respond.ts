import { httpDate, type Ticks } from "../storage/ticks.js";

/** The response of an operation, without the headers that all responses share. */
export interface OperationResponse {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Bytes are sent with `Content-Length`; a string (the XML of a listing) is sent in chunks without it. */
  body?: Uint8Array | ReadableStream<Uint8Array> | string;
  contentType?: string;
}

/** The values of the headers that all responses share. */
export interface ResponseContext {
  method: string;
  requestId: string;
  time: Ticks;
  /** Value of `x-ms-version`; absent for a request that was not authenticated. */
  version?: string | undefined;
  /** Value of `x-ms-client-request-id`. */
  clientRequestId?: string | undefined;
}

/** Creates the HTTP response of an operation. */
export function respond(result: OperationResponse, context: ResponseContext): Response {
  const headers = new Headers({
    Server: context.version === undefined ? "Microsoft-HTTPAPI/2.0" : "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0",
    Date: httpDate(context.time),
    "x-ms-request-id": context.requestId,
  });
  if (context.version === undefined) headers.set("Vary", "Origin");
  else headers.set("x-ms-version", context.version);
  if (context.clientRequestId !== undefined) headers.set("x-ms-client-request-id", context.clientRequestId);
  const isHead = context.method === "HEAD";
  const { body } = result;
  if (!isHead && result.contentType !== undefined) headers.set("Content-Type", result.contentType);
  if (body === undefined && !isHead) headers.set("Content-Length", "0");
  if (body instanceof Uint8Array && !isHead) headers.set("Content-Length", String(body.length));
  for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, value);
  // Azure sends this header with every HEAD response that has no length.
  if (isHead && !headers.has("Content-Length")) headers.set("Transfer-Encoding", "chunked");
  return new Response(isHead ? null : (toBody(body) ?? null), { status: result.status, headers });
}

function toBody(body: OperationResponse["body"]): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || body instanceof ReadableStream) return body;
  return new Uint8Array(typeof body === "string" ? Buffer.from(body) : body);
}
