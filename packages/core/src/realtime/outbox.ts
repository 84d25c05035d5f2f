import { projectOf, type RealtimeMessage } from "./realtime-message.js";
import type { RealtimeSocket } from "./realtime-socket.js";

interface Waiting {
  readonly message: RealtimeMessage;
  readonly sent: () => void;
}

/** As many messages may be on their way to a client before it counts as slow. */
const WINDOW = 64;

/**
 * What one client is still to be told. While it takes what is sent, it is sent everything. While too much is on its way,
 * newer progress of a sync takes the place of older progress, so that a slow client gets the latest state and costs no more
 * memory than the syncs it follows. Everything else is kept, in order.
 */
export class Outbox {
  readonly #socket: Pick<RealtimeSocket, "send">;
  readonly #now: () => number;
  /** By sync for progress, by a key of its own for all else. A key that is set again keeps its place. */
  readonly #waiting = new Map<number | symbol, Waiting>();
  /** When each message was sent that is on its way, in epoch milliseconds. */
  readonly #underWay: number[] = [];
  #afterLast: (() => void) | null = null;
  #closed = false;

  constructor(socket: Pick<RealtimeSocket, "send">, now: () => number) {
    this.#socket = socket;
    this.#now = now;
  }

  /** How many messages wait for those that are on their way. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Since when the oldest message that is on its way has been so, in epoch milliseconds; `null` when none is. */
  get sendingSince(): number | null {
    return this.#underWay[0] ?? null;
  }

  /** Sends the message in its turn; `sent` is called when it has gone, or never will be sent. */
  push(message: RealtimeMessage, sent: () => void = () => undefined): void {
    if (this.#closed) {
      sent();
      return;
    }
    if (message.type === "ended") this.#waiting.delete(message.record.id);
    this.#waiting.set(message.type === "progress" ? message.progress.syncId : Symbol(), { message, sent });
    this.#sendWaiting();
  }

  /** Takes back what waits about the syncs of a project. */
  dropProject(projectId: string): void {
    for (const [key, { message }] of this.#waiting) if (projectOf(message) === projectId) this.#waiting.delete(key);
  }

  /** Takes nothing more, and calls back after the last message that waits now. */
  finish(afterLast: () => void): void {
    this.#closed = true;
    this.#afterLast = afterLast;
    this.#sendWaiting();
  }

  /** Forgets everything: the client is gone. */
  close(): void {
    this.#closed = true;
    this.#afterLast = null;
    const given = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { sent } of given) sent();
  }

  #sendWaiting(): void {
    while (this.#underWay.length < WINDOW) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [key, { message, sent }] = next;
      this.#waiting.delete(key);
      this.#underWay.push(this.#now());
      this.#socket.send(message, () => {
        this.#underWay.shift();
        sent();
        this.#sendWaiting();
      });
    }
    if (this.#underWay.length > 0 || this.#waiting.size > 0) return;
    const afterLast = this.#afterLast;
    this.#afterLast = null;
    afterLast?.();
  }
}
