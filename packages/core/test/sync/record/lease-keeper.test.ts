import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import type { Lease, LockStore } from "../../../src/adapters/lock-store.js";
import { MemoryLockStore } from "../../../src/memory/memory-lock-store.js";
import { LeaseKeeper } from "../../../src/sync/record/lease-keeper.js";
import { nextTurn } from "../project/recorded-session.js";

const TTL = 90_000;

/** A store that can fail, or respond late. */
class UnreliableStore implements LockStore {
  down = false;
  renewals = 0;
  releases = 0;
  readonly #store: LockStore;
  readonly #delay: () => Promise<void>;

  constructor(store: LockStore, delay: () => Promise<void> = async () => {}) {
    this.#store = store;
    this.#delay = delay;
  }

  acquire(name: string, ttl: number): Promise<Lease | null> {
    return this.#store.acquire(name, ttl);
  }

  async renew(lease: Lease, ttl: number): Promise<Lease | null> {
    this.renewals += 1;
    if (this.down) throw new Error("The store is down.");
    const renewed = await this.#store.renew(lease, ttl);
    await this.#delay();
    return renewed;
  }

  async release(lease: Lease): Promise<boolean> {
    this.releases += 1;
    if (this.down) throw new Error("The store is down.");
    return this.#store.release(lease);
  }
}

async function held(delay?: () => Promise<void>) {
  const clock = createManualClock();
  const memory = new MemoryLockStore(clock);
  const store = new UnreliableStore(memory, delay);
  const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
  if (keeper === null) throw new Error("Another holder has the lease.");
  return { clock, memory, store, keeper };
}

describe("LeaseKeeper", () => {
  it("acquires a lease for one holder until it is released", async () => {
    const { clock, memory, keeper } = await held();
    expect(await LeaseKeeper.acquire(memory, clock, "branch", TTL)).toBeNull();
    await keeper.release();
    const next = await LeaseKeeper.acquire(memory, clock, "branch", TTL);
    expect(next?.token).toBeGreaterThan(keeper.token);
    await next?.release();
  });

  it("renews the lease in the background until it is released", async () => {
    const { clock, store, memory, keeper } = await held();
    await clock.advance(10 * TTL);
    expect(store.renewals).toBe(30);
    expect(keeper.lost.aborted).toBe(false);
    expect(await memory.acquire("branch", TTL)).toBeNull();
    await keeper.release();
    await clock.advance(2 * TTL);
    expect(store.renewals).toBe(30);
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
  });

  it("ensure renews the lease only when it does not last long enough", async () => {
    const { clock, store, keeper } = await held();
    await keeper.ensure(TTL);
    expect(store.renewals).toBe(0);
    await clock.advance(20_000);
    await keeper.ensure(60_000);
    expect(store.renewals).toBe(0);
    await keeper.ensure(80_000);
    expect(store.renewals).toBe(1);
    await keeper.ensure(TTL);
    expect(store.renewals).toBe(1);
    await keeper.release();
  });

  it("ensure rejects with lease_lost when another holder has acquired the lease", async () => {
    const { clock, memory, keeper, store } = await held();
    await memory.release({ name: "branch", token: keeper.token, expiresAt: 0 });
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
    await clock.advance(20_000);
    await expect(keeper.ensure(80_000)).rejects.toMatchObject({ code: "lease_lost" });
    expect(keeper.lost.reason).toMatchObject({ code: "lease_lost" });
    await expect(keeper.ensure(1)).rejects.toMatchObject({ code: "lease_lost" });
    const { renewals } = store;
    await clock.advance(10 * TTL);
    expect(store.renewals, "a lost lease is not renewed any more").toBe(renewals);
  });

  it("release does not release the lease of another holder", async () => {
    const { memory, keeper } = await held();
    await memory.release({ name: "branch", token: keeper.token, expiresAt: 0 });
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
    await keeper.release();
    expect(await memory.acquire("branch", TTL)).toBeNull();
  });

  it("aborts `lost` in the background when another holder has acquired the lease", async () => {
    const { clock, memory, keeper } = await held();
    await memory.release({ name: "branch", token: keeper.token, expiresAt: 0 });
    await clock.advance(TTL / 3);
    expect(keeper.lost.aborted).toBe(true);
  });

  it("keeps the lease when the store is down for less than its duration", async () => {
    const { clock, store, keeper } = await held();
    store.down = true;
    await clock.advance(TTL - 1);
    expect(keeper.lost.aborted).toBe(false);
    await expect(keeper.ensure(60_000)).rejects.toThrow("The store is down.");
    store.down = false;
    await keeper.ensure(60_000);
    await clock.advance(5 * TTL);
    expect(keeper.lost.aborted).toBe(false);
    await keeper.release();
  });

  it("loses the lease when the store is down for longer than its duration", async () => {
    const { clock, store, keeper } = await held();
    store.down = true;
    await clock.advance(TTL);
    expect(keeper.lost.reason).toMatchObject({ code: "lease_lost" });
    store.down = false;
    await expect(keeper.ensure(1)).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("renews an expired lease that no other holder acquired", async () => {
    const clock = createManualClock();
    const storeClock = createManualClock();
    const memory = new MemoryLockStore(storeClock);
    const keeper = await LeaseKeeper.acquire(memory, clock, "branch", TTL);
    await storeClock.advance(2 * TTL);
    await clock.advance(20_000);
    await keeper?.ensure(80_000);
    expect(await memory.acquire("branch", TTL)).toBeNull();
    await storeClock.advance(2 * TTL);
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
    await clock.advance(20_000);
    await expect(keeper?.ensure(80_000)).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("ensure rejects when the store responds too late", async () => {
    const clock = createManualClock();
    const store = new UnreliableStore(new MemoryLockStore(clock), () => clock.advance(40_000));
    const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
    await clock.advance(20_000);
    await expect(keeper?.ensure(80_000)).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("measures the lease with the holder's own clock", async () => {
    const clock = createManualClock();
    // An hour ahead: its leases appear to last longer.
    const ahead = createManualClock({ now: clock.now() + 3_600_000 });
    const store = new UnreliableStore(new MemoryLockStore(ahead));
    const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
    await clock.advance(29_000);
    await keeper?.ensure(80_000);
    expect(store.renewals).toBe(1);
    await keeper?.release();
  });

  it("lets the lease expire when the store fails to release it", async () => {
    const { clock, store, keeper, memory } = await held();
    store.down = true;
    await keeper.release();
    await clock.advance(TTL);
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
    expect(keeper.lost.aborted).toBe(false);
    expect(store.releases).toBe(1);
    await nextTurn();
  });
});

describe("LeaseKeeper.ensure", () => {
  it("keeps the required duration in the store while renewals run in the background", async () => {
    const clock = createManualClock();
    const durations: number[] = [];
    const memory = new MemoryLockStore(clock);
    const store: LockStore = {
      acquire: (name, ttl) => memory.acquire(name, ttl),
      release: (lease) => memory.release(lease),
      renew: async (lease, ttl) => {
        const renewed = await memory.renew(lease, ttl);
        durations.push((renewed?.expiresAt ?? 0) - clock.now());
        return renewed;
      },
    };
    const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
    await keeper?.ensure(300_000);
    await clock.advance(TTL / 3);
    expect(durations).toEqual([310_000, 280_000]);
    keeper?.relax();
    await clock.advance(TTL / 3);
    expect(durations.at(-1)).toBe(TTL);
    await keeper?.release();
  });
});
