import type { EndMessage } from "./follow-message.js";

const MAX_SYNCS = 1_000;

/** The ends that a client received, since the server repeats the last one when it does not know the client's cursor. */
export class ToldEnds {
  /** The last end of each sync. A sync that is retried ends again. */
  readonly #ends = new Map<string, string>();

  /** Remembers an end. Returns false when the client received it before. */
  add({ type, data }: EndMessage): boolean {
    const end = `${type} ${data.completed_at}`;
    if (this.#ends.get(data.sync_id) === end) return false;
    this.#ends.delete(data.sync_id);
    this.#ends.set(data.sync_id, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MAX_SYNCS && oldest !== undefined) this.#ends.delete(oldest);
    return true;
  }
}
