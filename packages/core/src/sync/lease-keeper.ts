import type { Clock } from "../adapters/clock.js";
import type { Lease, LockStore } from "../adapters/lock-store.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";

/** Holds one lease for as long as a sync runs, renewing it in the background. */
export class LeaseKeeper {
  readonly #locks: LockStore;
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #stopped = new AbortController();
  readonly #lost = new AbortController();
  #lease: Lease;

  private constructor(locks: LockStore, clock: Clock, ttl: number, lease: Lease) {
    this.#locks = locks;
    this.#clock = clock;
    this.#ttl = ttl;
    this.#lease = lease;
    void this.#keepRenewing();
  }

  /** Takes the lease; `null` while somebody else holds it. `ttl` in milliseconds. */
  static async acquire(locks: LockStore, clock: Clock, name: string, ttl: number): Promise<LeaseKeeper | null> {
    const lease = await locks.acquire(name, ttl);
    return lease === null ? null : new LeaseKeeper(locks, clock, ttl, lease);
  }

  /** The fencing token that every write of the sync carries. */
  get token(): number {
    return this.#lease.token;
  }

  /** Aborted with `lease_lost` as soon as it is known that somebody else may act. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that the lease lasts for so many milliseconds more: called before anything that cannot be taken back.
   *
   * @throws GitHubSdkError `lease_lost`
   */
  async ensure(milliseconds: number): Promise<void> {
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    if (this.#lease.expiresAt - this.#clock.now() < milliseconds) await this.#renew();
  }

  /** Gives the lease back. */
  async release(): Promise<void> {
    this.#stopped.abort();
    await this.#locks.release(this.#lease);
  }

  async #keepRenewing(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#clock.idle(this.#ttl / 3, this.#stopped.signal);
        await this.#renew();
      } catch (error) {
        // A store that does not answer is asked again; what counts is checked by ensure() before the effect.
        if (this.#stopped.signal.aborted || isGitHubSdkError(error, "lease_lost")) return;
      }
    }
  }

  async #renew(): Promise<void> {
    const renewed = await this.#locks.renew(this.#lease, this.#ttl);
    if (renewed === null) {
      this.#lost.abort(new GitHubSdkError("lease_lost", "Another process took over this branch. Run the sync again."));
      throw this.#lost.signal.reason;
    }
    this.#lease = renewed;
  }
}
