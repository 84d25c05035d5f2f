import type { Lease, LockStore } from "@infrajet/github/adapters";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";

// Earlier than any expiry of a lease: marks a released lease, which can no longer be renewed.
const RELEASED = new Date(0);

/** A lock store in `github_leases`. Leases expire by the database's clock, on which all hosts agree. */
export class PrismaLockStore implements LockStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async acquire(name: string, ttl: number): Promise<Lease | null> {
    const key = storeKey(name);
    return this.#database.run(async ({ gitHubLease }) => {
      const now = await this.#database.now();
      const last = await gitHubLease.findFirst({ where: { key } });
      const expiresAt = new Date(now + ttl);
      if (last === null) {
        await gitHubLease.create({ data: { key, name, token: 1n, expiresAt } });
        return { name, token: 1, expiresAt: expiresAt.getTime() };
      }
      if (last.expiresAt.getTime() > now) return null;
      const token = last.token + 1n;
      const { count } = await gitHubLease.updateMany({
        where: { key, token: last.token, expiresAt: { lte: new Date(now) } },
        data: { token, expiresAt },
      });
      return count === 1 ? { name, token: Number(token), expiresAt: expiresAt.getTime() } : CONFLICT;
    });
  }

  async renew(lease: Lease, ttl: number): Promise<Lease | null> {
    const expiresAt = new Date((await this.#database.now()) + ttl);
    const isRenewed = await this.#write(lease, expiresAt);
    return isRenewed ? { name: lease.name, token: lease.token, expiresAt: expiresAt.getTime() } : null;
  }

  release(lease: Lease): Promise<boolean> {
    return this.#write(lease, RELEASED);
  }

  /** Changes the expiry of a lease, unless it was released or replaced. */
  #write({ name, token }: Lease, expiresAt: Date): Promise<boolean> {
    const where = { key: storeKey(name), token: BigInt(token), expiresAt: { gt: RELEASED } };
    return this.#database.run(async ({ gitHubLease }) => {
      const { count } = await gitHubLease.updateMany({ where, data: { expiresAt } });
      return count === 1;
    });
  }
}
