import type { Clock } from "@infrajet/github/adapters";
import type { TestClock } from "./conformance-case.js";

/** How a manual clock behaves. */
export interface ManualClockOptions {
  /** Epoch milliseconds at the beginning; 2026-01-01T00:00:00Z unless told. */
  readonly now?: number;
  /**
   * Moves on to the next due `sleep` by itself once nothing happened for a turn of the event loop; `idle` waits of upkeep in
   * the background end on the way and move nothing. For code that waits for nothing but its sleeps: an answer that is still
   * on its way over a socket does not hold the clock back.
   */
  readonly autoAdvance?: boolean;
}

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock, TestClock {
  /**
   * Lets time pass. Sleeps end in the order in which they are due, each at its own time, and what they wake has run before
   * the next one ends, so sleeps that begin on the way are part of it.
   */
  advance(milliseconds: number): Promise<void>;
  /** Resolves once at least that many sleeps (1 unless told), `idle` ones included, are pending. */
  sleeping(count?: number): Promise<void>;
}

interface Sleep {
  readonly due: number;
  readonly background: boolean;
  readonly end: () => void;
}

interface Watcher {
  readonly count: number;
  readonly resolve: () => void;
}

const NEW_YEAR_2026 = Date.UTC(2026, 0, 1);

/** A clock for tests: time passes when the test says so, and only then. */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  return new SteppedClock(options.now ?? NEW_YEAR_2026, options.autoAdvance ?? false);
}

class SteppedClock implements ManualClock {
  #now: number;
  readonly #autoAdvance: boolean;
  readonly #sleeps = new Set<Sleep>();
  readonly #watchers = new Set<Watcher>();
  #advancing = false;

  constructor(now: number, autoAdvance: boolean) {
    this.#now = now;
    this.#autoAdvance = autoAdvance;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#wait(milliseconds, signal, false);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.#wait(milliseconds, signal, true);
  }

  #wait(milliseconds: number, signal: AbortSignal | undefined, background: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (milliseconds <= 0) return resolve();
      const forget = (): void => {
        this.#sleeps.delete(sleep);
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        forget();
        reject(signal?.reason);
      };
      const end = (): void => {
        forget();
        resolve();
      };
      const sleep: Sleep = { due: this.#now + milliseconds, background, end };
      this.#sleeps.add(sleep);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#tellWatchers();
      if (this.#autoAdvance && !background) void this.#advanceWhenIdle();
    });
  }

  async advance(milliseconds: number): Promise<void> {
    const target = this.#now + milliseconds;
    await turn();
    for (let next = this.#next(); next !== null && next.due <= target; next = this.#next()) {
      this.#now = Math.max(this.#now, next.due);
      next.end();
      await turn();
    }
    this.#now = Math.max(this.#now, target);
  }

  sleeping(count = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.add({ count, resolve });
      this.#tellWatchers();
    });
  }

  // The first due; of several the one that began first.
  #next(): Sleep | null {
    let first: Sleep | null = null;
    for (const sleep of this.#sleeps) if (first === null || sleep.due < first.due) first = sleep;
    return first;
  }

  async #advanceWhenIdle(): Promise<void> {
    if (this.#advancing) return;
    this.#advancing = true;
    await turn();
    for (let next = this.#next(); next !== null && this.#hasForeground(); next = this.#next()) {
      this.#now = Math.max(this.#now, next.due);
      next.end();
      await turn();
    }
    this.#advancing = false;
  }

  #hasForeground(): boolean {
    return [...this.#sleeps].some((sleep) => !sleep.background);
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) {
      if (this.#sleeps.size < watcher.count) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
  }
}

/** Lets everything run that is ready: promises, and callbacks of the event loop's current turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
