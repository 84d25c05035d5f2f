import { request } from "node:http";
import { Reply } from "./reply.js";

const CHUNK = Buffer.alloc(256 * 1024, "x");

/**
 * Posts a body of that many bytes, and reads the answer also when it comes before the body's end. `fetch` would fail there: a
 * server may close the connection on who goes on sending.
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
    let isAnswered = false;
    outgoing.on("response", (answer) => {
      isAnswered = true;
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        outgoing.destroy();
        const told = new Headers(Object.entries(answer.headers).flatMap(([name, value]) => [[name, String(value)]]));
        resolve(
          new Reply(`POST ${new URL(url).pathname}`, answer.statusCode ?? 0, told, Buffer.concat(parts).toString()),
        );
      });
    });
    outgoing.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    const send = (): void => {
      while (left > 0 && !isAnswered) {
        const part = CHUNK.subarray(0, Math.min(left, CHUNK.length));
        left -= part.length;
        if (!outgoing.write(part)) {
          outgoing.once("drain", send);
          return;
        }
      }
      if (!isAnswered) outgoing.end();
    };
    send();
  });
}
