/** Where bytes are counted. */
export interface ByteCount {
  bytesIn: number;
  bytesOut: number;
}

/** The same response, its body's bytes counted: by its length where that is known, else as they pass. */
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

/** The same request, its body's bytes counted as they pass. */
export function countRequest(request: Request, record: ByteCount): Request {
  if (request.body === null) return request;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      record.bytesIn += chunk.length;
      controller.enqueue(chunk);
    },
  });
  // Node's fetch insists on `duplex` for a streamed body; its types do not know the member.
  const init: RequestInit & { duplex: "half" } = { body: request.body.pipeThrough(counter), duplex: "half" };
  return new Request(request, init);
}
