/** An exclusive right that expires. */
export interface Lease {
  readonly name: string;
  /** The fencing token: greater than every earlier token of the same name. */
  readonly token: number;
  /** Epoch milliseconds of the store's clock. */
  readonly expiresAt: number;
}

/**
 * A store of leases with fencing tokens.
 *
 * Atomicity: when several callers acquire a free or expired name concurrently, exactly one succeeds. The tokens of a name
 * increase strictly, also over releases, expiries and restarts. `renew` and `release` check in the same step that the lease
 * is the last one of its name and was not released. An expired lease that no caller acquired is still the last one: when its
 * holder renews it while others acquire the name, exactly one succeeds.
 */
export interface LockStore {
  /** Acquires a name for `ttl` milliseconds. Returns null while another holder has it. */
  acquire(name: string, ttl: number): Promise<Lease | null>;
  /** Renews a lease for `ttl` milliseconds from now, even if it expired. Returns null when the name was acquired by another holder or released. */
  renew(lease: Lease, ttl: number): Promise<Lease | null>;
  /** Releases a lease. Returns false when the name was acquired by another holder or already released. */
  release(lease: Lease): Promise<boolean>;
}
