import { request } from "node:http";
import { Reply } from "./reply.js";

const CHUNK = Buffer.alloc(256 * 1024, "x");

/**
 * Posts a body of a size and reads the response, even when it arrives before the end of the body. `fetch` would fail then, since
 * the server may close the connection.
 */
export function sendSlowly(
  url: string,
  headers: Readonly<Record<string, string>>,
  bytes: number,
  { announced }: { readonly announced: boolean },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = announced ? { "content-length": String(bytes) } : { "transfer-encoding": "chunked" };
    const outgoing = request(url, {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json", ...headers, ...length },
    });
    let left = bytes;
    let isComplete = false;
    outgoing.on("response", (response) => {
      isComplete = true;
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        outgoing.destroy();
        const headers = new Headers(
          Object.entries(response.headers).flatMap(([name, value]) => [[name, String(value)]]),
        );
        resolve(
          new Reply(
            `POST ${new URL(url).pathname}`,
            response.statusCode ?? 0,
            headers,
            Buffer.concat(parts).toString(),
          ),
        );
      });
    });
    outgoing.on("error", (error) => {
      if (!isComplete) reject(error);
    });
    const send = (): void => {
      while (left > 0 && !isComplete) {
        const part = CHUNK.subarray(0, Math.min(left, CHUNK.length));
        left -= part.length;
        if (!outgoing.write(part)) {
          outgoing.once("drain", send);
          return;
        }
      }
      if (!isComplete) outgoing.end();
    };
    send();
  });
}
