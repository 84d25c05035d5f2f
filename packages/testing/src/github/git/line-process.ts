import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawnGit } from "./git-process.js";
import type { PooledProcess, ProcessPool } from "./process-pool.js";

interface Exchange<T> {
  request: string;
  /** Parses the complete response, or returns `undefined` while it is incomplete. */
  parse: (buffer: Buffer) => { value: T } | undefined;
  resolve: (value: T) => void;
  reject: (reason: Error) => void;
}

/**
 * A git command that handles requests on its standard streams (`cat-file --batch`, `update-ref --stdin`), one at a time. It
 * starts with the first request and again after it exited. An idle process does not keep Node.js running.
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

  /** True while a request is in progress or queued. */
  get busy(): boolean {
    return this.current !== undefined || this.queue.length > 0;
  }

  /** Sends a request. Resolves with the parsed response; rejects with git's stderr when the process exits. */
  ask<T>(request: string, parse: Exchange<T>["parse"]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ request, parse, resolve: resolve as (value: unknown) => void, reject });
      this.pump();
    });
  }

  /** Ends the process and rejects the request in progress. */
  end(): void {
    const child = this.child;
    this.child = undefined;
    this.chunks = [];
    // The process exits when its stdin is closed.
    child?.stdin.end();
    const exchange = this.current;
    this.current = undefined;
    exchange?.reject(new Error("The box was closed."));
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

/** The pipes of a child process are sockets, but Node's types do not declare `ref` and `unref` on them. */
interface Referable {
  ref?: () => unknown;
  unref?: () => unknown;
}
