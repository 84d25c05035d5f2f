import assert from "node:assert/strict";
import { WebSocket } from "ws";
import { z } from "zod";
import { Reply } from "./reply.js";

const messageSchema = z.strictObject({
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime(),
});

/** A message of the host. */
export type HostMessage = z.infer<typeof messageSchema>;

/** How a connection is asked for. */
export interface ListenOptions {
  readonly protocols?: string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody at the other end of a WebSocket. */
export class Listener {
  readonly messages: HostMessage[] = [];
  readonly closed: Promise<number>;
  #isClosed = false;
  #look: () => void = () => undefined;

  private constructor(private readonly webSocket: WebSocket) {
    webSocket.on("message", (text) => {
      this.messages.push(messageSchema.parse(JSON.parse(String(text))));
      this.#look();
    });
    this.closed = new Promise((resolve) => {
      webSocket.once("close", (code) => {
        this.#isClosed = true;
        resolve(code);
        this.#look();
      });
    });
  }

  /** Opens a WebSocket; what the host answers instead, if it does not upgrade. @param url of the endpoint over HTTP */
  static async ask(url: string, { protocols = [], headers = {} }: ListenOptions = {}): Promise<Listener | Reply> {
    const webSocket = new WebSocket(url.replace(/^http/, "ws"), protocols, { headers });
    const listener = new Listener(webSocket);
    return new Promise((resolve, reject) => {
      webSocket.once("open", () => resolve(listener));
      webSocket.on("error", reject);
      webSocket.once("unexpected-response", (_request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.once("end", () => {
          const answered = new Headers(
            Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
          );
          resolve(new Reply(`WebSocket ${url}`, response.statusCode ?? 0, answered, Buffer.concat(chunks).toString()));
        });
      });
    });
  }

  /** The subprotocol that the host chose; empty for none. */
  get protocol(): string {
    return this.webSocket.protocol;
  }

  /** Sends a message; texts and bytes are sent as they are. */
  send(message: unknown): void {
    const isRaw = typeof message === "string" || message instanceof Uint8Array;
    this.webSocket.send(isRaw ? message : JSON.stringify(message));
  }

  /** Asks for the syncs of a project. */
  subscribe(projectId: string): void {
    this.send({ action: "subscribe_project", data: { project_id: projectId } });
  }

  /** The first message that fits, once it has come. */
  async until(fits: (message: HostMessage) => boolean): Promise<HostMessage> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      assert.ok(!this.#isClosed, `the host closed the socket; it had said ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** The first message of that type, once it has come. */
  untilType(type: string): Promise<HostMessage> {
    return this.until((message) => message.type === type);
  }

  /** Everything so far, once so many messages have come. */
  async count(count: number): Promise<readonly HostMessage[]> {
    await this.until((message) => this.messages.indexOf(message) === count - 1);
    return this.messages;
  }

  /** Ends the connection. */
  end(): void {
    this.webSocket.terminate();
  }
}
