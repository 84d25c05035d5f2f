import assert from "node:assert/strict";
import type { Lease, LockStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  mutate,
  pass,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";

const LONG = 3_600_000;

const lock = (
  name: string,
  test: (store: LockStore, subject: StoreSubject<LockStore>) => Promise<void>,
): ConformanceCase<StoreSubject<LockStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** The conformance cases for a `LockStore`. */
export const lockStoreConformance: readonly ConformanceCase<StoreSubject<LockStore>>[] = [
  lock("acquire gives a free name to one holder at a time", async (store, subject) => {
    const before = timeOf(subject);
    const lease = present(await store.acquire("a", LONG));
    assert.equal(lease.name, "a");
    assert.ok(lease.expiresAt >= before + LONG && lease.expiresAt <= timeOf(subject) + LONG);
    assert.equal(await store.acquire("a", LONG), null);
    assert.equal(await (await secondStore(subject)).acquire("a", LONG), null);
    present(await store.acquire("b", LONG));
  }),

  lock("acquire gives a free name to exactly one of many concurrent callers", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(20, async (round) => {
      const leases = await race(8, (caller) => (caller % 2 === 0 ? store : other).acquire(`name ${round}`, LONG));
      assert.equal(leases.filter((lease) => lease !== null).length, 1);
    });
  }),

  lock(
    "acquire gives a released name to exactly one of many concurrent callers, with a greater token",
    async (store) => {
      let token = present(await store.acquire("a", LONG)).token;
      await rounds(20, async () => {
        assert.equal(await store.release({ name: "a", token, expiresAt: 0 }), true);
        const [won, ...more] = (await race(8, () => store.acquire("a", LONG))).filter((lease) => lease !== null);
        assert.equal(more.length, 0);
        assert.ok(present(won).token > token);
        token = present(won).token;
      });
    },
  ),

  lock("acquire gives an expired name to exactly one of many concurrent callers", async (store, subject) => {
    const ttl = shortSpan(subject);
    let token = present(await store.acquire("a", ttl)).token;
    await rounds(3, async () => {
      await pass(subject, ttl + 50);
      const [won, ...more] = (await race(8, () => store.acquire("a", ttl))).filter((lease) => lease !== null);
      assert.equal(more.length, 0);
      assert.ok(present(won).token > token);
      token = present(won).token;
    });
  }),

  lock("acquire succeeds as soon as a lease has expired and not before", async (store, subject) => {
    const ttl = shortSpan(subject);
    present(await store.acquire("a", ttl));
    if (subject.clock !== undefined) {
      await pass(subject, ttl - 1);
      assert.equal(await store.acquire("a", ttl), null);
    }
    await pass(subject, subject.clock === undefined ? ttl + 50 : 1);
    present(await store.acquire("a", ttl));
  }),

  lock("renew extends a lease from the current time and keeps its token", async (store, subject) => {
    const ttl = shortSpan(subject);
    const lease = present(await store.acquire("a", ttl));
    await pass(subject, ttl / 2);
    const before = timeOf(subject);
    const renewed = present(await store.renew(lease, LONG));
    assert.deepEqual({ name: renewed.name, token: renewed.token }, { name: lease.name, token: lease.token });
    assert.ok(renewed.expiresAt >= before + LONG);
    await pass(subject, ttl);
    assert.equal(await store.acquire("a", ttl), null);
  }),

  lock("renew and release succeed for an expired lease that no other process acquired", async (store, subject) => {
    const ttl = shortSpan(subject);
    const lease = present(await store.acquire("a", ttl));
    await pass(subject, ttl + 50);
    const renewed = present(await store.renew(lease, ttl));
    assert.equal(renewed.token, lease.token);
    assert.equal(await store.acquire("a", LONG), null);
    await pass(subject, ttl + 50);
    assert.equal(await store.release(renewed), true);
    assert.equal(await store.renew(renewed, LONG), null);
    assert.ok(present(await store.acquire("a", LONG)).token > lease.token);
  }),

  lock(
    "renew and acquire of an expired lease succeed for exactly one of many concurrent callers",
    async (store, subject) => {
      const other = await secondStore(subject);
      const ttl = shortSpan(subject);
      const leases: Lease[] = [];
      for (let index = 0; index < 10; index += 1) leases.push(present(await store.acquire(`name ${index}`, ttl)));
      await pass(subject, ttl + 50);
      for (const [index, lease] of leases.entries()) {
        // The holder is the first caller in one half of the rounds and the last in the other half.
        const holder = index % 2 === 0 ? 0 : 3;
        const results = await race(4, (caller) =>
          caller === holder ? store.renew(lease, LONG) : other.acquire(lease.name, LONG),
        );
        const [winner, ...more] = results.filter((result) => result !== null);
        assert.equal(more.length, 0);
        assert.equal(present(winner).token > lease.token, results[holder] === null);
      }
    },
  ),

  lock("renew and release by an earlier holder do not affect the current lease", async (store, subject) => {
    const ttl = shortSpan(subject);
    const early = present(await store.acquire("a", ttl));
    await pass(subject, ttl + 50);
    const current = present(await store.acquire("a", LONG));
    assert.equal(await store.renew(early, LONG), null);
    assert.equal(await store.release(early), false);
    assert.equal(await store.acquire("a", LONG), null);
    present(await store.renew(current, LONG));
  }),

  lock("renew and release fail for a lease that was never acquired", async (store) => {
    const lease: Lease = { name: "a", token: 1, expiresAt: Number.MAX_SAFE_INTEGER };
    assert.equal(await store.renew(lease, LONG), null);
    assert.equal(await store.release(lease), false);
    const held = present(await store.acquire("a", LONG));
    assert.equal(await store.renew({ ...held, token: held.token + 1 }, LONG), null);
    assert.equal(await store.release({ ...held, token: held.token + 1 }), false);
  }),

  lock("release succeeds exactly once", async (store) => {
    await rounds(10, async () => {
      const lease = present(await store.acquire("a", LONG));
      const released = await race(5, () => store.release(lease));
      assert.equal(released.filter(Boolean).length, 1);
      assert.equal(await store.renew(lease, LONG), null);
    });
  }),

  lock("acquire returns increasing tokens across releases, expiries and restarts", async (store, subject) => {
    const ttl = shortSpan(subject);
    const first = present(await store.acquire("a", LONG));
    await store.release(first);
    const second = present(await store.acquire("a", ttl));
    await pass(subject, ttl + 50);
    const third = present(await store.acquire("a", LONG));
    await store.release(third);
    const fourth = present(await (await secondStore(subject)).acquire("a", LONG));
    const tokens = [first, second, third, fourth].map((lease) => lease.token);
    assert.deepEqual(
      tokens,
      [...new Set(tokens)].sort((a, b) => a - b),
    );
  }),

  lock("acquire distinguishes names exactly", async (store) => {
    const long = "n".repeat(700);
    const names = ["name", "Name", "name ", " name", "n\u00e4me", "na\u0308me", long, `${long}!`, `${long}?`];
    for (const name of names) assert.equal(present(await store.acquire(name, LONG)).name, name);
  }),

  lock("The store keeps no reference to leases that it returns", async (store) => {
    const lease = present(await store.acquire("a", LONG));
    const kept = { ...lease };
    mutate(lease, { token: 99, expiresAt: 0 });
    assert.equal(await store.acquire("a", LONG), null);
    present(await store.renew(kept, LONG));
  }),
];
