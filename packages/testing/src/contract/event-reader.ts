import assert from "node:assert/strict";
import { type HostMessage, messageSchema } from "./listener.js";
import { Reply } from "./reply.js";

/** A message of an event stream with the fields around it. */
export interface StreamedMessage extends HostMessage {
  /** The `id:` of the event; empty without one. */
  readonly id: string;
  /** The `event:` of the event. */
  readonly event: string;
}

/** A client of an event stream. */
export class EventReader {
  readonly messages: StreamedMessage[] = [];
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #gone: AbortController;
  #text = "";

  private constructor(
    readonly headers: Headers,
    body: ReadableStream<Uint8Array>,
    gone: AbortController,
  ) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
    this.#gone = gone;
  }

  /** Opens a stream. Resolves to the response when the host does not open it. */
  static async ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader | Reply> {
    const gone = new AbortController();
    const response = await fetch(url, { headers, signal: gone.signal });
    if (response.status !== 200 || response.body === null)
      return new Reply(`GET ${url.split("?", 1)[0]}`, response.status, response.headers, await response.text());
    return new EventReader(response.headers, response.body, gone);
  }

  /** Resolves to the first message that matches; rejects when the stream ends before. */
  async until(matches: (message: StreamedMessage) => boolean): Promise<StreamedMessage> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) return found;
      const { done, value } = await this.#reader.read();
      assert.ok(!done, `the stream ended after ${JSON.stringify(this.messages)}`);
      this.#parse(value);
    }
  }

  /** Resolves to the first message of a type. */
  untilType(type: string): Promise<StreamedMessage> {
    return this.until((message) => message.type === type);
  }

  /** Disconnects. */
  end(): void {
    this.#gone.abort();
    this.#reader.cancel().catch(() => undefined);
  }

  #parse(text: string): void {
    this.#text += text;
    const blocks = this.#text.split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), after(line)] as const));
      const data = fields.get("data");
      if (data === undefined) continue;
      const message = messageSchema.parse(JSON.parse(data));
      this.messages.push({ ...message, id: fields.get("id") ?? "", event: fields.get("event") ?? "" });
    }
  }
}

function after(line: string): string {
  return line.slice(line.indexOf(":") + 1).trimStart();
}
