import type { IncomingMessage } from "node:http";
import { Server } from "node:net";
import { Readable } from "node:stream";
import type { StreamedBody } from "../http/http-message.js";
import { beforeClose } from "./before-close.js";

/** Returns the stream of a response's body. It ends when the request's server begins to close. */
export function readableOf({ socket }: IncomingMessage, { body, end }: StreamedBody): Readable {
  const readable = Readable.fromWeb(body);
  // A client that disconnects is not an error.
  readable.on("error", () => undefined);
  if ("server" in socket && socket.server instanceof Server) readable.once("close", beforeClose(socket.server, end));
  return readable;
}
