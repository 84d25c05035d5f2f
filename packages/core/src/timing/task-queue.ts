/** Runs a limited number of tasks at the same time, in the order in which they were added. */
export class TaskQueue {
  readonly #maxConcurrent: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(maxConcurrent: number) {
    this.#maxConcurrent = maxConcurrent;
  }

  /** True when no task runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Runs a task when it is its turn. A task that is no longer needed has to check that itself, and frees its place by ending. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#maxConcurrent) this.#running += 1;
    // The task that ends passes its place on, so that none that is added at that moment comes first.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
