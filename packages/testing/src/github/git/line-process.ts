import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawnGit } from "./git-process.js";
import type { PooledProcess, ProcessPool } from "./process-pool.js";

interface Exchange<T> {
  request: string;
  /** Makes a value of the whole answer, or undefined while some of it is still to come. */
  parse: (buffer: Buffer) => { value: T } | undefined;
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
}

/**
 * A git command that answers requests on its standard streams (`cat-file --batch`, `update-ref --stdin`), one at a time,
 * started when it is first asked and again after it died. While nobody waits it does not keep Node running.
 */
export class LineProcess implements PooledProcess {
  private child: ChildProcessWithoutNullStreams | undefined;
  private readonly queue: Exchange<unknown>[] = [];
  private current: Exchange<unknown> | undefined;
  private chunks: Buffer[] = [];
  private stderr = "";

  constructor(
    private readonly gitDir: string,
    private readonly args: readonly string[],
    private readonly pool: ProcessPool,
  ) {}

  get busy(): boolean {
    return this.current !== undefined || this.queue.length > 0;
  }

  /** Sends `request` and resolves with what `parse` makes of the answer; rejects with git's stderr when it dies. */
  ask<T>(request: string, parse: Exchange<T>["parse"]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ request, parse, resolve: resolve as (value: unknown) => void, reject });
      this.pump();
    });
  }

  end(): void {
    const child = this.child;
    this.child = undefined;
    this.chunks = [];
    // A closed stdin is the process's order to leave.
    child?.stdin.end();
    const exchange = this.current;
    this.current = undefined;
    exchange?.reject(new Error("the box was closed"));
  }

  private pump(): void {
    if (this.current !== undefined) return;
    const next = this.queue.shift();
    if (next === undefined) {
      this.reference(false);
      return;
    }
    this.current = next;
    this.chunks = [];
    const child = this.child ?? this.start();
    this.reference(true);
    this.pool.touch(this);
    child.stdin.write(next.request);
  }

  private start(): ChildProcessWithoutNullStreams {
    const child = spawnGit(this.gitDir, this.args);
    this.child = child;
    this.stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (this.child === child) this.receive(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (this.child === child) this.stderr += chunk.toString();
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => this.died(child, error));
    child.on("close", () => this.died(child, new Error(this.stderr.trim())));
    return child;
  }

  private receive(chunk: Buffer): void {
    const exchange = this.current;
    if (exchange === undefined) return;
    this.chunks.push(chunk);
    const buffer = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.chunks = [buffer];
    const parsed = exchange.parse(buffer);
    if (parsed === undefined) return;
    this.current = undefined;
    exchange.resolve(parsed.value);
    this.pump();
  }

  private died(child: ChildProcessWithoutNullStreams, reason: Error): void {
    if (this.child !== child) return;
    this.child = undefined;
    const exchange = this.current;
    this.current = undefined;
    exchange?.reject(reason);
    this.pump();
  }

  private reference(needed: boolean): void {
    const child = this.child;
    if (child === undefined) return;
    for (const handle of [child, child.stdin, child.stdout, child.stderr] as Referable[]) {
      if (needed) handle.ref?.();
      else handle.unref?.();
    }
  }
}

/** Node's pipes are sockets, which its stream types do not say. */
interface Referable {
  ref?: () => unknown;
  unref?: () => unknown;
}
