/** A right to act alone that runs out by itself. */
export interface Lease {
  readonly name: string;
  /** Greater than every token given out for that name before: older holders are told apart by it. */
  readonly token: number;
  /** Epoch milliseconds by the store's clock. */
  readonly expiresAt: number;
}

/**
 * Leases with fencing tokens.
 *
 * Atomicity: of any number of callers that `acquire` a free or expired name at the same moment exactly one gets it. Tokens
 * of a name grow strictly, also over releases, expiries and restarts. `renew` and `release` act only while the lease is
 * the name's last one and was not given back, checked and done in one step. An expired lease that nobody took is still the
 * last one: of its holder who renews it and those who acquire its name exactly one succeeds.
 */
export interface LockStore {
  /** Takes the name for that many milliseconds; `null` while somebody else holds it. */
  acquire(name: string, ttl: number): Promise<Lease | null>;
  /** Prolongs a lease from now on, also one that has expired; `null` when somebody took the name since, or it was given back. */
  renew(lease: Lease, ttl: number): Promise<Lease | null>;
  /** Gives the name back; `false` when somebody took it since, or it was given back before. */
  release(lease: Lease): Promise<boolean>;
}
