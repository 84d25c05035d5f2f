import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Returns an upgrade request to its server, which handles it as a request without an upgrade.
 *
 * A server with an `upgrade` listener no longer responds to such requests itself, whatever the protocol: some HTTP clients ask
 * for HTTP/2 with every request. So the request is written back to its connection without the upgrade headers.
 */
export function returnUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.unshift(Buffer.concat([Buffer.from(headOf(request), "latin1"), head]));
  server.emit("encrypted" in socket ? "secureConnection" : "connection", socket);
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    const kept = name.toLowerCase() === "connection" ? withoutUpgrade(value) : value;
    if (name.toLowerCase() !== "upgrade" && kept !== "") lines.push(`${name}: ${kept}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(",").map((option) => option.trim());
  return options.filter((option) => option.toLowerCase() !== "upgrade").join(", ");
}
