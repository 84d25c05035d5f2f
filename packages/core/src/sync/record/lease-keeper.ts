import type { Clock } from "../../adapters/clock.js";
import type { Lease, LockStore } from "../../adapters/lock-store.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";

/** Holds one lease for as long as a sync runs, renewing it in the background. */
export class LeaseKeeper {
  readonly #locks: LockStore;
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #stopped = new AbortController();
  readonly #lost = new AbortController();
  #lease: Lease;
  /** By this process's clock, which the store's may differ from: so long after the store was asked it holds at least. */
  #heldUntil: number;

  private constructor(locks: LockStore, clock: Clock, ttl: number, lease: Lease, heldUntil: number) {
    this.#locks = locks;
    this.#clock = clock;
    this.#ttl = ttl;
    this.#lease = lease;
    this.#heldUntil = heldUntil;
    void this.#keepRenewing();
  }

  /** Takes the lease; `null` while somebody else holds it. `ttl` in milliseconds. */
  static async acquire(locks: LockStore, clock: Clock, name: string, ttl: number): Promise<LeaseKeeper | null> {
    const heldUntil = clock.now() + ttl;
    const lease = await locks.acquire(name, ttl);
    return lease === null ? null : new LeaseKeeper(locks, clock, ttl, lease, heldUntil);
  }

  /** The fencing token that every write of the sync carries. */
  get token(): number {
    return this.#lease.token;
  }

  /** Aborted with `lease_lost` as soon as somebody else may act. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that the lease lasts for so many milliseconds more: called before anything that cannot be taken back.
   *
   * @throws GitHubSdkError `lease_lost`, and what the store throws
   */
  async ensure(milliseconds: number): Promise<void> {
    this.#lost.signal.throwIfAborted();
    if (this.#remaining() < milliseconds) await this.#renew();
    if (this.#remaining() < milliseconds) {
      throw new GitHubSdkError("lease_lost", "The lease on the branch was not renewed in time. Run the sync again.");
    }
  }

  /** Gives the lease back; one that the store does not take runs out by itself. */
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
        // A store that does not answer is asked again, for as long as the lease holds anyway.
        if (!isGitHubSdkError(error, "lease_lost") && this.#remaining() <= 0) this.#lose();
      }
    }
  }

  async #renew(): Promise<void> {
    const heldUntil = this.#clock.now() + this.#ttl;
    const renewed = await this.#locks.renew(this.#lease, this.#ttl);
    if (renewed === null) throw this.#lose();
    this.#lease = renewed;
    this.#heldUntil = Math.max(this.#heldUntil, heldUntil);
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
