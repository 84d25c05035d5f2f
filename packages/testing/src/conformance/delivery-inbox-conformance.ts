import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ClaimedDelivery, DeliveryDraft, DeliveryReceipt, DeliveryStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  pass,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";
import { at, delivery, draft, ID, LONG } from "./delivery-samples.js";

const BODY = new TextEncoder().encode('{"ref":"refs/heads/main"}');
const NO_FIGURES = { waiting: 0, waitingBytes: 0, oldestWaitingAt: null, failed: 0 };

/** The conformance cases for deliveries that a `DeliveryStore` stores with their body. */
export const deliveryInboxConformance: readonly ConformanceCase<StoreSubject<DeliveryStore>>[] = [
  delivery("claimNext returns a stored delivery with its body, also in another process", async (store, subject) => {
    const other = await secondStore(subject);
    assert.equal(await other.claimNext(LONG), null);
    assert.equal(await enqueue(store), "stored");
    const pending = { status: "pending", attempt: 0, attemptLimit: 3, storedBytes: BODY.length, error: null };
    const { claimedUntil: dueAt, ...stored } = present(await other.find(ID));
    assert.deepEqual(stored, { ...draft(), ...pending });
    assert.ok(dueAt.getTime() <= timeOf(subject));
    const before = timeOf(subject);
    const claimed = present(await other.claimNext(LONG));
    assert.deepEqual(claimed.delivery, await store.find(ID));
    const { claimedUntil, ...rest } = claimed.delivery;
    assert.deepEqual(rest, { ...draft(), ...pending, status: "in_progress", attempt: 1 });
    assert.ok(claimedUntil.getTime() >= before + LONG && claimedUntil.getTime() <= timeOf(subject) + LONG);
    assert.deepEqual(Buffer.from(claimed.body), Buffer.from(BODY));
    assert.equal(await store.claimNext(LONG), null);
  }),

  delivery("claimNext gives each stored delivery to exactly one of many concurrent callers", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(5, async (round) => {
      const ids = Array.from({ length: 4 }, (_, index) => `${round}-${index}`);
      for (const id of ids) await enqueue(store, { id });
      const claims = await race(12, (caller) => (caller % 2 === 0 ? store : other).claimNext(LONG));
      const claimed = claims.filter((claim) => claim !== null);
      assert.deepEqual(claimed.map(({ delivery: { id } }) => id).sort(), ids);
    });
  }),

  delivery("enqueue stores a delivery exactly once when it arrives many times at once", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async (round) => {
      const receipts = await race(6, (caller) => enqueue(caller % 2 === 0 ? store : other, { id: `${ID}-${round}` }));
      assert.deepEqual(receipts.sort(), ["stored", ...Array.from({ length: 5 }, () => "waiting")]);
    });
  }),

  delivery("claimNext returns due deliveries in the order of receipt", async (store, subject) => {
    for (const [id, time] of [["c", 3] as const, ["a", 1] as const, ["b", 2] as const]) {
      await enqueue(store, { id, receivedAt: at(time) });
    }
    assert.equal(idOf(await store.claimNext(LONG)), "a");
    const delay = shortSpan(subject);
    assert.equal(await store.retry("a", 1, "not now", delay), true);
    assert.deepEqual(await errorAndStatus(store, "a"), ["not now", "pending"]);
    assert.deepEqual([idOf(await store.claimNext(LONG)), idOf(await store.claimNext(LONG))], ["b", "c"]);
    assert.equal(await store.claimNext(LONG), null);
    await pass(subject, delay + 50);
    const again = present(await store.claimNext(LONG));
    assert.deepEqual([again.delivery.id, again.delivery.attempt, again.delivery.attemptLimit], ["a", 2, 3]);
    assert.deepEqual(await errorAndStatus(store, "a"), [null, "in_progress"]);
    assert.equal(await store.retry("a", 1, "late", 0), false);
  }),

  delivery("claimNext returns a delivery whose claim expired, and renew keeps a claim", async (store, subject) => {
    const ttl = shortSpan(subject);
    await enqueue(store);
    await store.claimNext(ttl);
    assert.equal(await store.renew(ID, 1, ttl * 3), true);
    await pass(subject, ttl + 50);
    assert.equal(await store.claimNext(LONG), null);
    await pass(subject, ttl * 2);
    const claims = await race(6, () => store.claimNext(LONG));
    const [taken, ...others] = claims.filter((claim) => claim !== null);
    assert.deepEqual([taken?.delivery.attempt, others.length], [2, 0]);
    assert.deepEqual([await store.renew(ID, 1, LONG), await store.complete(ID, 1)], [false, false]);
    assert.equal(await store.renew(ID, 2, LONG), true);
  }),

  delivery("complete deletes the body and lets nothing repeat the delivery", async (store) => {
    await enqueue(store);
    await store.claimNext(LONG);
    assert.equal(await store.complete(ID, 1), true);
    assert.equal(present(await store.find(ID)).storedBytes, 0);
    assert.equal(await enqueue(store), "duplicate");
    assert.equal(await store.replay(ID, 3), false);
    assert.deepEqual([await store.renew(ID, 1, LONG), await store.claimNext(LONG)], [false, null]);
  }),

  delivery("replay makes a failed delivery due once, for more attempts", async (store) => {
    await enqueue(store);
    await store.claimNext(LONG);
    assert.equal(await store.replay(ID, 3), false);
    assert.equal(await store.fail(ID, 1, "broken"), true);
    assert.equal(await store.claimNext(LONG), null);
    const replayed = await race(4, () => store.replay(ID, 3));
    assert.equal(replayed.filter(Boolean).length, 1);
    const { delivery, body } = present(await store.claimNext(LONG));
    assert.deepEqual([delivery.attempt, delivery.attemptLimit, Buffer.from(body)], [2, 4, Buffer.from(BODY)]);
    assert.equal(await store.replay("unknown", 3), false);
    await store.claim(draft({ id: "without a body", digest: "e".repeat(64) }), LONG);
    await store.fail("without a body", 1, "broken");
    assert.equal(await store.replay("without a body", 3), false);
  }),

  delivery("release makes a claimed delivery due at once and does not count the attempt", async (store) => {
    await enqueue(store);
    await store.claimNext(LONG);
    assert.deepEqual(
      [await store.release(ID, 2), await store.release(ID, 1), await store.release(ID, 1)],
      [...[false, true, false]],
    );
    const { delivery } = present(await store.claimNext(LONG));
    assert.deepEqual([delivery.attempt, delivery.attemptLimit], [2, 4]);
  }),

  delivery("retry and release do nothing to a delivery that was claimed without its body", async (store) => {
    await store.claim(draft(), LONG);
    assert.deepEqual([await store.retry(ID, 1, "failed", 0), await store.release(ID, 1)], [false, false]);
    assert.equal(present(await store.find(ID)).status, "in_progress");
    assert.equal(await enqueue(store), "waiting");
    await store.fail(ID, 1, "failed");
    assert.equal(await enqueue(store), "stored");
    assert.equal(present(await store.claimNext(LONG)).delivery.attempt, 2);
  }),

  delivery("enqueue reports repeats by their ID, and by their event and body", async (store) => {
    assert.equal(await enqueue(store), "stored");
    assert.equal(await enqueue(store), "waiting");
    assert.equal(await enqueue(store, { digest: "f".repeat(64) }), "different_body");
    assert.equal(await enqueue(store, { id: "second" }, at(1)), "repeat_waiting");
    await store.claimNext(LONG);
    assert.equal(await enqueue(store, { id: "third" }, at(1)), "repeat_waiting");
    await store.complete(ID, 1);
    assert.equal(await enqueue(store, { id: "fourth" }, at(1)), "repeated");
    assert.equal(await enqueue(store, { id: "second" }, at(1)), "repeated");
    for (const id of ["second", "third", "fourth"]) {
      const { status, storedBytes } = present(await store.find(id));
      assert.deepEqual([status, storedBytes], ["skipped", 0]);
    }
    assert.equal(await store.claimNext(LONG), null);
    assert.deepEqual(await store.claim(draft({ id: "inline" }), LONG, at(1)), { outcome: "repeated" });
    assert.equal(await enqueue(store, { id: "second" }, at(2)), "stored");
    assert.equal(await enqueue(store, { id: "other event", event: "push" }, at(1)), "stored");
  }),

  delivery("skip stores an unknown delivery only, which can be handled later", async (store) => {
    await race(4, () => store.skip(draft()));
    const { status, attempt, storedBytes } = present(await store.find(ID));
    assert.deepEqual([status, attempt, storedBytes], ["skipped", 0, 0]);
    assert.equal(await store.claimNext(LONG), null);
    assert.equal(await enqueue(store, { id: "other" }, at(1)), "stored");
    await store.skip(draft({ id: "other" }));
    assert.equal(present(await store.find("other")).status, "pending");
    await store.skip(draft({ id: "inline", digest: "e".repeat(64) }));
    const claim = await store.claim(draft({ id: "inline", digest: "e".repeat(64) }), LONG, at(1));
    assert.deepEqual(claim, { outcome: "claimed", attempt: 1 });
    assert.equal(await enqueue(store, {}, at(2)), "stored");
  }),

  delivery("claim takes a stored delivery, and complete ends it", async (store) => {
    await enqueue(store);
    assert.deepEqual(await store.claim(draft({ id: "repeat" }), LONG, at(1)), { outcome: "repeated" });
    assert.deepEqual(await store.claim(draft(), LONG), { outcome: "claimed", attempt: 1 });
    assert.equal(await store.claimNext(LONG), null);
    assert.equal(await store.complete(ID, 1), true);
    assert.equal(present(await store.find(ID)).storedBytes, 0);
  }),

  delivery("summary counts waiting and failed deliveries", async (store) => {
    assert.deepEqual(await store.summary(), { ...NO_FIGURES, firstReceivedAt: null, lastReceivedAt: null });
    for (const [index, id] of ["done", "running", "failed", "pending"].entries()) {
      await enqueue(store, { id, receivedAt: at(index + 1) });
      if (id !== "pending") await store.claimNext(LONG);
    }
    await store.complete("done", 1);
    await store.fail("failed", 1, "broken");
    await store.claim(draft({ id: "inline", receivedAt: at(9) }), LONG);
    assert.deepEqual(await store.summary(), {
      ...{ waiting: 2, waitingBytes: 2 * BODY.length, oldestWaitingAt: at(2), failed: 1 },
      ...{ firstReceivedAt: at(1), lastReceivedAt: at(9) },
    });
  }),

  delivery("removeReceivedBefore keeps deliveries that wait for an attempt", async (store, subject) => {
    await enqueue(store, { id: "interrupted" });
    await store.claimNext(shortSpan(subject));
    await enqueue(store, { id: "pending" });
    await enqueue(store, { id: "repeated" }, at(1));
    await pass(subject, shortSpan(subject) + 50);
    assert.equal(await store.removeReceivedBefore(at(5), 10), 1);
    assert.equal(await store.find("repeated"), null);
    const claims = [await store.claimNext(LONG), await store.claimNext(LONG)];
    assert.deepEqual(claims.map(idOf).sort(), ["interrupted", "pending"]);
  }),

  delivery("claimNext returns a large body unchanged", async (store) => {
    const body = randomBytes(300_000);
    await store.enqueue(draft(), body, { attempts: 1 });
    const claimed = present(await store.claimNext(LONG));
    assert.ok(body.equals(claimed.body));
  }),
];

function enqueue(
  store: DeliveryStore,
  overrides: Partial<DeliveryDraft> = {},
  repeatsSince?: Date,
): Promise<DeliveryReceipt> {
  const options = repeatsSince === undefined ? { attempts: 3 } : { attempts: 3, repeatsSince };
  return store.enqueue(draft(overrides), BODY, options);
}

function idOf(claimed: ClaimedDelivery | null): string | null {
  return claimed?.delivery.id ?? null;
}

async function errorAndStatus(store: DeliveryStore, id: string): Promise<readonly [string | null, string]> {
  const { error, status } = present(await store.find(id));
  return [error, status];
}
