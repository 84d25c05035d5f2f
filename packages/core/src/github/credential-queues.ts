import Bottleneck from "bottleneck";
import type { Clock } from "../adapters/clock.js";
import { RecentValues } from "../timing/recent-values.js";
import { RateLimitGate } from "./rate-limit-gate.js";

/** Limits of one credential's queue. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly maxRateLimitWaitMs: number;
  /** Requests of one credential under way at once. GitHub allows 100, REST and GraphQL together. */
  readonly concurrency: number;
}

/**
 * The queues of all credentials of one SDK instance, in the shape that Octokit's throttling plugin takes. The plugin's own
 * groups belong to its module and let all tenants of a process wait for each other, with one write a second.
 */
export class CredentialQueues {
  readonly #groups: Readonly<Record<"global" | "auth" | "search" | "write" | "notifications", Bottleneck.Group>>;
  readonly #gates: RecentValues<RateLimitGate>;

  constructor(private readonly options: QueueOptions) {
    // An evicted gate that is closed would let through requests that GitHub has asked to wait.
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

  /** The throttling plugin's options for one credential. What a limit means is decided by its gate, not by the plugin. */
  throttleOptions(credentialKey: string) {
    const wait = (): boolean => false;
    return { ...this.#groups, id: credentialKey, onRateLimit: wait, onSecondaryRateLimit: wait };
  }

  /** The gate of a credential: the same one for every client of it. To be asked for at each use, since open ones are dropped. */
  gate(credentialKey: string): RateLimitGate {
    const known = this.#gates.get(credentialKey);
    if (known !== null) return known;
    const gate = new RateLimitGate(this.options.clock, this.options.maxRateLimitWaitMs);
    this.#gates.put(credentialKey, gate);
    return gate;
  }

  /** Drops what waits and forgets all credentials. */
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
