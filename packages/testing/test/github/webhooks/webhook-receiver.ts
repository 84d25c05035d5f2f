import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A delivery that has arrived. */
export interface Arrival {
  event: string;
  action: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every shape
  payload: any;
}

/** A real HTTP server that deliveries are sent to. */
export class WebhookReceiver {
  readonly arrivals: Arrival[] = [];
  /** What it answers from now on; "nothing" lets the sender wait. */
  answer: number | "nothing" = 200;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const payload = JSON.parse(body.toString());
        const event = String(request.headers["x-github-event"]);
        this.arrivals.push({ event, action: payload.action, headers: request.headers, body, payload });
        if (this.answer === "nothing") return;
        response.writeHead(this.answer, { "Content-Type": "text/plain" });
        response.end("thanks");
      });
    });
    // A connection that the server closed while idle would fail the next delivery.
    this.server.keepAliveTimeout = 0;
  }

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`;
  }

  /** What has arrived since the last look, as `event` or `event.action`. */
  take(): Arrival[] {
    return this.arrivals.splice(0);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** `event` or `event.action`. */
export function nameOf({ event, action }: Pick<Arrival, "event" | "action">): string {
  return action === undefined ? event : `${event}.${action}`;
}
