import type { Clock } from "@infrajet/github/adapters";
import type { TestClock } from "./conformance-case.js";

/** Options of {@link createManualClock}. */
export interface ManualClockOptions {
  /** The initial epoch milliseconds. Defaults to 2026-01-01T00:00:00Z. */
  readonly now?: number;
  /**
   * Advances to the next due `sleep` after an idle turn of the event loop. `idle` waits end on the way but do not advance the
   * clock. For code that waits only for its sleeps: a pending response on a socket does not stop the clock. Defaults to
   * `false`.
   */
  readonly autoAdvance?: boolean;
}

/** A clock that only tests advance. */
export interface ManualClock extends Clock, TestClock {
  /**
   * Advances the clock. Sleeps end in the order in which they are due, each at its own time. Code that waits for a sleep runs
   * before the next sleep ends, so that sleeps which start meanwhile are included.
   */
  advance(milliseconds: number): Promise<void>;
  /** Resolves when at least `count` sleeps, including `idle` ones, are pending. Defaults to `1`. */
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

/** Returns a clock whose time passes only when a test advances it. */
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
      this.#notifyWatchers();
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
      this.#notifyWatchers();
    });
  }

  // Of several sleeps with the same due time, the one that started first.
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

  #notifyWatchers(): void {
    for (const watcher of this.#watchers) {
      if (this.#sleeps.size < watcher.count) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
  }
}

/** Resolves after all pending promises and the callbacks of the event loop's current turn have run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
