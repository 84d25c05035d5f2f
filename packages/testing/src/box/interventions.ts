/** Milliseconds that a request waits before it is looked at. */
export type LatencyOf<Info> = number | ((request: Info) => number);

/** Runs before or after a request. */
export type HookOf<Info> = (request: Info, index: number) => void | Promise<void>;

/** Where a test may step in while requests pass: latency, and hooks before and after each of them. */
export class Interventions<Info extends { index: number }, Recorded extends Info> {
  delay: LatencyOf<Info> = 0;
  private readonly before = new Set<HookOf<Info>>();
  private readonly after = new Set<HookOf<Recorded>>();

  /** Runs `hook` before each request takes effect. Returns a function that takes it away. */
  addBefore(hook: HookOf<Info>): () => void {
    this.before.add(hook);
    return () => this.before.delete(hook);
  }

  /** Runs `hook` after each request has taken effect. Returns a function that takes it away. */
  addAfter(hook: HookOf<Recorded>): () => void {
    this.after.add(hook);
    return () => this.after.delete(hook);
  }

  /** Waits as long as this request has to. */
  async wait(request: Info): Promise<void> {
    const delay = typeof this.delay === "function" ? this.delay(request) : this.delay;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  }

  /** Runs the hooks before a request, one after the other. */
  async runBefore(request: Info): Promise<void> {
    for (const hook of [...this.before]) await hook(request, request.index);
  }

  /** Runs the hooks after a request, one after the other. */
  async runAfter(request: Recorded): Promise<void> {
    for (const hook of [...this.after]) await hook(request, request.index);
  }
}
