import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

/** A request that the server received. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The reaction to a request: a response, silence, a closed connection, half of a body and a closed connection, or an endless body. */
export type Scripted =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
      readonly text?: string;
    }
  | "hang"
  | "reset"
  | "half"
  | "endless";

/** An HTTP server with scripted responses, for what a healthy GitHub never does. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #watchers = new Set<() => void>();
  answer: (request: SeenRequest, index: number) => Scripted | Promise<Scripted> = () => ({ status: 200, body: {} });

  private constructor() {
    this.#server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = "", url = "", headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      const index = this.requests.push(request) - 1;
      for (const watcher of [...this.#watchers]) watcher();
      act(response, await this.answer(request, index));
    });
  }

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Responds to one request after the other from the list; the last response is repeated. */
  script(...answers: readonly Scripted[]): void {
    this.answer = (_, index) => answers[Math.min(index, answers.length - 1)] ?? { status: 500 };
  }

  /** Resolves when that many requests have been received. */
  received(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.requests.length < count) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function act(response: ServerResponse, scripted: Scripted): void {
  if (scripted === "hang") return;
  if (scripted === "reset") {
    response.destroy();
    return;
  }
  if (scripted === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"half":', () => response.destroy());
    return;
  }
  if (scripted === "endless") {
    response.writeHead(200, { "content-type": "application/json" });
    Readable.from(endlessJson())
      .on("error", () => {})
      .pipe(response)
      .on("error", () => {});
    return;
  }
  const body = scripted.text ?? (scripted.body === undefined ? "" : JSON.stringify(scripted.body));
  const type = scripted.body === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  response.writeHead(scripted.status, { ...type, ...scripted.headers }).end(body);
}

function* endlessJson(): Generator<Buffer> {
  yield Buffer.from("[0");
  for (const piece = Buffer.from(",1".repeat(32 * 1024)); ; ) yield piece;
}
