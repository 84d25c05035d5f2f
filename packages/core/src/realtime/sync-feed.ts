import { isFinished, type SyncRecord, type SyncStatus } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import type { RealtimeMessage } from "./realtime-message.js";

/** How a sync can end. */
export type SyncEnd = Extract<SyncStatus, "completed" | "failed" | "cancelled">;

type Happening =
  | { readonly kind: "progress"; readonly progress: SyncProgress }
  | { readonly kind: "end"; readonly status: SyncEnd };

/** What a feed needs to know and to do. */
export interface SyncFeedServices {
  readonly find: (syncId: number) => Promise<SyncRecord | null>;
  readonly now: () => number;
  readonly tell: (message: RealtimeMessage) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One sync as its followers see it. Events say that a sync has ended, the record says how: while it is read, what happens
 * next waits, so that everything is told in the order in which it happened, and each end once.
 */
export class SyncFeed {
  readonly #syncId: number;
  readonly #services: SyncFeedServices;
  readonly #happenings: Happening[] = [];
  #telling: Promise<void> | null = null;
  #toldEnd: string | null = null;
  #heardAt: number;

  constructor(syncId: number, services: SyncFeedServices) {
    this.#syncId = syncId;
    this.#services = services;
    this.#heardAt = services.now();
  }

  /** When something was last heard of the sync, in epoch milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Whether the latest that was told is how the sync ended. */
  get hasEnded(): boolean {
    return this.#toldEnd !== null && this.#telling === null;
  }

  /** Resolves when everything that was heard so far has been told. */
  async settled(): Promise<void> {
    while (this.#telling !== null) await this.#telling;
  }

  progress(progress: SyncProgress): void {
    if (this.#happenings.at(-1)?.kind === "progress") this.#happenings.pop();
    this.#heard({ kind: "progress", progress });
  }

  end(status: SyncEnd): void {
    this.#heard({ kind: "end", status });
  }

  /** Looks whether the sync has ended unheard: events may get lost on their way from another process. */
  async lookAgain(): Promise<void> {
    try {
      const record = await this.#services.find(this.#syncId);
      this.#heardAt = this.#services.now();
      if (record !== null && isEnd(record.status) && this.#telling === null) this.#tellEnd(record);
    } catch (error) {
      this.#services.failed(error);
    }
  }

  #heard(happening: Happening): void {
    this.#heardAt = this.#services.now();
    this.#happenings.push(happening);
    if (this.#telling === null) this.#tellAll();
  }

  /** Progress is told at once as long as no end is being looked up. */
  #tellAll(): void {
    for (let next = this.#happenings.shift(); next !== undefined; next = this.#happenings.shift()) {
      if (next.kind === "end") {
        this.#telling = this.#tellEndOf(next.status);
        return;
      }
      this.#toldEnd = null;
      this.#services.tell({ type: "progress", progress: next.progress });
    }
  }

  async #tellEndOf(status: SyncEnd): Promise<void> {
    try {
      const record = await this.#services.find(this.#syncId);
      // A sync that was retried at once runs again by now; it has ended all the same.
      if (record !== null) this.#tellEnd({ ...record, status });
    } catch (error) {
      this.#services.failed(error);
    }
    this.#telling = null;
    this.#tellAll();
  }

  #tellEnd(record: SyncRecord): void {
    const end = `${record.status} ${record.updatedAt.getTime()}`;
    if (this.#toldEnd === end) return;
    this.#toldEnd = end;
    this.#services.tell({ type: "ended", record });
  }
}

function isEnd(status: SyncStatus): status is SyncEnd {
  return isFinished(status);
}
