import { ReadableStream, type ReadableStreamDefaultController } from "node:stream/web";
import { cursorText } from "../realtime/change-cursor.js";
import { projectOf, type RealtimeMessage } from "../realtime/realtime-message.js";
import type { RealtimeSocket } from "../realtime/realtime-socket.js";
import { toWireMessage } from "./realtime-wire.js";

/** The connection of an event stream. */
export interface EventStreamContext {
  /** The cursor that the client sent; `null` without one. */
  readonly after: string | null;
  /** The number of projects that the client subscribes to. */
  readonly projectCount: number;
  /** Returns epoch milliseconds. */
  readonly now: () => number;
  /** Called when the client read a comment. */
  readonly alive: () => void;
  /** Called once, when the stream ends or the client disconnects. */
  readonly ended: () => void;
}

interface Chunk {
  readonly text: string;
  readonly sent: () => void;
}

/** Browsers reconnect after this time. */
const RETRY = "retry: 2000\n\n";
const COMMENT = ":\n\n";

/**
 * A connection that sends messages as server-sent events. A message counts as sent when the client's connection takes it, so that the
 * session's window bounds the memory of a slow client.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream implements RealtimeSocket {
  readonly body: ReadableStream<Uint8Array>;
  readonly #context: EventStreamContext;
  readonly #encoder = new TextEncoder();
  readonly #queue: Chunk[] = [{ text: RETRY, sent: () => undefined }];
  /** The last cursor of each project. */
  readonly #cursors = new Map<string, string>();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #wake: () => void = () => undefined;
  #hasComment = false;
  #isClosing = false;
  #hasEnded = false;

  constructor(context: EventStreamContext) {
    this.#context = context;
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#end(),
      },
      { highWaterMark: 0 },
    );
  }

  send(message: RealtimeMessage, sent: () => void): void {
    const wire = toWireMessage(message, this.#context.now());
    const project = projectOf(message);
    if (project !== null && "cursor" in message) this.#cursors.set(project, cursorText(message.cursor));
    const id = project === null ? "" : `id: ${this.#id()}\n`;
    this.#add({ text: `event: ${wire.type}\n${id}data: ${JSON.stringify(wire)}\n\n`, sent });
  }

  /** Sends a comment, which keeps proxies from closing an idle connection. */
  ping(): void {
    if (this.#hasComment) return;
    this.#hasComment = true;
    const sent = (): void => {
      this.#hasComment = false;
      this.#context.alive();
    };
    this.#add({ text: COMMENT, sent });
  }

  // Clients send nothing over an event stream.
  pause(): void {}
  resume(): void {}

  close(): void {
    this.#isClosing = true;
    this.#wake();
  }

  terminate(): void {
    if (this.#hasEnded) return;
    this.#end();
    this.#controller?.error(new DOMException("The client does not read.", "AbortError"));
  }

  /** The cursors of all projects, since a browser sends only the last id when it reconnects. */
  #id(): string {
    const { after, projectCount } = this.#context;
    const cursors = [...this.#cursors.values()];
    // Until each project is confirmed, the client continues the others from its own cursor.
    return (this.#cursors.size < projectCount && after !== null ? [...cursors, after] : cursors).join(",");
  }

  #add(chunk: Chunk): void {
    if (this.#hasEnded) return;
    this.#queue.push(chunk);
    this.#wake();
  }

  async #pull(): Promise<void> {
    while (this.#queue.length === 0 && !this.#isClosing && !this.#hasEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#hasEnded) return;
    const chunk = this.#queue.shift();
    if (chunk === undefined) {
      this.#end();
      this.#controller?.close();
      return;
    }
    this.#controller?.enqueue(this.#encoder.encode(chunk.text));
    chunk.sent();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#queue.length = 0;
    this.#wake();
    this.#context.ended();
  }
}
