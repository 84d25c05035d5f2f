import { isFinished, type SyncRecord, type SyncStatus } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import type { RealtimeMessage } from "./realtime-message.js";

/** The status of a finished sync. */
export type SyncEnd = Extract<SyncStatus, "completed" | "failed" | "cancelled">;

type FeedEvent =
  | { readonly kind: "progress"; readonly progress: SyncProgress }
  | { readonly kind: "end"; readonly status: SyncEnd };

/** The services that a feed uses. */
export interface SyncFeedServices {
  readonly find: (syncId: number) => Promise<SyncRecord | null>;
  readonly now: () => number;
  readonly send: (message: RealtimeMessage) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The messages about one sync to its subscribers. An event only says that a sync has ended; the result is read from the record.
 * Later events wait while it is read, so that messages keep their order and each end is sent once.
 */
export class SyncFeed {
  readonly #syncId: number;
  readonly #services: SyncFeedServices;
  readonly #pending: FeedEvent[] = [];
  #sendingEnd: Promise<void> | null = null;
  #lastEnd: string | null = null;
  #updatedAt: number;

  constructor(syncId: number, services: SyncFeedServices) {
    this.#syncId = syncId;
    this.#services = services;
    this.#updatedAt = services.now();
  }

  /** The time of the last event or poll, in epoch milliseconds. */
  get updatedAt(): number {
    return this.#updatedAt;
  }

  /** True when the last message was the end of the sync. */
  get hasEnded(): boolean {
    return this.#lastEnd !== null && this.#sendingEnd === null;
  }

  /** Resolves when the messages for all events so far have been sent. */
  async idle(): Promise<void> {
    while (this.#sendingEnd !== null) await this.#sendingEnd;
  }

  /** Handles a progress event. */
  progress(progress: SyncProgress): void {
    if (this.#pending.at(-1)?.kind === "progress") this.#pending.pop();
    this.#add({ kind: "progress", progress });
  }

  /** Handles the end of the sync. */
  end(status: SyncEnd): void {
    this.#add({ kind: "end", status });
  }

  /** Reads the record and sends the end of the sync, in case its event got lost between processes. */
  async poll(): Promise<void> {
    try {
      const record = await this.#services.find(this.#syncId);
      this.#updatedAt = this.#services.now();
      if (record !== null && isEnd(record.status) && this.#sendingEnd === null) this.#sendEnd(record);
    } catch (error) {
      this.#services.failed(error);
    }
  }

  #add(event: FeedEvent): void {
    this.#updatedAt = this.#services.now();
    this.#pending.push(event);
    if (this.#sendingEnd === null) this.#sendPending();
  }

  /** Sends progress immediately, unless the record of an ended sync is being read. */
  #sendPending(): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      if (next.kind === "end") {
        this.#sendingEnd = this.#readAndSendEnd(next.status);
        return;
      }
      this.#lastEnd = null;
      this.#services.send({ type: "progress", progress: next.progress });
    }
  }

  async #readAndSendEnd(status: SyncEnd): Promise<void> {
    try {
      const record = await this.#services.find(this.#syncId);
      // The record of a sync that was retried immediately has already another status.
      if (record !== null) this.#sendEnd({ ...record, status });
    } catch (error) {
      this.#services.failed(error);
    }
    this.#sendingEnd = null;
    this.#sendPending();
  }

  #sendEnd(record: SyncRecord): void {
    const end = `${record.status} ${record.updatedAt.getTime()}`;
    if (this.#lastEnd === end) return;
    this.#lastEnd = end;
    this.#services.send({ type: "ended", record });
  }
}

function isEnd(status: SyncStatus): status is SyncEnd {
  return isFinished(status);
}
