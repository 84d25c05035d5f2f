import { request } from "node:http";
import { Reply } from "./reply.js";

/** Posts a part of a body that never ends, and resolves to the response that arrives nevertheless. */
export function sendUnfinished(url: string, headers: Readonly<Record<string, string>>, start = ""): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json", "content-length": "1000", ...headers },
    });
    outgoing.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        outgoing.destroy();
        const received = new Headers(
          Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const body = Buffer.concat(parts).toString();
        resolve(new Reply(`POST ${new URL(url).pathname}`, response.statusCode ?? 0, received, body));
      });
    });
    outgoing.on("error", reject);
    outgoing.flushHeaders();
    if (start !== "") outgoing.write(start);
  });
}
