import assert from "node:assert/strict";
import { WebSocket } from "ws";
import * as z from "zod";
import { Reply } from "./reply.js";

export const messageSchema = z
  .strictObject({
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    cursor: z.string().min(1).optional(),
    timestamp: z.iso.datetime(),
  })
  // Exactly the messages about a project have a cursor.
  .refine(({ data, cursor }) => "project_id" in data === (cursor !== undefined));

/** A message from the host. */
export type HostMessage = z.infer<typeof messageSchema>;

/** The options of a WebSocket request. */
export interface ListenOptions {
  readonly protocols?: string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A WebSocket client that collects messages. */
export class Listener {
  readonly messages: HostMessage[] = [];
  readonly closed: Promise<number>;
  #isClosed = false;
  #onChange: () => void = () => undefined;

  private constructor(private readonly webSocket: WebSocket) {
    webSocket.on("message", (text) => {
      this.messages.push(messageSchema.parse(JSON.parse(String(text))));
      this.#onChange();
    });
    this.closed = new Promise((resolve) => {
      webSocket.once("close", (code) => {
        this.#isClosed = true;
        resolve(code);
        this.#onChange();
      });
    });
  }

  /** Opens a WebSocket. Resolves to the response when the host does not upgrade. @param url The endpoint's HTTP URL. */
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
          const headers = new Headers(
            Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]),
          );
          resolve(new Reply(`WebSocket ${url}`, response.statusCode ?? 0, headers, Buffer.concat(chunks).toString()));
        });
      });
    });
  }

  /** The subprotocol that the host chose; empty for none. */
  get protocol(): string {
    return this.webSocket.protocol;
  }

  /** Sends a message as JSON; strings and bytes are sent unchanged. */
  send(message: unknown): void {
    const isRaw = typeof message === "string" || message instanceof Uint8Array;
    this.webSocket.send(isRaw ? message : JSON.stringify(message));
  }

  /** Subscribes to the syncs of a project. */
  subscribe(projectId: string): void {
    this.send({ action: "subscribe_project", data: { project_id: projectId } });
  }

  /** Resolves to the first message that matches. */
  async until(matches: (message: HostMessage) => boolean): Promise<HostMessage> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      assert.ok(!this.#isClosed, `the host closed the socket; its messages were ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  /** Resolves to the first message of a type. */
  untilType(type: string): Promise<HostMessage> {
    return this.until((message) => message.type === type);
  }

  /** Resolves to all messages so far when there are `count` of them. */
  async count(count: number): Promise<readonly HostMessage[]> {
    await this.until((message) => this.messages.indexOf(message) === count - 1);
    return this.messages;
  }

  /** Terminates the connection. */
  end(): void {
    this.webSocket.terminate();
  }
}
