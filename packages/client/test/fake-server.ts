import type { WebSocketClass } from "@infrajet/github-client";

/** A message of a server that never ends. */
export interface FakeMessage {
  readonly type: string;
  readonly data: object;
  readonly cursor?: string;
}

/** A server whose WebSockets the test drives. */
export class FakeServer {
  /** The open sockets, in order. */
  readonly sockets: FakeSocket[] = [];
  /** The responses to the next requests of tickets. Defaults to a ticket. */
  readonly tickets: Response[] = [];
  ticketRequests = 0;
  readonly WebSocket: WebSocketClass;

  constructor() {
    const { sockets } = this;
    this.WebSocket = class extends FakeSocket {
      constructor() {
        super();
        sockets.push(this);
      }
    };
  }

  readonly fetch = async (): Promise<Response> => {
    this.ticketRequests += 1;
    return this.tickets.shift() ?? Response.json({ ticket: "t", expires_at: "2030-01-01T00:00:00.000Z" });
  };
}

/** A WebSocket of the test. */
export class FakeSocket extends EventTarget {
  readyState = 0;
  binaryType = "blob";
  /** The parsed messages of the client. */
  readonly sent: unknown[] = [];

  /** Accepts the connection. */
  accept(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** Sends a message to the client. */
  deliver(message: FakeMessage): void {
    const data = JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ...message });
    if (this.readyState === 1) this.dispatchEvent(new MessageEvent("message", { data }));
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }
}
