import Bottleneck from "bottleneck";
import type { Clock } from "../adapters/clock.js";
import { RecentValues } from "../timing/recent-values.js";
import { RateLimitGate } from "./rate-limit-gate.js";

/** Limits of the request queue of each credential. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly maxRateLimitWaitMs: number;
  /** The number of concurrent requests of one credential. GitHub allows 100, REST and GraphQL together. */
  readonly concurrency: number;
}

/**
 * The request queues of all credentials of one SDK instance, in the shape that Octokit's throttling plugin accepts.
 *
 * The plugin's own groups are module globals: all tenants of a process would wait for each other, with one write a second.
 */
export class CredentialQueues {
  readonly #groups: Readonly<Record<"global" | "auth" | "search" | "write" | "notifications", Bottleneck.Group>>;
  readonly #gates: RecentValues<RateLimitGate>;
  readonly #options: QueueOptions;

  constructor(options: QueueOptions) {
    this.#options = options;
    // Evicting a closed gate would let requests through that GitHub asked to wait.
    const isEvictable = (gate: RateLimitGate): boolean => gate.isOpen;
    this.#gates = new RecentValues(options.clock, { maxAgeMs: Number.POSITIVE_INFINITY, isEvictable });
    this.#groups = {
      global: new Bottleneck.Group({ maxConcurrent: options.concurrency }),
      auth: new Bottleneck.Group({ maxConcurrent: 1 }),
      search: new Bottleneck.Group({ maxConcurrent: 1 }),
      write: new Bottleneck.Group({ maxConcurrent: options.concurrency }),
      notifications: new Bottleneck.Group({ maxConcurrent: 1 }),
    };
  }

  /** Returns the throttling plugin's options for one credential. Rate limits are handled by the credential's gate, not by the plugin. */
  throttleOptions(credentialKey: string) {
    const wait = (): boolean => false;
    return { ...this.#groups, id: credentialKey, onRateLimit: wait, onSecondaryRateLimit: wait };
  }

  /** Returns the rate limit gate that all clients of a credential share. Call it at each use: open gates may be evicted. */
  gate(credentialKey: string): RateLimitGate {
    const known = this.#gates.get(credentialKey);
    if (known !== null) return known;
    const gate = new RateLimitGate(this.#options.clock, this.#options.maxRateLimitWaitMs);
    this.#gates.put(credentialKey, gate);
    return gate;
  }

  /** Drops all waiting requests and forgets all credentials. */
  async close(): Promise<void> {
    this.#gates.clear();
    for (const group of Object.values(this.#groups)) {
      for (const { key, limiter } of group.limiters()) {
        await limiter.stop({ dropWaitingJobs: true });
        await group.deleteKey(key);
      }
    }
  }
}
