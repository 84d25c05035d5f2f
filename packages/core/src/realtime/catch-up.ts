import type { ProjectChanges } from "../adapters/sync-record-store.js";
import { isFinished, type SyncRecord } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import { type ChangeCursor, resumeFrom } from "./change-cursor.js";
import type { ProjectSubscription } from "./project-subscription.js";
import type { ProjectMessage } from "./realtime-message.js";

/** The reader of a project that a connection subscribes to. */
export interface ProjectReader {
  /** Resolves to the current place among the project's changes. Later ends are sent to the connection. */
  open(): Promise<ChangeCursor>;
  /** Resolves to the project's changes after a number, at most `limit`. */
  changedSince(after: number, limit: number): Promise<ProjectChanges>;
  /** Resolves to the progress of the project's unfinished syncs. */
  running(): Promise<readonly SyncProgress[]>;
  /** Resolves to the project's sync that ended last. */
  lastEnded(): Promise<SyncRecord | null>;
}

/** A subscription to bring up to the present. */
export interface CatchUpContext {
  readonly projectId: string;
  readonly subscription: ProjectSubscription;
  /** True when the connection was subscribed already, and continues where it is unless it sends a cursor. */
  readonly isLive: boolean;
  readonly reader: ProjectReader;
  /** Sends a message. Resolves when it has left this process, so that a slow client is not read for. */
  readonly send: (message: ProjectMessage) => Promise<void>;
  /** Returns true when the connection is no longer subscribed. */
  readonly isOver: () => boolean;
}

/** The number of changes that are read at once. */
export const CHANGES_AT_ONCE = 100;

/** Confirms a subscription and tells the client what it missed: the ends after its cursor, then the state of running syncs. */
export class CatchUp {
  readonly #context: CatchUpContext;
  readonly #ended = new Set<number>();
  #isConfirmed = false;

  constructor(context: CatchUpContext) {
    this.#context = context;
  }

  /** True when the confirmation was sent. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** @param after the client's cursor; `null` for the present */
  async run(after: string | null): Promise<void> {
    const { subscription, isLive, reader } = this.#context;
    const current = await reader.open();
    const seq = after === null ? current.seq : resumeFrom(after, current);
    const isTold = after === null && isLive ? () => false : subscription.begin(current, seq);
    const confirmed = this.#confirm(seq === null ? { ...current, seq: 0 } : subscription.cursor, seq === null);
    if (after === null && !subscription.missedEnd) await this.#tellRunning();
    else {
      // A client that does not read is not read for.
      await confirmed;
      await this.#tellMissed(isTold, { hasCursor: after !== null && seq !== null, isUnknown: seq === null });
    }
    await confirmed;
  }

  #confirm(cursor: ChangeCursor, isUnknown: boolean): Promise<void> {
    const { projectId, subscription, send } = this.#context;
    this.#isConfirmed = true;
    const confirmed = send({ type: "subscribed", projectId, cursor });
    return isUnknown ? send({ type: "resync", projectId, cursor: subscription.cursor }) : confirmed;
  }

  /** Tells the state of running syncs while live messages pass. */
  async #tellRunning(): Promise<void> {
    const { subscription, reader } = this.#context;
    this.#send(subscription.follow());
    const running = await reader.running();
    this.#send(subscription.release(running, this.#ended));
  }

  /** Tells missed ends and the state of running syncs while live messages are held back. */
  async #tellMissed(
    isTold: (seq: number) => boolean,
    { hasCursor, isUnknown }: { readonly hasCursor: boolean; readonly isUnknown: boolean },
  ): Promise<void> {
    const { subscription, reader, isOver } = this.#context;
    let readsEnds = hasCursor;
    let running: readonly SyncProgress[];
    let last: SyncRecord | null;
    do {
      readsEnds ||= subscription.missedEnd;
      subscription.hold();
      if (readsEnds) await this.#tellEnds(isTold);
      last = isUnknown ? await reader.lastEnded() : null;
      running = await reader.running();
    } while (subscription.missedEnd && !isOver());
    if (isOver()) return;
    this.#send(subscription.release(running, this.#ended));
    const { cursor } = subscription;
    if (last !== null && last.changeSeq <= cursor.seq && !this.#ended.has(last.id))
      this.#send([{ type: "ended", record: last, cursor }]);
  }

  #send(messages: readonly ProjectMessage[]): void {
    for (const message of messages) void this.#context.send(message);
  }

  async #tellEnds(isTold: (seq: number) => boolean): Promise<void> {
    const { subscription, reader, send, isOver } = this.#context;
    for (let isLast = false; !isLast; ) {
      const { records, seq, feedId } = await reader.changedSince(subscription.cursor.seq, CHANGES_AT_ONCE);
      let sent: Promise<void> | null = null;
      for (const record of records) {
        const cursor = { feedId, seq: record.changeSeq };
        const isEnd = isFinished(record.status);
        if (isEnd) this.#ended.add(record.id);
        else this.#ended.delete(record.id);
        if (isEnd && !isTold(record.changeSeq)) sent = send({ type: "ended", record, cursor });
        subscription.advanceTo(cursor);
      }
      await sent;
      isLast = records.length < CHANGES_AT_ONCE || isOver();
      if (isLast && !isOver()) subscription.advanceTo({ feedId, seq });
    }
  }
}
