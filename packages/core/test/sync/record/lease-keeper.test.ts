import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import type { Lease, LockStore } from "../../../src/adapters/lock-store.js";
import { MemoryLockStore } from "../../../src/memory/memory-lock-store.js";
import { LeaseKeeper } from "../../../src/sync/record/lease-keeper.js";
import { nextTurn } from "../project/recorded-session.js";

const TTL = 90_000;

/** A store that fails, or answers late, when the test says so. */
class TroubledStore implements LockStore {
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
  const store = new TroubledStore(memory, delay);
  const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
  if (keeper === null) throw new Error("The lease is taken.");
  return { clock, memory, store, keeper };
}

describe("a lease", () => {
  it("is one holder's, until it is given back", async () => {
    const { clock, memory, keeper } = await held();
    expect(await LeaseKeeper.acquire(memory, clock, "branch", TTL)).toBeNull();
    await keeper.release();
    const next = await LeaseKeeper.acquire(memory, clock, "branch", TTL);
    expect(next?.token).toBeGreaterThan(keeper.token);
    await next?.release();
  });

  it("is renewed in the background for as long as it is held, and not afterwards", async () => {
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

  it("is made sure of before an effect: renewed when too little is left of it, otherwise not", async () => {
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

  it("that somebody else has is lost, at the latest when it is made sure of", async () => {
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

  it("that somebody else has is not given back for them", async () => {
    const { memory, keeper } = await held();
    await memory.release({ name: "branch", token: keeper.token, expiresAt: 0 });
    expect(await memory.acquire("branch", TTL)).not.toBeNull();
    await keeper.release();
    expect(await memory.acquire("branch", TTL)).toBeNull();
  });

  it("that somebody else has is found lost in the background", async () => {
    const { clock, memory, keeper } = await held();
    await memory.release({ name: "branch", token: keeper.token, expiresAt: 0 });
    await clock.advance(TTL / 3);
    expect(keeper.lost.aborted).toBe(true);
  });

  it("outlives a store that is down for less than its time", async () => {
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

  it("is lost when the store is down for longer: nobody knows who holds it", async () => {
    const { clock, store, keeper } = await held();
    store.down = true;
    await clock.advance(TTL);
    expect(keeper.lost.reason).toMatchObject({ code: "lease_lost" });
    store.down = false;
    await expect(keeper.ensure(1)).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("that has run out is renewed, unless somebody took it meanwhile", async () => {
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

  it("is not trusted where the store answers too late for it", async () => {
    const clock = createManualClock();
    const store = new TroubledStore(new MemoryLockStore(clock), () => clock.advance(40_000));
    const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
    await clock.advance(20_000);
    await expect(keeper?.ensure(80_000)).rejects.toMatchObject({ code: "lease_lost" });
  });

  it("counts by the holder's own clock: the store's may go differently", async () => {
    const clock = createManualClock();
    // An hour ahead: its leases seem to last much longer than they do.
    const ahead = createManualClock({ now: clock.now() + 3_600_000 });
    const store = new TroubledStore(new MemoryLockStore(ahead));
    const keeper = await LeaseKeeper.acquire(store, clock, "branch", TTL);
    await clock.advance(29_000);
    await keeper?.ensure(80_000);
    expect(store.renewals).toBe(1);
    await keeper?.release();
  });

  it("that cannot be given back runs out by itself", async () => {
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
