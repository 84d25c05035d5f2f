import type { Clock } from "../adapters/clock.js";
import { RecentValues } from "../timing/recent-values.js";
import { TaskQueue } from "../timing/task-queue.js";
import { RateLimitGate } from "./rate-limit-gate.js";

/** Limits of the request queue of each credential. */
export interface QueueOptions {
  readonly clock: Clock;
  /** The number of concurrent requests of one credential. GitHub allows 100, REST and GraphQL together. */
  readonly concurrency: number;
}

/** Requests that make tokens run one by one. */
const TOKEN_ROUTE = /\/access_tokens$/;

/**
 * The request queues of all credentials of one SDK instance.
 *
 * Those of Octokit's throttling plugin are module globals: all tenants of a process would wait for each other, with one write a
 * second.
 */
export class CredentialQueues {
  readonly #queues: RecentValues<TaskQueue>;
  readonly #gates: RecentValues<RateLimitGate>;

  readonly #options: QueueOptions;

  constructor(options: QueueOptions) {
    this.#options = options;
    const maxAgeMs = Number.POSITIVE_INFINITY;
    // Evicting a queue in use would allow more concurrent requests than its limit.
    this.#queues = new RecentValues(options.clock, { maxAgeMs, isEvictable: ({ isIdle }) => isIdle });
    // Evicting a closed gate would let requests through that GitHub asked to wait.
    this.#gates = new RecentValues(options.clock, { maxAgeMs, isEvictable: ({ isOpen }) => isOpen });
  }

  /** Returns the queue that all requests of a credential for a route share. Call it for each request: idle queues may be evicted. */
  queue(credentialKey: string, route: string): TaskQueue {
    const isToken = TOKEN_ROUTE.test(route);
    const key = `${isToken ? "token" : "request"} ${credentialKey}`;
    const known = this.#queues.get(key);
    if (known !== null) return known;
    const queue = new TaskQueue(isToken ? 1 : this.#options.concurrency);
    this.#queues.put(key, queue);
    return queue;
  }

  /** Returns the rate limit gate that all clients of a credential share. Call it at each use: open gates may be evicted. */
  gate(credentialKey: string): RateLimitGate {
    const known = this.#gates.get(credentialKey);
    if (known !== null) return known;
    const gate = new RateLimitGate(this.#options.clock);
    this.#gates.put(credentialKey, gate);
    return gate;
  }

  /** Forgets all credentials. */
  close(): void {
    this.#queues.clear();
    this.#gates.clear();
  }
}
