import { ConnectionResetError } from "../../box/fault-response.js";

/** Returns the response with a body that fails after so many bytes. */
export function cutBody(response: Response, bytes: number): Response {
  if (response.body === null) throw new ConnectionResetError();
  let left = bytes;
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.error(new ConnectionResetError());
    },
  });
  return new Response(response.body.pipeThrough(cut), { status: response.status, headers: response.headers });
}
