import { createParser } from "eventsource-parser";
import type { WebSocketLike } from "./web-socket-class.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
/** A message has up to 10,000 conflicts. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * An event stream with the interface of a WebSocket, so that both reconnect in the same way. The server's comments, which keep the
 * connection open, are its heartbeats.
 */
export class EventStreamSocket extends EventTarget implements WebSocketLike {
  readyState = CONNECTING;
  binaryType = "blob";
  readonly #closing = new AbortController();

  constructor(open: (signal: AbortSignal) => Promise<Response>) {
    super();
    void this.#read(open);
  }

  /** Event streams are not read by the server. */
  send(): void {}

  close(): void {
    this.#end("close");
  }

  async #read(open: (signal: AbortSignal) => Promise<Response>): Promise<void> {
    try {
      const response = await open(this.#closing.signal);
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (!response.ok || !isStream || response.body === null) return this.#end("error");
      this.readyState = OPEN;
      this.dispatchEvent(new Event("open"));
      await this.#parse(response.body.getReader());
      this.#end("close");
    } catch {
      this.#end("error");
    }
  }

  async #parse(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ data }) => this.#dispatchMessage(data),
      onComment: () => this.#dispatchMessage('{"type":"heartbeat","data":{}}'),
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded") this.#end("error");
      },
      maxBufferSize: MAX_EVENT_LENGTH,
    });
    for (let chunk = await reader.read(); !chunk.done && this.readyState === OPEN; chunk = await reader.read())
      parser.feed(decoder.decode(chunk.value, { stream: true }));
  }

  #dispatchMessage(data: string): void {
    if (this.readyState === OPEN) this.dispatchEvent(new MessageEvent("message", { data }));
  }

  #end(event: "close" | "error"): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#closing.abort();
    this.dispatchEvent(new Event(event));
  }
}
