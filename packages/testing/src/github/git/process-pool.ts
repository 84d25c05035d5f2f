/** A long-lived process that may be ended whenever nobody waits for it. */
export interface PooledProcess {
  readonly busy: boolean;
  end(): void;
}

/**
 * Bounds how many long-lived git processes a box keeps: a test with hundreds of repositories must not hold hundreds of
 * processes. The one that has been idle longest goes first; it starts again when it is needed.
 */
export class ProcessPool {
  private readonly processes = new Set<PooledProcess>();

  constructor(private readonly limit = 16) {}

  /** Notes that `process` is in use now, and ends idle ones beyond the limit. */
  touch(process: PooledProcess): void {
    this.processes.delete(process);
    this.processes.add(process);
    for (const candidate of this.processes) {
      if (this.processes.size <= this.limit) return;
      if (candidate !== process && !candidate.busy) this.remove(candidate);
    }
  }

  /** Ends `process` and forgets it. */
  remove(process: PooledProcess): void {
    this.processes.delete(process);
    process.end();
  }

  /** Ends all of them. */
  close(): void {
    for (const process of [...this.processes]) this.remove(process);
  }
}
