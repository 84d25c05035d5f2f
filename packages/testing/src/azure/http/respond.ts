import { httpDate, type Ticks } from "../storage/ticks.js";

/** What an operation answers. */
export interface OperationResponse {
  status: number;
  headers?: Readonly<Record<string, string>>;
  /** Bytes with their length, or XML of a listing whose length is not said beforehand. */
  body?: Uint8Array | ReadableStream<Uint8Array> | string;
  contentType?: string;
}

/** What goes into the headers of every answer. */
export interface ResponseContext {
  method: string;
  requestId: string;
  time: Ticks;
  /** `x-ms-version`; absent for a request that was not even let in. */
  version?: string | undefined;
  /** The client's own id of the request. */
  clientRequestId?: string | undefined;
}

/** Turns an operation's answer into Azure's response. */
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
  // Without a length, a HEAD request is answered as if pieces would follow.
  if (isHead && !headers.has("Content-Length")) headers.set("Transfer-Encoding", "chunked");
  return new Response(isHead ? null : (toBody(body) ?? null), { status: result.status, headers });
}

function toBody(body: OperationResponse["body"]): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || body instanceof ReadableStream) return body;
  return new Uint8Array(typeof body === "string" ? Buffer.from(body) : body);
}
