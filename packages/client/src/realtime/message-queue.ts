import { type FollowMessage, isEnd } from "./follow-message.js";

/** The number of waiting messages from which the connection is paused. */
const MAX_WAITING = 1_000;
/** The number of messages that wait for a loop to begin. There may never be one. */
const MAX_BEFORE_LOOP = 100;

/** The messages that a loop has not read yet: the latest progress of each sync, and every end. */
export class MessageQueue {
  readonly #waiting = new Map<string, FollowMessage>();
  #ends = 0;
  #isReading = false;
  #result: { readonly error: Error | null } | null = null;
  #wake: () => void = () => undefined;

  /** True when the connection has to pause until messages are read. */
  get isFull(): boolean {
    return this.#isReading && this.#waiting.size >= MAX_WAITING;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Called when the loop begins. From then on no end is dropped. */
  begin(): void {
    if (this.#isReading) throw new TypeError("Another loop reads the messages. Use `on` for further readers.");
    this.#isReading = true;
  }

  /** Adds a message. It replaces an earlier one about the same state. */
  push(message: FollowMessage): void {
    if (this.#result !== null) return;
    if (isEnd(message)) {
      this.#waiting.delete(stateOf({ type: "github_sync_progress", data: message.data }));
      this.#waiting.set(`end ${this.#ends++}`, message);
    } else this.#waiting.set(stateOf(message), message);
    if (!this.#isReading && this.#waiting.size > MAX_BEFORE_LOOP) this.#shift();
    this.#wake();
  }

  /** Ends the queue after the waiting messages. */
  end(error: Error | null): void {
    this.#result ??= { error };
    this.#wake();
  }

  /** Resolves to the next message; `null` at the end. @throws the error with which the queue ended. */
  async take(): Promise<FollowMessage | null> {
    for (;;) {
      const message = this.#shift();
      if (message !== undefined) return message;
      if (this.#result?.error) throw this.#result.error;
      if (this.#result !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #shift(): FollowMessage | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }
}

/** Returns the name of the state that a message describes: its type, and the project and the sync that it is about. */
function stateOf({ type, data }: { readonly type: string; readonly data: object }): string {
  const { project_id, sync_id, code } = data as Readonly<Record<string, unknown>>;
  return JSON.stringify([type, project_id, sync_id, code]);
}
