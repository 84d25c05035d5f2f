import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";

/** A received message. */
export interface WireMessage {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

/** A response in place of an upgrade. */
export interface Refusal {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A client that collects messages. */
export class SocketClient {
  readonly messages: WireMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #onMessage: () => void = () => undefined;

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on("message", (data) => {
      this.messages.push(JSON.parse(String(data)));
      this.#onMessage();
    });
    this.closed = new Promise((resolve) => {
      webSocket.once("close", (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#onMessage();
      });
    });
  }

  /** @throws Refusal when the server does not upgrade */
  static open(url: string, protocols: string[] = [], headers: Record<string, string> = {}): Promise<SocketClient> {
    return new Promise((resolve, reject) => {
      const webSocket = new WebSocket(url, protocols, { headers });
      const client = new SocketClient(webSocket);
      webSocket.once("open", () => resolve(client));
      webSocket.on("error", reject);
      webSocket.once("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += String(chunk);
        });
        response.once("end", () =>
          reject({ status: response.statusCode, headers: response.headers, body } satisfies Refusal),
        );
      });
    });
  }

  send(message: unknown): void {
    this.webSocket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  subscribe(projectId: string): void {
    this.send({ action: "subscribe_project", data: { project_id: projectId } });
  }

  /** Resolves to all messages so far when one matches. Rejects when the socket closes before. */
  async until(fits: (message: WireMessage) => boolean): Promise<readonly WireMessage[]> {
    while (!this.messages.some(fits)) {
      if (this.webSocket.readyState === WebSocket.CLOSED)
        throw new Error(`closed after ${JSON.stringify(this.messages)}`);
      await new Promise<void>((resolve) => {
        this.#onMessage = resolve;
      });
    }
    return this.messages;
  }

  untilType(type: string): Promise<readonly WireMessage[]> {
    return this.until((message) => message.type === type);
  }

  /** Resolves when `count` messages were received. */
  async count(count: number): Promise<readonly WireMessage[]> {
    return this.until((message) => this.messages.indexOf(message) === count - 1);
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await this.closed;
  }
}
