import assert from "node:assert/strict";
import type { DeliveryDraft, DeliveryStore } from "@infrajet/github/adapters";
import {
  assertFails,
  type ConformanceCase,
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
import { deliveryInboxConformance } from "./delivery-inbox-conformance.js";
import { at, delivery, draft, ID, LONG } from "./delivery-samples.js";

const CLAIMED = { outcome: "claimed", attempt: 1 };

/** The conformance cases for a `DeliveryStore`. */
export const deliveryStoreConformance: readonly ConformanceCase<StoreSubject<DeliveryStore>>[] = [
  delivery("find returns a claimed delivery, also in another process", async (store, subject) => {
    const before = timeOf(subject);
    assert.equal(await store.find(ID), null);
    assert.deepEqual(await store.claim(draft(), LONG), CLAIMED);
    const found = present(await (await secondStore(subject)).find(ID));
    const { claimedUntil, ...rest } = found;
    const expected = { status: "in_progress", attempt: 1, attemptLimit: 0, storedBytes: 0, error: null };
    assert.deepEqual(rest, { ...draft(), ...expected });
    assert.ok(claimedUntil.getTime() >= before + LONG && claimedUntil.getTime() <= timeOf(subject) + LONG);
  }),

  delivery("claim gives a new delivery to exactly one of many concurrent callers", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(20, async (round) => {
      const claims = await race(8, (caller) =>
        (caller % 2 === 0 ? store : other).claim(draft({ id: `${ID}-${round}` }), LONG),
      );
      const outcomes = claims.map(({ outcome }) => outcome).sort();
      assert.deepEqual(outcomes, ["claimed", ...Array.from({ length: 7 }, () => "in_progress")]);
    });
  }),

  delivery("claim reports a completed delivery as a duplicate", async (store, subject) => {
    await store.claim(draft(), LONG);
    assert.equal(await store.complete(ID, 1), true);
    assert.deepEqual(await store.claim(draft(), LONG), { outcome: "duplicate" });
    await pass(subject, shortSpan(subject));
    assert.deepEqual(await (await secondStore(subject)).claim(draft(), LONG), { outcome: "duplicate" });
    assert.equal(present(await store.find(ID)).status, "completed");
  }),

  delivery("claim gives a failed delivery to exactly one of many concurrent callers", async (store) => {
    await store.claim(draft(), LONG);
    await rounds(10, async (round) => {
      assert.equal(await store.fail(ID, round + 1, `failure ${round}`), true);
      assert.equal(present(await store.find(ID)).error, `failure ${round}`);
      const claims = await race(6, () => store.claim(draft(), LONG));
      const won = claims.filter(({ outcome }) => outcome === "claimed");
      assert.deepEqual(won, [{ outcome: "claimed", attempt: round + 2 }]);
      assert.equal(present(await store.find(ID)).error, null);
    });
  }),

  delivery("claim rejects a different body with the same id in every state of the delivery", async (store, subject) => {
    const forged = draft({ digest: "f".repeat(64) });
    const refused = { outcome: "different_body" };
    await store.claim(draft(), shortSpan(subject));
    assert.deepEqual(await store.claim(forged, LONG), refused);
    await store.fail(ID, 1, "failed");
    assert.deepEqual(await store.claim(forged, LONG), refused);
    await store.claim(draft(), shortSpan(subject));
    await pass(subject, shortSpan(subject) + 50);
    assert.deepEqual(await store.claim(forged, LONG), refused);
    await store.complete(ID, 2);
    assert.deepEqual(await store.claim(forged, LONG), refused);
    assert.equal(present(await store.find(ID)).digest, draft().digest);
  }),

  delivery(
    "claim accepts exactly one of many different bodies that arrive with the same id at the same time",
    async (store, subject) => {
      const other = await secondStore(subject);
      await rounds(10, async (round) => {
        const id = `${ID}-${round}`;
        const claims = await race(6, (caller) =>
          (caller % 2 === 0 ? store : other).claim(draft({ id, digest: `${caller}`.repeat(64) }), LONG),
        );
        const outcomes = claims.map(({ outcome }) => outcome).sort();
        assert.deepEqual(outcomes, ["claimed", ...Array.from({ length: 5 }, () => "different_body")]);
      });
    },
  ),

  delivery(
    "claim gives an expired claim to the next caller, and the first caller can no longer end it",
    async (store, subject) => {
      const ttl = shortSpan(subject);
      await store.claim(draft(), ttl);
      assert.deepEqual(await store.claim(draft(), ttl), { outcome: "in_progress" });
      await pass(subject, ttl + 50);
      const claims = await race(6, () => store.claim(draft(), LONG));
      assert.deepEqual(
        claims.filter(({ outcome }) => outcome === "claimed"),
        [{ outcome: "claimed", attempt: 2 }],
      );
      assert.equal(await store.complete(ID, 1), false);
      assert.equal(await store.fail(ID, 1, "late"), false);
      assert.equal(await store.complete(ID, 2), true);
    },
  ),

  delivery("complete ends an expired claim that no other caller took over", async (store, subject) => {
    const ttl = shortSpan(subject);
    await store.claim(draft(), ttl);
    await pass(subject, ttl + 50);
    assert.equal(await store.complete(ID, 1), true);
    assert.deepEqual(await store.claim(draft(), ttl), { outcome: "duplicate" });
  }),

  delivery("complete and fail end a claim exactly once", async (store) => {
    await rounds(10, async (round) => {
      const id = `${ID}-${round}`;
      await store.claim(draft({ id }), LONG);
      const ended = await race(6, (caller) => (caller % 2 === 0 ? store.complete(id, 1) : store.fail(id, 1, "failed")));
      assert.equal(ended.filter(Boolean).length, 1);
      const status = ended.indexOf(true) % 2 === 0 ? "completed" : "failed";
      assert.equal(present(await store.find(id)).status, status);
    });
    assert.equal(await store.complete("never claimed", 1), false);
    assert.equal(await store.complete(ID, 0), false);
  }),

  delivery("claim distinguishes delivery ids exactly", async (store) => {
    for (const id of ["abc", "ABC", "abc ", "a%", "\u00e9", "e\u0301", "i".repeat(250)]) {
      assert.deepEqual(await store.claim(draft({ id }), LONG), CLAIMED);
      assert.equal(present(await store.find(id)).id, id);
    }
  }),

  delivery(
    "failed returns failed and abandoned deliveries in pages, in the order of receipt",
    async (store, subject) => {
      const ttl = shortSpan(subject);
      await store.claim(draft({ id: "abandoned", receivedAt: at(3) }), ttl);
      await pass(subject, ttl + 50);
      for (const [id, time] of [
        ["d", 4],
        ["b", 1],
        ["c", 2],
        ["a", 1],
      ] as const) {
        await store.claim(draft({ id, receivedAt: at(time) }), LONG);
        await store.fail(id, 1, `${id} failed`);
      }
      await store.claim(draft({ id: "running", receivedAt: at(1) }), LONG);
      await store.claim(draft({ id: "done", receivedAt: at(1) }), LONG);
      await store.complete("done", 1);
      for (const limit of [1, 2, 4, 5, 6]) {
        const pages = await failedPages(store, limit);
        assert.deepEqual(pages.flat(), ["a", "b", "c", "abandoned", "d"]);
        assert.equal(pages.length, Math.ceil(5 / limit));
      }
      const [first] = (await store.failed(1, null)).deliveries;
      assert.deepEqual(first, await store.find("a"));
    },
  ),

  delivery("failed rejects an invalid cursor", async (store) => {
    for (const cursor of ["", "abc", "1 OR 1=1", "e30", "\u{1f600}"]) {
      await assertFails(store.failed(2, cursor), "validation_failed");
    }
  }),

  delivery(
    "removeReceivedBefore removes at most `limit` old deliveries and none that is in progress",
    async (store) => {
      const old = Array.from({ length: 5 }, (_, index) => `old ${index}`);
      for (const [index, id] of old.entries()) {
        await store.claim(draft({ id, receivedAt: at(index) }), LONG);
        await (index % 2 === 0 ? store.complete(id, 1) : store.fail(id, 1, "failed"));
      }
      await store.claim(draft({ id: "running", receivedAt: at(0) }), LONG);
      await store.claim(draft({ id: "new", receivedAt: at(5) }), LONG);
      await store.complete("new", 1);
      assert.equal(await store.removeReceivedBefore(at(5), 2), 2);
      assert.deepEqual([await store.find("old 0"), await store.find("old 1")], [null, null]);
      assert.equal(await store.removeReceivedBefore(at(5), 10), 3);
      assert.equal(await store.removeReceivedBefore(at(5), 10), 0);
      assert.notEqual(await store.find("running"), null);
      assert.notEqual(await store.find("new"), null);
      assert.deepEqual(await store.claim(draft({ id: "old 0" }), LONG), CLAIMED);
    },
  ),

  delivery("The store keeps no reference to objects that it receives or returns", async (store) => {
    const given = draft();
    await store.claim(given, LONG);
    mutate(given, { digest: "changed" });
    given.receivedAt.setTime(0);
    const found = present(await store.find(ID));
    assert.deepEqual([found.digest, found.receivedAt], [draft().digest, draft().receivedAt]);
    mutate(found, { status: "completed" });
    found.claimedUntil.setTime(0);
    assert.deepEqual(await store.claim(draft(), LONG), { outcome: "in_progress" });
  }),

  delivery(
    "claim reports the event and body of another delivery that is handled as repeated",
    async (store, subject) => {
      const other = await secondStore(subject);
      const claim = (overrides: Partial<DeliveryDraft>, since: Date = at(1)) =>
        other.claim(draft({ receivedAt: at(5), ...overrides }), LONG, since);
      assert.deepEqual(await store.claim(draft(), LONG, at(1)), CLAIMED);
      assert.deepEqual(await claim({ id: "while in progress" }), { outcome: "repeated" });
      assert.equal(await store.complete(ID, 1), true);
      assert.deepEqual(await claim({ id: "completed" }), { outcome: "repeated" });
      assert.equal(await store.find("completed"), null);
      assert.deepEqual(await claim({ id: ID }), { outcome: "duplicate" });
      assert.deepEqual(await claim({ id: "another event", event: "push" }), CLAIMED);
      assert.deepEqual(await claim({ id: "another body", digest: "e".repeat(64) }), CLAIMED);
      assert.deepEqual(await claim({ id: "received later" }, at(2)), CLAIMED);
      assert.deepEqual(await store.claim(draft({ id: "not compared" }), LONG), CLAIMED);
    },
  ),

  delivery(
    "claim does not compare a delivery with those that failed or whose claim expired",
    async (store, subject) => {
      await store.claim(draft(), LONG, at(1));
      await store.fail(ID, 1, "failed");
      assert.deepEqual(await store.claim(draft({ id: "after a failure" }), shortSpan(subject), at(1)), CLAIMED);
      await pass(subject, shortSpan(subject) + 50);
      assert.deepEqual(await store.claim(draft({ id: "after an expiry" }), LONG, at(1)), CLAIMED);
    },
  ),

  ...deliveryInboxConformance,

  delivery("find returns a long error unchanged", async (store) => {
    await store.claim(draft(), LONG);
    const error = `${"e".repeat(20_000)} \u{1f600}`;
    await store.fail(ID, 1, error);
    assert.equal(present(await store.find(ID)).error, error);
  }),
];

async function failedPages(store: DeliveryStore, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await store.failed(limit, cursor);
    pages.push(page.deliveries.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}
