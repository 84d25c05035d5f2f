import type { Clock } from "../../adapters/clock.js";
import type { Lease, LockStore } from "../../adapters/lock-store.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";

// A store may take so long to extend a lease.
const STORE_LATENCY_MS = 10_000;

/** Holds one lease while a sync runs and renews it in the background. */
export class LeaseKeeper {
  readonly #locks: LockStore;
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #stopped = new AbortController();
  readonly #lost = new AbortController();
  /** Milliseconds by which the store's clock is ahead of this process's. */
  readonly #storeAhead: number;
  #lease: Lease;
  /** Epoch milliseconds of this process's clock until which the lease holds at least; the store's clock may differ. */
  #heldUntil: number;
  /** Epoch milliseconds until which the lease has to last. */
  #requiredUntil = 0;
  #renewal: Promise<void> = Promise.resolve();

  private constructor(locks: LockStore, clock: Clock, ttl: number, lease: Lease, heldUntil: number) {
    this.#locks = locks;
    this.#clock = clock;
    this.#ttl = ttl;
    this.#lease = lease;
    this.#heldUntil = heldUntil;
    this.#storeAhead = lease.expiresAt - ttl - clock.now();
    void this.#keepRenewing();
  }

  /** Acquires the lease for `ttl` milliseconds; `null` while another process holds it. */
  static async acquire(locks: LockStore, clock: Clock, name: string, ttl: number): Promise<LeaseKeeper | null> {
    const heldUntil = clock.now() + ttl;
    const lease = await locks.acquire(name, ttl);
    return lease === null ? null : new LeaseKeeper(locks, clock, ttl, lease, heldUntil);
  }

  /** The fencing token for every store write of the sync. */
  get token(): number {
    return this.#lease.token;
  }

  /** Epoch milliseconds of the store's clock, on which all processes agree. */
  get storeTime(): number {
    return this.#clock.now() + this.#storeAhead;
  }

  /** Aborted with `lease_lost` as soon as another process may hold the lease. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Renews the lease unless it lasts for that many milliseconds more. Call it before an effect that cannot be undone.
   *
   * @throws GitHubSdkError `lease_lost`, and what the store throws
   */
  async ensure(milliseconds: number): Promise<void> {
    this.#lost.signal.throwIfAborted();
    this.#requiredUntil = this.#clock.now() + milliseconds;
    if (this.#remaining() < milliseconds) await this.#renew();
    if (this.#remaining() < milliseconds) {
      throw new GitHubSdkError("lease_lost", "The lease on the branch was not renewed in time. Run the sync again.");
    }
  }

  /** Ends what {@link ensure} required: from the next renewal on the lease lasts for its usual duration. */
  relax(): void {
    this.#requiredUntil = 0;
  }

  /** Releases the lease. When the store fails, the lease expires by itself. */
  async release(): Promise<void> {
    this.#stopped.abort();
    await this.#locks.release(this.#lease).catch(() => false);
  }

  async #keepRenewing(): Promise<void> {
    const ended = AbortSignal.any([this.#stopped.signal, this.#lost.signal]);
    while (!ended.aborted) {
      try {
        await this.#clock.idle(this.#ttl / 3, ended);
        await this.#renew();
      } catch (error) {
        // A store that fails is retried while the lease lasts.
        if (!isGitHubSdkError(error, "lease_lost") && this.#remaining() <= 0) this.#lose();
      }
    }
  }

  /** Renews one after the other: a short renewal must not overtake a long one. */
  #renew(): Promise<void> {
    this.#renewal = this.#renewal.catch(() => undefined).then(() => this.#renewNow());
    return this.#renewal;
  }

  async #renewNow(): Promise<void> {
    const now = this.#clock.now();
    const required = this.#requiredUntil > now ? this.#requiredUntil - now + STORE_LATENCY_MS : 0;
    const ttl = Math.max(this.#ttl, required);
    const renewed = await this.#locks.renew(this.#lease, ttl);
    if (renewed === null) throw this.#lose();
    this.#lease = renewed;
    this.#heldUntil = now + ttl;
  }

  #remaining(): number {
    return this.#heldUntil - this.#clock.now();
  }

  #lose(): GitHubSdkError {
    const error = new GitHubSdkError("lease_lost", "Another process took over this branch. Run the sync again.");
    if (!this.#stopped.signal.aborted) this.#lost.abort(error);
    return error;
  }
}
