import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A proxy of TCP connections that can cut them. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: URL;
  #isCut = false;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => {
      if (this.#isCut) return client.destroy();
      const upstream = connect(Number(this.#target.port), this.#target.hostname);
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => undefined);
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
      return undefined;
    });
  }

  /** Starts a proxy of a server. */
  static async start(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Returns a URL of the server through the proxy. */
  through(url: string): string {
    const proxied = new URL(url);
    proxied.port = String((this.#server.address() as AddressInfo).port);
    return proxied.href;
  }

  /** Sends new connections to another server. */
  retarget(target: string): void {
    this.#target = new URL(target);
  }

  /** Cuts all connections. New ones are cut at once until {@link restore}. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts connections again. */
  restore(): void {
    this.#isCut = false;
  }

  /** Cuts all connections and stops the proxy. */
  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
