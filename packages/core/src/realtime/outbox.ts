import { projectOf, type RealtimeMessage } from "./realtime-message.js";
import type { RealtimeSocket } from "./realtime-socket.js";

type ProgressMessage = Extract<RealtimeMessage, { readonly type: "progress" }>;

interface QueuedMessage {
  readonly message: RealtimeMessage;
  readonly sent: () => void;
}

/** The number of unacknowledged messages from which a client counts as slow. */
const WINDOW = 64;

/**
 * The queue of messages to one client. A client that reads fast enough receives every message. For a slow client, newer progress
 * of a sync replaces queued progress of the same sync, so that it receives the latest state and the queue is bounded by the
 * number of syncs. All other messages are kept, in order.
 */
export class Outbox {
  readonly #socket: Pick<RealtimeSocket, "send">;
  readonly #now: () => number;
  /** Keyed by sync for progress, by a unique key for other messages. Replacing a message keeps its place. */
  readonly #queue = new Map<number | symbol, QueuedMessage>();
  /** The sending times of the messages in flight, in epoch milliseconds. */
  readonly #sentAt: number[] = [];
  #afterLast: (() => void) | null = null;
  #closed = false;

  constructor(socket: Pick<RealtimeSocket, "send">, now: () => number) {
    this.#socket = socket;
    this.#now = now;
  }

  /** The number of queued messages. */
  get size(): number {
    return this.#queue.size;
  }

  /** The sending time of the oldest message in flight, in epoch milliseconds; `null` when none is in flight. */
  get sendingSince(): number | null {
    return this.#sentAt[0] ?? null;
  }

  /** Queues a message. `sent` is called when it has been sent or dropped. */
  push(message: RealtimeMessage, sent: () => void = () => undefined): void {
    if (this.#closed) {
      sent();
      return;
    }
    if (message.type === "ended") this.#queue.delete(message.record.id);
    if (message.type === "progress")
      this.#queue.set(message.progress.syncId, { message: this.#replacing(message), sent });
    else this.#queue.set(Symbol(), { message, sent });
    this.#sendQueued();
  }

  /** Drops the queued messages about a project, and returns them. */
  dropProject(projectId: string): readonly RealtimeMessage[] {
    const dropped: RealtimeMessage[] = [];
    for (const [key, { message, sent }] of this.#queue) {
      if (projectOf(message) !== projectId) continue;
      this.#queue.delete(key);
      dropped.push(message);
      sent();
    }
    return dropped;
  }

  /** Rejects further messages, and calls back after the last queued one is sent. */
  finish(afterLast: () => void): void {
    this.#closed = true;
    this.#afterLast = afterLast;
    this.#sendQueued();
  }

  /** Drops all messages because the client disconnected. */
  close(): void {
    this.#closed = true;
    this.#afterLast = null;
    const dropped = [...this.#queue.values()];
    this.#queue.clear();
    for (const { sent } of dropped) sent();
  }

  /** A replaced message keeps its place before ends with later cursors, and so it keeps its cursor. */
  #replacing(message: ProgressMessage): ProgressMessage {
    const replaced = this.#queue.get(message.progress.syncId)?.message;
    return replaced?.type === "progress" ? { ...message, cursor: replaced.cursor } : message;
  }

  #sendQueued(): void {
    while (this.#sentAt.length < WINDOW) {
      const [next] = this.#queue;
      if (next === undefined) break;
      const [key, { message, sent }] = next;
      this.#queue.delete(key);
      this.#sentAt.push(this.#now());
      this.#socket.send(message, () => {
        this.#sentAt.shift();
        sent();
        this.#sendQueued();
      });
    }
    if (this.#sentAt.length > 0 || this.#queue.size > 0) return;
    const afterLast = this.#afterLast;
    this.#afterLast = null;
    afterLast?.();
  }
}
