import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Writable } from "node:stream";

/** A position in a push: a number of bytes of the request's or the response's body, computed from its length. */
export interface BreakingPoint {
  readonly in: "request" | "response";
  readonly after: (length: number) => number;
}

interface Break {
  readonly after: number;
  readonly act: () => void;
}

interface WantedBreak extends BreakingPoint {
  readonly act: () => void;
}

const PUSH = /\/git-receive-pack$/;

/** A proxy that forwards all requests and can break the connection of a push at a position. */
export class BreakingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: string;
  #isDown = false;
  #break: WantedBreak | null = null;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = target;
    server.on("connection", (socket) => {
      if (this.#isDown) return void socket.destroy();
      this.#sockets.add(socket.once("close", () => this.#sockets.delete(socket)));
    });
    server.on("request", (incoming, outgoing) => void this.#pass(incoming, outgoing));
  }

  static async start(target: string): Promise<BreakingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BreakingProxy(server, target);
  }

  get url(): string {
    // The address of a server on a port is an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Calls `act` and breaks the connection at that position of the next push. */
  breakNextPush(point: BreakingPoint, act: () => void = () => {}): void {
    this.#break = { ...point, act };
  }

  /** True when the requested break has happened. */
  get hasBroken(): boolean {
    return this.#break === null;
  }

  /** Closes all connections and rejects new ones. */
  goDown(): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts connections again, for the same server or for its successor. */
  comeBack(target = this.#target): void {
    this.#target = target;
    this.#isDown = false;
  }

  async close(): Promise<void> {
    this.goDown();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, headers, socket, url = "/" } = incoming;
    const isPush = PUSH.test(url);
    // Not shared, so that breaking it does not break other requests.
    const forwarded = request(`${this.#target}${url}`, { method, headers, agent: false });
    const responded = new Promise<IncomingMessage>((resolve, reject) =>
      forwarded.once("response", resolve).once("error", reject),
    );
    // When the request's body breaks, the response is never awaited.
    responded.catch(() => {});
    try {
      await this.#copy(incoming, forwarded, isPush ? this.#take("request", Number(headers["content-length"])) : null);
      forwarded.end();
      const response = await responded;
      const body = Buffer.concat(await response.toArray());
      outgoing.writeHead(response.statusCode ?? 502, withLength(response.headers, body.length));
      await this.#copy([body], outgoing, isPush ? this.#take("response", body.length) : null);
      outgoing.end();
    } catch {
      socket.destroy();
      forwarded.destroy();
    }
  }

  /** Returns and clears the requested break when it is on this side of the push. */
  #take(side: BreakingPoint["in"], length: number): Break | null {
    const wanted = this.#break;
    if (wanted?.in !== side) return null;
    this.#break = null;
    return { after: wanted.after(length), act: wanted.act };
  }

  /** Copies the pieces. Rejects at the position of the break. */
  async #copy(pieces: AsyncIterable<Buffer> | Iterable<Buffer>, to: Writable, wanted: Break | null): Promise<void> {
    let left = wanted?.after ?? Number.POSITIVE_INFINITY;
    for await (const piece of pieces) {
      if (left > 0) await write(to, piece.subarray(0, left));
      left -= piece.length;
      if (left > 0) continue;
      wanted?.act();
      throw new Error("the connection is broken here");
    }
  }
}

function write(to: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** Replaces chunked encoding with a content length. */
function withLength({ "transfer-encoding": _, ...headers }: IncomingHttpHeaders, length: number) {
  return { ...headers, "content-length": `${length}` };
}
