import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy before a server, which a test interrupts. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port = 0;
  #isOpen = true;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    server = createServer(),
  ) {
    this.#server = server;
  }

  /** Starts a proxy to the server of a URL. */
  static async start(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) || 6379 });
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Ends all connections and refuses others until the returned function is called. */
  async interrupt(): Promise<() => Promise<void>> {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    return async () => {
      this.#isOpen = true;
      await this.#listen();
    };
  }

  /** Forwards nothing any more and keeps the connections open, like a network that loses all packets. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    if (this.#isOpen) await this.interrupt();
  }

  async #listen(): Promise<void> {
    this.#server = createServer((client) => {
      const upstream = connect(this.target);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }
}
