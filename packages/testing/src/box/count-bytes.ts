/** The byte counters of one recorded request. */
export interface ByteCount {
  bytesIn: number;
  bytesOut: number;
}

/** Returns the response and counts the bytes of its body: by `Content-Length` if there is one, otherwise while they are read. */
export function countBytes(response: Response, record: ByteCount): Response {
  if (response.body === null) return response;
  const length = response.headers.get("content-length");
  if (length !== null) {
    record.bytesOut += Number(length);
    return response;
  }
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      record.bytesOut += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { status: response.status, headers: response.headers });
}

/** Returns the request and counts the bytes of its body while they are read. */
export function countRequest(request: Request, record: ByteCount): Request {
  if (request.body === null) return request;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      record.bytesIn += chunk.length;
      controller.enqueue(chunk);
    },
  });
  // Node's fetch requires `duplex` for a streamed body, but its types do not declare it.
  const init: RequestInit & { duplex: "half" } = { body: request.body.pipeThrough(counter), duplex: "half" };
  return new Request(request, init);
}
