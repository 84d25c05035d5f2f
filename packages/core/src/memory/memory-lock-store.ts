import { type Clock, systemClock } from "../adapters/clock.js";
import type { Lease, LockStore } from "../adapters/lock-store.js";

// Marks a released lease, which must not be renewed. No lease can have this expiry.
const GIVEN_BACK = Number.NEGATIVE_INFINITY;

/** A store of leases in memory, for development and tests. It works within one process. */
export class MemoryLockStore implements LockStore {
  readonly #clock: Clock;
  // Released names are kept, because their tokens must keep increasing.
  readonly #leases = new Map<string, Lease>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async acquire(name: string, ttl: number): Promise<Lease | null> {
    const last = this.#leases.get(name);
    if (last !== undefined && this.#isHeld(last)) return null;
    return this.#put({ name, token: (last?.token ?? 0) + 1, expiresAt: this.#clock.now() + ttl });
  }

  async renew(lease: Lease, ttl: number): Promise<Lease | null> {
    if (!this.#isCurrent(lease)) return null;
    return this.#put({ name: lease.name, token: lease.token, expiresAt: this.#clock.now() + ttl });
  }

  async release(lease: Lease): Promise<boolean> {
    if (!this.#isCurrent(lease)) return false;
    this.#put({ name: lease.name, token: lease.token, expiresAt: GIVEN_BACK });
    return true;
  }

  #isCurrent({ name, token }: Lease): boolean {
    const current = this.#leases.get(name);
    return current !== undefined && current.token === token && current.expiresAt !== GIVEN_BACK;
  }

  #isHeld(lease: Lease): boolean {
    return this.#clock.now() < lease.expiresAt;
  }

  #put(lease: Lease): Lease {
    this.#leases.set(lease.name, lease);
    return { ...lease };
  }
}
