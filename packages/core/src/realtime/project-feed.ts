import type { ProjectChanges } from "../adapters/sync-record-store.js";
import { isFinished, type SyncRecord, type SyncStatus } from "../domain/sync-record.js";
import type { RepositoryChangedEvent, SyncProgress } from "../events.js";
import { CHANGES_AT_ONCE } from "./catch-up.js";
import type { ChangeCursor } from "./change-cursor.js";
import type { ProjectMessage } from "./realtime-message.js";

/** The status of a finished sync. */
export type SyncEnd = Extract<SyncStatus, "completed" | "failed" | "cancelled">;

/** The services that a feed uses. */
export interface ProjectFeedServices {
  readonly projectId: string;
  readonly changedSince: (after: number, limit: number) => Promise<ProjectChanges>;
  readonly running: () => Promise<readonly SyncProgress[]>;
  readonly lastEnded: () => Promise<SyncRecord | null>;
  readonly now: () => number;
  readonly send: (message: ProjectMessage) => void;
  readonly failed: (error: unknown) => void;
}

type FeedEvent =
  | { readonly kind: "progress"; readonly progress: SyncProgress }
  | { readonly kind: "end"; readonly syncId: number; readonly status: SyncEnd }
  | { readonly kind: "poll" };

/** A sync of which the feed has heard. */
interface KnownSync {
  readonly ended: boolean;
  /** The time of the last event or reading, in epoch milliseconds. */
  readonly heardAt: number;
  readonly told: SyncProgress | null;
}

const QUIET_AFTER = 30_000;

/**
 * The messages about the syncs of one project to its subscribers. An event only says that a sync has ended: the changes since the
 * last ones are read from the store, so that a lost event is made up for by the next one or by a poll. Later events wait while
 * they are read, so that messages keep their order and each end is sent once.
 */
export class ProjectFeed {
  readonly #services: ProjectFeedServices;
  readonly #syncs = new Map<number, KnownSync>();
  /** The place up to which all ends were sent; `null` while it was not read. */
  #cursor: ChangeCursor | null = null;
  #opening: Promise<ChangeCursor> | null = null;
  #pending: FeedEvent[] = [];
  #draining: Promise<void> | null = null;

  constructor(services: ProjectFeedServices) {
    this.#services = services;
  }

  /** Resolves to the current place among the project's changes. The feed sends all later ends. */
  async open(): Promise<ChangeCursor> {
    // The feed has to begin at this place or before it.
    await this.#begin();
    return this.#current();
  }

  /** Resolves when the messages for all events so far have been sent. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** Handles a progress event. */
  progress(progress: SyncProgress): void {
    const last = this.#pending.at(-1);
    if (last?.kind === "progress" && last.progress.syncId === progress.syncId) this.#pending.pop();
    this.#add({ kind: "progress", progress });
  }

  /** Handles the end of a sync. */
  end(syncId: number, status: SyncEnd): void {
    this.#add({ kind: "end", syncId, status });
  }

  /** Tells that a branch which the project is linked to has moved. A lost event is not repeated: the sync that follows is. */
  repositoryChanged(change: RepositoryChangedEvent): void {
    const { send } = this.#services;
    send({ type: "repository_changed", change, cursor: this.#cursor ?? { feedId: null, seq: 0 } });
  }

  /** Notes the running syncs that a subscriber was told about, so that they are polled when their events get lost. */
  note(running: readonly SyncProgress[]): void {
    for (const progress of running)
      if (!this.#syncs.has(progress.syncId)) this.#know(progress.syncId, { ended: false, told: progress });
  }

  /** Reads the store, in case events got lost between processes. Sends the progress of running syncs without recent events. */
  poll(): Promise<void> {
    this.#add({ kind: "poll" });
    return this.idle();
  }

  #add(event: FeedEvent): void {
    this.#pending.push(event);
    if (this.#draining === null) this.#drain();
  }

  /** Sends progress immediately, unless the store is being read. */
  #drain(): void {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      if (next.kind !== "progress") {
        this.#draining = this.#read(next).finally(() => {
          this.#draining = null;
          this.#drain();
        });
        return;
      }
      this.#sendProgress(next.progress);
    }
  }

  #begin(): Promise<ChangeCursor> {
    this.#opening ??= this.#current().then(
      (cursor) => {
        this.#cursor = cursor;
        return cursor;
      },
      (error) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  async #current(): Promise<ChangeCursor> {
    const { feedId, seq } = await this.#services.changedSince(0, 0);
    return { feedId, seq };
  }

  async #read(event: Exclude<FeedEvent, { readonly kind: "progress" }>): Promise<void> {
    const quietSince = this.#services.now() - QUIET_AFTER;
    try {
      const changed = await this.#advance(event);
      if (event.kind === "poll") await this.#sendQuiet(quietSince, changed);
    } catch (error) {
      this.#services.failed(error);
    }
  }

  /** Sends the ends since the last ones. Resolves to the syncs that changed. */
  async #advance(event: FeedEvent): Promise<ReadonlySet<number>> {
    const changed = new Set<number>();
    for (let cursor = this.#cursor ?? (await this.#begin()); ; ) {
      const { records, seq, feedId } = await this.#services.changedSince(cursor.seq, CHANGES_AT_ONCE);
      if (isReplaced(cursor, { seq, feedId })) {
        await this.#restart({ seq, feedId });
        return changed;
      }
      for (const record of records) {
        changed.add(record.id);
        cursor = { feedId, seq: record.changeSeq };
        this.#tell(record, cursor, event);
      }
      const isLast = records.length < CHANGES_AT_ONCE;
      if (isLast) cursor = { feedId, seq: Math.max(cursor.seq, seq) };
      this.#cursor = cursor;
      if (isLast) return changed;
    }
  }

  #tell(record: SyncRecord, cursor: ChangeCursor, event: FeedEvent): void {
    const { id, status } = record;
    const { send } = this.#services;
    if (isFinished(status)) send({ type: "ended", record, cursor });
    // A sync that was retried immediately has already another status. Its end is sent before.
    else if (event.kind === "end" && event.syncId === id && this.#syncs.get(id)?.ended !== true)
      send({ type: "ended", record: { ...record, status: event.status }, cursor: { ...cursor, seq: cursor.seq - 1 } });
    this.#know(id, { ended: isFinished(status), told: null });
  }

  async #restart(cursor: ChangeCursor): Promise<void> {
    const { projectId, running, lastEnded, send } = this.#services;
    const record = await lastEnded();
    const unfinished = await running();
    this.#cursor = cursor;
    this.#syncs.clear();
    // The end of the snapshot must not be taken for one that was told.
    send({ type: "resync", projectId, cursor: record === null ? cursor : { ...cursor, seq: cursor.seq - 1 } });
    for (const progress of unfinished) this.#sendProgress(progress);
    if (record !== null) send({ type: "ended", record, cursor });
  }

  /** Sends the stored progress of running syncs without recent events, and forgets syncs that ended before. */
  async #sendQuiet(quietSince: number, changed: ReadonlySet<number>): Promise<void> {
    const quiet = [...this.#syncs].filter(([id, { heardAt }]) => heardAt <= quietSince || changed.has(id));
    for (const [id, { ended }] of quiet) if (ended) this.#syncs.delete(id);
    const running = new Set(quiet.filter(([, { ended }]) => !ended).map(([id]) => id));
    if (running.size === 0) return;
    for (const progress of await this.#services.running()) {
      const told = this.#syncs.get(progress.syncId)?.told;
      if (running.has(progress.syncId) && !isSame(progress, told)) this.#sendProgress(progress);
    }
  }

  #sendProgress(progress: SyncProgress): void {
    this.#know(progress.syncId, { ended: false, told: progress });
    this.#services.send({ type: "progress", progress, cursor: this.#cursor ?? { feedId: null, seq: 0 } });
  }

  #know(syncId: number, { ended, told }: Pick<KnownSync, "ended" | "told">): void {
    this.#syncs.set(syncId, { ended, told, heardAt: this.#services.now() });
  }
}

/** True when the store has other changes than those that were told: it was emptied or restored. */
function isReplaced(told: ChangeCursor, { feedId, seq }: ChangeCursor): boolean {
  return told.seq > seq || (told.seq > 0 && told.feedId !== feedId);
}

function isSame(progress: SyncProgress, told: SyncProgress | null | undefined): boolean {
  return told?.phase === progress.phase && told.percentage === progress.percentage;
}
