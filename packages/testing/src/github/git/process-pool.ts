/** A long-running process that can be ended while it is idle. */
export interface PooledProcess {
  /** True while the process handles requests. */
  readonly busy: boolean;
  /** Ends the process. */
  end(): void;
}

/**
 * Limits the number of long-running git processes of a box, for tests with hundreds of repositories. Ends the process that has
 * been idle longest; it starts again when it is needed.
 */
export class ProcessPool {
  private readonly processes = new Set<PooledProcess>();

  constructor(private readonly limit = 16) {}

  /** Marks `process` as used and ends idle processes beyond the limit. */
  touch(process: PooledProcess): void {
    this.processes.delete(process);
    this.processes.add(process);
    for (const candidate of this.processes) {
      if (this.processes.size <= this.limit) return;
      if (candidate !== process && !candidate.busy) this.remove(candidate);
    }
  }

  /** Ends `process` and removes it from the pool. */
  remove(process: PooledProcess): void {
    this.processes.delete(process);
    process.end();
  }

  /** Ends all processes. */
  close(): void {
    for (const process of [...this.processes]) this.remove(process);
  }
}
