import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A received delivery. */
export interface Arrival {
  event: string;
  action: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests read payloads of all events
  payload: any;
}

/** An HTTP server that receives deliveries. */
export class WebhookReceiver {
  readonly arrivals: Arrival[] = [];
  /** Status of responses; "none" never responds. */
  respondWith: number | "none" = 200;
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
        if (this.respondWith === "none") return;
        response.writeHead(this.respondWith, { "Content-Type": "text/plain" });
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

  /** Returns the deliveries since the last call. */
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

/** Returns `event` or `event.action`. */
export function nameOf({ event, action }: Pick<Arrival, "event" | "action">): string {
  return action === undefined ? event : `${event}.${action}`;
}
