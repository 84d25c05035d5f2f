import { connect } from "node:net";

/** A response as a host sent it. */
export interface RawResponse {
  readonly status: number;
  /** Lower case. */
  readonly head: string;
  readonly body: string;
}

/** Sends bytes on a connection of their own, and resolves to the response when the host closes it. One character is one byte. */
export function sendRaw(address: string, bytes: string): Promise<RawResponse> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.from(bytes, "latin1")));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("close", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const [head = "", ...body] = text.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1]), head: head.toLowerCase(), body: body.join("\r\n\r\n") });
    });
  });
}
