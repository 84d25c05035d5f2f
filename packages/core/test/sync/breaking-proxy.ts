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

/** A place in a push: so many bytes of the request's pack, or of the answer's body, have passed, given how long it is. */
export interface BreakingPoint {
  readonly in: "request" | "answer";
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

/** Stands before a server and lets everything pass, until a push has come to a place where the connection breaks. */
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
    // A server on a port has an address of this form.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks the next push there, once `act` has been called. */
  breakNextPush(point: BreakingPoint, act: () => void = () => {}): void {
    this.#break = { ...point, act };
  }

  /** Whether no push is to be broken any more. */
  get hasBroken(): boolean {
    return this.#break === null;
  }

  /** Cuts all connections and takes no others. */
  goDown(): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Takes connections again, for the same server or the one that has taken its place. */
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
    // A connection of its own, so that breaking it breaks nothing else.
    const forwarded = request(`${this.#target}${url}`, { method, headers, agent: false });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      forwarded.once("response", resolve).once("error", reject),
    );
    // When the pack breaks nobody waits for the answer.
    answered.catch(() => {});
    try {
      await this.#copy(incoming, forwarded, isPush ? this.#take("request", Number(headers["content-length"])) : null);
      forwarded.end();
      const answer = await answered;
      const body = Buffer.concat(await answer.toArray());
      outgoing.writeHead(answer.statusCode ?? 502, withLength(answer.headers, body.length));
      await this.#copy([body], outgoing, isPush ? this.#take("answer", body.length) : null);
      outgoing.end();
    } catch {
      socket.destroy();
      forwarded.destroy();
    }
  }

  /** What is to happen on this side of the push, if anything. */
  #take(side: BreakingPoint["in"], length: number): Break | null {
    const wanted = this.#break;
    if (wanted?.in !== side) return null;
    this.#break = null;
    return { after: wanted.after(length), act: wanted.act };
  }

  /** Rejects where the connection is to break. */
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

/** The body is sent on as a whole. */
function withLength({ "transfer-encoding": _, ...headers }: IncomingHttpHeaders, length: number) {
  return { ...headers, "content-length": `${length}` };
}
