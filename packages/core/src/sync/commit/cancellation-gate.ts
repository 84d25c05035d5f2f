/**
 * Stands between the signal that cancels a sync and the writer: once the gate is closed, because the branch is about to move,
 * an abort no longer reaches the request. Cutting it off would leave nobody knowing whether the branch moved.
 */
export class CancellationGate {
  readonly #outer: AbortSignal;
  readonly #inner = new AbortController();
  readonly #forward = (): void => this.#inner.abort(this.#outer.reason);
  #closed = false;

  constructor(outer: AbortSignal) {
    this.#outer = outer;
    if (outer.aborted) this.#forward();
    else outer.addEventListener("abort", this.#forward, { once: true });
  }

  /** The signal for the writer. */
  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  /** Whether the branch may have moved. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The last moment at which the sync can be cancelled. @throws the signal's reason */
  close(): void {
    if (this.#closed) return;
    this.#outer.throwIfAborted();
    this.#closed = true;
    this.dispose();
  }

  /** Lets go of the outer signal. */
  dispose(): void {
    this.#outer.removeEventListener("abort", this.#forward);
  }
}
