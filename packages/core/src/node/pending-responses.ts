import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** The unfinished responses of each connection of a server. A client may send several requests without waiting for responses. */
export class PendingResponses {
  readonly #counts = new WeakMap<Duplex, number>();
  readonly #waiting = new WeakMap<Duplex, () => void>();
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    server.prependListener("request", this.#add);
  }

  /** Runs a function when a connection has no unfinished response. It does not run when the connection closes before. */
  whenNone(socket: Duplex, run: () => void): void {
    if (!this.#counts.has(socket)) {
      run();
      return;
    }
    const onError = (): void => void socket.destroy();
    socket.on("error", onError);
    this.#waiting.set(socket, () => {
      socket.off("error", onError);
      if (!socket.destroyed) run();
    });
  }

  /** Stops counting. */
  stop(): void {
    this.#server.off("request", this.#add);
  }

  #add = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    this.#counts.set(socket, (this.#counts.get(socket) ?? 0) + 1);
    response.once("close", () => this.#remove(socket));
  };

  #remove(socket: Duplex): void {
    const left = (this.#counts.get(socket) ?? 0) - 1;
    if (left > 0) {
      this.#counts.set(socket, left);
      return;
    }
    this.#counts.delete(socket);
    this.#waiting.get(socket)?.();
    this.#waiting.delete(socket);
  }
}
