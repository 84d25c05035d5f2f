import assert from "node:assert/strict";

/** A promise that a test resolves. */
export class Gate {
  /** Resolves after {@link Gate.open}. */
  readonly opened: Promise<void>;
  /** Resolves {@link Gate.opened}. */
  open = (): void => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

// Ends a case that hangs, also on a busy machine.
const TIMEOUT_MILLISECONDS = 30_000;

/** A list of values that a test can wait for. */
export class Watched<Value> {
  /** The values so far. */
  readonly values: Value[] = [];
  #check = (): void => {};

  /** Adds a value. */
  add(value: Value): void {
    this.values.push(value);
    this.#check();
  }

  /** Resolves when the values are enough. Rejects after a time, with the values. Defaults to 30 seconds. */
  until(isEnough: (values: readonly Value[]) => boolean, milliseconds = TIMEOUT_MILLISECONDS): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLate = (): void =>
        reject(new assert.AssertionError({ message: `timed out after these values: ${JSON.stringify(this.values)}` }));
      const timer = setTimeout(tooLate, milliseconds);
      this.#check = () => {
        if (!isEnough(this.values)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#check();
    });
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
