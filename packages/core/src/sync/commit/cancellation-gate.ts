/**
 * Forwards the signal that cancels a sync to the writer until the gate is closed, right before the branch moves. An abort
 * after that would leave it unknown whether the branch moved.
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

  /** True once the branch may have moved. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Stops forwarding aborts. @throws the signal's reason when the sync was cancelled before */
  close(): void {
    if (this.#closed) return;
    this.#outer.throwIfAborted();
    this.#closed = true;
    this.dispose();
  }

  /** Stops listening to the outer signal. */
  dispose(): void {
    this.#outer.removeEventListener("abort", this.#forward);
  }
}
