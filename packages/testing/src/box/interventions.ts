/** Milliseconds that a request is delayed before it is handled, or a function of the request that returns them. */
export type LatencyOf<Info> = number | ((request: Info) => number);

/** A function that runs before or after each request. `index` counts requests from 0. */
export type HookOf<Info> = (request: Info, index: number) => void | Promise<void>;

/** The latency of a box, and the hooks that run before and after each request. */
export class Interventions<Info extends { index: number }, Recorded extends Info> {
  delay: LatencyOf<Info> = 0;
  private readonly before = new Set<HookOf<Info>>();
  private readonly after = new Set<HookOf<Recorded>>();

  /** Runs `hook` before each request takes effect. Returns a function that removes it. */
  addBefore(hook: HookOf<Info>): () => void {
    this.before.add(hook);
    return () => this.before.delete(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that removes it. */
  addAfter(hook: HookOf<Recorded>): () => void {
    this.after.add(hook);
    return () => this.after.delete(hook);
  }

  /** Waits for the latency of a request. */
  async wait(request: Info): Promise<void> {
    const delay = typeof this.delay === "function" ? this.delay(request) : this.delay;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  }

  /** Runs the hooks for the time before a request, one after the other. */
  async runBefore(request: Info): Promise<void> {
    for (const hook of [...this.before]) await hook(request, request.index);
  }

  /** Runs the hooks for the time after a request, one after the other. */
  async runAfter(request: Recorded): Promise<void> {
    for (const hook of [...this.after]) await hook(request, request.index);
  }
}
