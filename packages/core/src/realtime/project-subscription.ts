import type { SyncProgress } from "../events.js";
import type { ChangeCursor } from "./change-cursor.js";
import type { ProjectMessage } from "./realtime-message.js";

/**
 * The place of one connection among the changes of a project. It passes each end on once. While the connection catches up from the
 * store, it holds back live messages: the latest progress of each sync is kept, ends are read from the store.
 */
export class ProjectSubscription {
  /** The number after which the connection has received all ends, up to `#cursor`. */
  #from = 0;
  #cursor: ChangeCursor = { feedId: null, seq: 0 };
  #held: Map<number, ProjectMessage & { readonly type: "progress" }> | null = new Map();
  /** Moves of linked branches that are held back, the latest of each branch. */
  readonly #heldMoves = new Map<string, ProjectMessage>();
  #missedEnd = false;
  /** While the running syncs are read: the syncs about which live messages were passed on. */
  #reported: Set<number> | null = null;

  /** The number up to which the connection has received all ends. */
  get cursor(): ChangeCursor {
    return this.#cursor;
  }

  /** True when an end was held back since the last call of {@link hold}. */
  get missedEnd(): boolean {
    return this.#missedEnd;
  }

  /** Passes live messages on again while the running syncs are read. Returns the progress that was held back. */
  follow(): readonly ProjectMessage[] {
    const held = [...(this.#held?.values() ?? [])];
    this.#held = null;
    this.#reported = new Set(held.map(({ progress }) => progress.syncId));
    return [...held.map((message) => ({ ...message, cursor: this.#cursor })), ...this.#takeMoves()];
  }

  /** Begins to hold back live messages. */
  hold(): void {
    this.#held ??= new Map();
    this.#missedEnd = false;
  }

  /**
   * Begins at the place where the client wants to continue; `null` for the present.
   *
   * @returns a function that is true for the number of an end that the connection was already told
   */
  begin(current: ChangeCursor, seq: number | null): (ended: number) => boolean {
    if (seq === null || this.#cursor.feedId !== current.feedId) {
      this.#restartAt({ ...current, seq: seq ?? current.seq });
      return () => false;
    }
    const [from, to] = [this.#from, this.#cursor.seq];
    const isKnown = seq >= from && seq <= to;
    this.#from = isKnown ? from : seq;
    this.#cursor = { ...current, seq: isKnown ? to : seq };
    return (ended) => ended > from && ended <= to;
  }

  /** Moves to a later place after its ends were told. */
  advanceTo(cursor: ChangeCursor): void {
    this.#cursor = { feedId: cursor.feedId, seq: Math.max(this.#cursor.seq, cursor.seq) };
  }

  /** Moves back before an end that was not sent. */
  moveBackBefore(seq: number): void {
    this.#cursor = { ...this.#cursor, seq: Math.min(this.#cursor.seq, seq - 1) };
    this.#from = Math.min(this.#from, this.#cursor.seq);
  }

  /** Returns a live message as it is to be sent; `null` when it is held back or was told before. */
  accept(message: ProjectMessage): ProjectMessage | null {
    if (message.type === "resync") {
      this.#restartAt(message.cursor);
      return message;
    }
    if (this.#held !== null) return this.#hold(this.#held, message);
    if (message.type === "progress") this.#reported?.add(message.progress.syncId);
    if (message.type === "ended") {
      if (message.cursor.seq <= this.#cursor.seq) return null;
      this.#reported?.add(message.record.id);
      this.advanceTo(message.cursor);
    }
    return { ...message, cursor: this.#cursor };
  }

  /**
   * Ends holding back and returns the progress to send: the latest of each running sync, and that of syncs which started meanwhile.
   *
   * @param running the progress of the running syncs
   * @param ended the syncs whose end was told while messages were held back
   */
  release(running: readonly SyncProgress[], ended: ReadonlySet<number>): readonly ProjectMessage[] {
    const [held, reported] = [this.#held ?? new Map(), this.#reported];
    this.#held = null;
    this.#reported = null;
    const unreported = running.filter(({ syncId }) => reported?.has(syncId) !== true);
    const latest = new Map(unreported.map((progress) => [progress.syncId, progress]));
    for (const [syncId, { progress }] of held)
      if (latest.has(syncId) || !ended.has(syncId)) latest.set(syncId, progress);
    const told = [...latest.values()].map(
      (progress) => ({ type: "progress", progress, cursor: this.#cursor }) as const,
    );
    return [...told, ...this.#takeMoves()];
  }

  #takeMoves(): readonly ProjectMessage[] {
    const moves = [...this.#heldMoves.values()].map((message) => ({ ...message, cursor: this.#cursor }));
    this.#heldMoves.clear();
    return moves;
  }

  #restartAt(cursor: ChangeCursor): void {
    this.#from = cursor.seq;
    this.#cursor = cursor;
  }

  #hold(held: Map<number, ProjectMessage & { readonly type: "progress" }>, message: ProjectMessage): null {
    if (message.type === "progress") held.set(message.progress.syncId, message);
    if (message.type === "repository_changed") {
      const { repository, branch } = message.change;
      this.#heldMoves.set(`${repository} ${branch}`, message);
    }
    if (message.type === "ended") {
      held.delete(message.record.id);
      this.#missedEnd ||= message.cursor.seq > this.#cursor.seq;
    }
    return null;
  }
}
