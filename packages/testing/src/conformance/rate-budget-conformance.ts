import assert from "node:assert/strict";
import {
  GITHUB_LIMITS,
  type RateBudget,
  type RateObservation,
  type RatePlace,
  type RequestCost,
} from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  pass,
  present,
  race,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";

const budget = (
  name: string,
  test: (budget: RateBudget, subject: StoreSubject<RateBudget>) => Promise<void>,
): ConformanceCase<StoreSubject<RateBudget>> => conformanceCase(name, (subject) => test(subject.store, subject));

const READ: RequestCost = { creates: false, points: 1, resource: "core", isInteractive: false };
const WRITE: RequestCost = { ...READ, points: 5 };
const COMMIT: RequestCost = { creates: true, points: 5, resource: "graphql", isInteractive: false };
const NOTHING: RateObservation = { limit: null, remaining: null, resetAt: null, closedForMs: null };
const MINUTE_MS = 60_000;
// Filling a limit takes time, which passes from the wait.
const SLACK_MS = 20_000;

/** The conformance cases for a `RateBudget`. */
export const rateBudgetConformance: readonly ConformanceCase<StoreSubject<RateBudget>>[] = [
  budget("take refuses the content-creating request that exceeds the limit of a minute", async (store) => {
    await spend(store, "a", COMMIT, GITHUB_LIMITS.createsPerMinute);
    const refused = await store.take("a", COMMIT, 0);
    assert.equal(refused.ticket, null);
    assertAbout(refused.waitMs, MINUTE_MS);
    assert.deepEqual(await store.take("a", COMMIT, 0).then(({ ticket }) => ticket), null);
    assert.equal((await store.take("a", { ...READ, resource: "graphql" }, 0)).waitMs, 0);
    assert.equal((await store.take("b", COMMIT, 0)).waitMs, 0);
  }),

  budget("take keeps a place for a request that may wait, and takes none for one that may not", async (store) => {
    await spend(store, "a", COMMIT, GITHUB_LIMITS.createsPerMinute);
    for (let count = 0; count < 5; count += 1) await store.take("a", COMMIT, 1_000);
    const kept = await store.take("a", COMMIT, 2 * MINUTE_MS);
    assert.notEqual(kept.ticket, null);
    assertAbout(kept.waitMs, MINUTE_MS);
    await spend(store, "a", COMMIT, GITHUB_LIMITS.createsPerMinute - 1, 2 * MINUTE_MS);
    assertAbout((await store.take("a", COMMIT, 0)).waitMs, 2 * MINUTE_MS);
  }),

  budget("take counts the points of each resource", async (store) => {
    await spend(store, "a", WRITE, GITHUB_LIMITS.pointsPerMinute.core / WRITE.points);
    const refused = await store.take("a", READ, 0);
    assert.equal(refused.ticket, null);
    assertAbout(refused.waitMs, MINUTE_MS);
    assert.equal((await store.take("a", { ...READ, resource: "graphql" }, 0)).waitMs, 0);
    assert.equal((await store.take("a", { ...READ, points: 0, resource: "git" }, 0)).waitMs, 0);
  }),

  budget("take limits the requests that are sent at the same time", async (store) => {
    const places = await race(GITHUB_LIMITS.concurrency, () => store.take("a", READ, 0));
    assert.ok(places.every(({ ticket }) => ticket !== null));
    const refused = await store.take("a", READ, MINUTE_MS);
    assert.equal(refused.ticket, null);
    assert.ok(refused.waitMs > 0 && refused.waitMs <= 1_000, `a wait of ${refused.waitMs} ms`);
    assert.notEqual((await store.take("b", READ, 0)).ticket, null);
    await release(store, "a", present(places[0]));
    assert.notEqual((await store.take("a", READ, 0)).ticket, null);
  }),

  budget("take gives each place to one of several racing processes", async (store, subject) => {
    const other = await secondStore(subject);
    const taken: RatePlace[] = [];
    await race(12, async (caller) => {
      for (let count = 0; count < 10; count += 1) {
        const from = caller % 2 === 0 ? store : other;
        const place = await from.take("a", COMMIT, 0);
        taken.push(place);
        if (place.ticket !== null) await release(from, "a", place);
      }
    });
    const tickets = taken.flatMap(({ ticket }) => ticket ?? []);
    assert.equal(tickets.length, GITHUB_LIMITS.createsPerMinute);
    assert.equal(new Set(tickets).size, tickets.length);
  }),

  budget(
    "release closes the limits of the key in all processes for as long as GitHub asked for",
    async (store, subject) => {
      const other = await secondStore(subject);
      const span = shortSpan(subject);
      await release(store, "a", await store.take("a", READ, 0), { closedForMs: span });
      const refused = await other.take("a", { ...READ, isInteractive: true }, 0);
      assert.equal(refused.ticket, null);
      assert.ok(refused.waitMs > 0 && refused.waitMs <= span, `a wait of ${refused.waitMs} ms`);
      assert.equal((await other.take("b", READ, 0)).waitMs, 0);
      await pass(subject, span + 1);
      assert.equal((await other.take("a", READ, 0)).waitMs, 0);
    },
  ),

  budget("release makes requests wait for the reset when none remain", async (store, subject) => {
    const resetAt = timeOf(subject) + 20 * MINUTE_MS;
    const seen = { limit: 5_000, remaining: 2, resetAt };
    await release(store, "a", await store.take("a", READ, 0), seen);
    const person: RequestCost = { ...READ, isInteractive: true };
    for (let count = 0; count < 2; count += 1) assert.equal((await store.take("a", person, 0)).waitMs, 0);
    const refused = await store.take("a", person, 0);
    assert.equal(refused.ticket, null);
    assertAbout(refused.waitMs, 20 * MINUTE_MS);
    assert.equal((await store.take("a", { ...person, resource: "graphql" }, 0)).waitMs, 0);
  }),

  budget(
    "take keeps the last tenth of the hourly limit for requests that a person waits for",
    async (store, subject) => {
      const seen = { limit: 5_000, remaining: 500, resetAt: timeOf(subject) + 20 * MINUTE_MS };
      await release(store, "a", await store.take("a", READ, 0), seen);
      assertAbout((await store.take("a", READ, 0)).waitMs, 20 * MINUTE_MS);
      assert.equal((await store.take("a", { ...READ, isInteractive: true }, 0)).waitMs, 0);
    },
  ),

  budget("release adopts the limit of a new hour", async (store, subject) => {
    const early = { limit: 5_000, remaining: 0, resetAt: timeOf(subject) + MINUTE_MS };
    const [first, second] = [await store.take("a", READ, 0), await store.take("a", READ, 0)];
    await release(store, "a", first, early);
    await release(store, "a", second, { limit: 5_000, remaining: 4_999, resetAt: timeOf(subject) + 60 * MINUTE_MS });
    assert.equal((await store.take("a", READ, 0)).waitMs, 0);
  }),

  budget("release resolves for a ticket that is unknown or already released", async (store) => {
    const place = await store.take("a", READ, 0);
    await release(store, "a", place);
    await release(store, "a", place);
    await store.release("a", "unknown", NOTHING);
    assert.equal((await store.take("a", READ, 0)).waitMs, 0);
  }),

  budget("keys are compared exactly", async (store) => {
    const keys = ["user:1", "user:11", "User:1", "user:1}", "{user:1", "user:*", "\u00fcser:1", "a".repeat(300)];
    for (const key of keys) await release(store, key, await store.take(key, READ, 0), { closedForMs: MINUTE_MS });
    for (const key of [...keys.map((key) => `${key}x`), "user:"]) {
      assert.equal((await store.take(key, READ, 0)).waitMs, 0, key);
    }
  }),
];

/** Takes and releases a number of places. */
async function spend(store: RateBudget, key: string, cost: RequestCost, count: number, atMostMs = 0): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const place = await store.take(key, cost, atMostMs);
    assert.notEqual(place.ticket, null, `place ${number + 1} of ${count} was refused`);
    // A place in the future is not released: its request was not sent.
    if (place.waitMs === 0) await release(store, key, place);
  }
}

async function release(
  store: RateBudget,
  key: string,
  { ticket }: RatePlace,
  seen: Partial<RateObservation> = {},
): Promise<void> {
  await store.release(key, present(ticket), { ...NOTHING, ...seen });
}

function assertAbout(waitMs: number, expected: number): void {
  assert.ok(waitMs > expected - SLACK_MS && waitMs <= expected + 2_000, `a wait of ${waitMs} ms, not ${expected}`);
}
