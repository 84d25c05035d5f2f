import assert from "node:assert/strict";
import type { OAuthState, StateStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  mutate,
  pass,
  race,
  rounds,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";

const state = (
  name: string,
  test: (store: StateStore, subject: StoreSubject<StateStore>) => Promise<void>,
): ConformanceCase<StoreSubject<StateStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** The conformance cases for a `StateStore`. */
export const stateStoreConformance: readonly ConformanceCase<StoreSubject<StateStore>>[] = [
  state("consume returns a complete state once, also in another process", async (store, subject) => {
    for (const saved of [
      sample(subject),
      sample(subject, { codeVerifier: null, redirectUri: null, browser: null, payload: '{"a":"\u{1f600}"}' }),
    ]) {
      await store.put(saved);
      assert.deepEqual(await (await secondStore(subject)).consume(saved.userId, saved.state), saved);
      assert.equal(await store.consume(saved.userId, saved.state), null);
    }
  }),

  state(
    "consume and consumeByBrowser return a state to exactly one of many concurrent callers",
    async (store, subject) => {
      const other = await secondStore(subject);
      await rounds(20, async (round) => {
        const saved = sample(subject, { state: `state-${round}`, browser: `browser-${round}` });
        await store.put(saved);
        const taken = await race(8, (caller) => {
          const by = caller % 2 === 0 ? store : other;
          return caller % 3 === 0
            ? by.consumeByBrowser(saved.state, `browser-${round}`)
            : by.consume(saved.userId, saved.state);
        });
        assert.deepEqual(
          taken.filter((found) => found !== null),
          [saved],
        );
      });
    },
  ),

  state("consume returns a state only to its own user, compared exactly", async (store, subject) => {
    await store.put(sample(subject));
    for (const [userId, text] of [
      ["8", "abc"],
      ["7 ", "abc"],
      ["7", "ABC"],
      ["7", "abc "],
      ["7", "ab%"],
      ["7", ""],
    ] as const) {
      assert.equal(await store.consume(userId, text), null);
    }
    assert.deepEqual(await store.consume("7", "abc"), sample(subject));
  }),

  state("consume distinguishes equal state texts of different users", async (store, subject) => {
    const mine = sample(subject, { codeVerifier: "mine", browser: "my browser" });
    const theirs = sample(subject, { userId: "User", codeVerifier: "theirs", browser: "their browser" });
    const third = sample(subject, { userId: "user", codeVerifier: "third", browser: null });
    for (const saved of [mine, theirs, third]) await store.put(saved);
    assert.deepEqual(await store.consumeByBrowser("abc", "their browser"), theirs);
    assert.equal(await store.consume("User", "abc"), null);
    assert.deepEqual(await store.consume("user", "abc"), third);
    assert.deepEqual(await store.consume("7", "abc"), mine);
  }),

  state("consumeByBrowser returns a state only to the browser that started it", async (store, subject) => {
    await store.put(sample(subject, { browser: "Browser" }));
    await store.put(sample(subject, { userId: "8", browser: null }));
    for (const browser of ["browser", "", "null", "Browser "]) {
      assert.equal(await store.consumeByBrowser("abc", browser), null);
    }
    assert.equal(await store.consumeByBrowser("ABC", "Browser"), null);
    assert.equal((await store.consumeByBrowser("abc", "Browser"))?.userId, "7");
  }),

  state("put replaces a state with the same user and text", async (store, subject) => {
    await store.put(sample(subject, { browser: "first" }));
    const second = sample(subject, { codeVerifier: "second", client: "app", browser: "second" });
    await store.put(second);
    assert.equal(await store.consumeByBrowser("abc", "first"), null);
    assert.deepEqual(await store.consume("7", "abc"), second);
    assert.equal(await store.consume("7", "abc"), null);
  }),

  state("consume and consumeByBrowser do not return an expired state", async (store, subject) => {
    const span = shortSpan(subject);
    const expiresAt = new Date(timeOf(subject) + span);
    await store.put(sample(subject, { state: "one", expiresAt }));
    await store.put(sample(subject, { state: "two", expiresAt }));
    await store.put(sample(subject, { state: "later" }));
    if (subject.clock !== undefined) {
      await store.put(sample(subject, { state: "in time", expiresAt }));
      await pass(subject, span - 1);
      assert.notEqual(await store.consume("7", "in time"), null);
    }
    await pass(subject, subject.clock === undefined ? span + 50 : 1);
    assert.equal(await store.consume("7", "one"), null);
    assert.equal(await store.consumeByBrowser("two", "browser"), null);
    assert.notEqual(await store.consume("7", "later"), null);
  }),

  state("removeExpired removes at most `limit` expired states and no others", async (store, subject) => {
    const span = shortSpan(subject);
    const expiresAt = new Date(timeOf(subject) + span);
    for (let number = 0; number < 5; number += 1)
      await store.put(sample(subject, { state: `old ${number}`, expiresAt }));
    for (let number = 0; number < 3; number += 1) await store.put(sample(subject, { state: `new ${number}` }));
    assert.equal(await store.removeExpired(10), 0);
    await pass(subject, span + 50);
    assert.equal(await store.removeExpired(2), 2);
    assert.equal(await store.removeExpired(2), 2);
    assert.equal(await store.removeExpired(2), 1);
    assert.equal(await store.removeExpired(2), 0);
    for (let number = 0; number < 3; number += 1) assert.notEqual(await store.consume("7", `new ${number}`), null);
  }),

  state("keepNewest deletes a user's states except those that expire last", async (store, subject) => {
    const expiresAt = (minutes: number) => new Date(timeOf(subject) + minutes * 60_000);
    for (let number = 1; number <= 5; number += 1) {
      await store.put(sample(subject, { state: `state ${number}`, expiresAt: expiresAt(number) }));
      await store.put(sample(subject, { userId: "User", state: `state ${number}`, expiresAt: expiresAt(number) }));
      await store.put(sample(subject, { userId: "user", state: `state ${number}`, expiresAt: expiresAt(number) }));
    }
    assert.equal(await store.keepNewest("User", 5), 0);
    assert.equal(await store.keepNewest("User", 2), 3);
    assert.equal(await store.keepNewest("User", 2), 0);
    for (let number = 1; number <= 5; number += 1) {
      assert.equal((await store.consume("User", `state ${number}`)) !== null, number > 3);
      assert.notEqual(await store.consume("user", `state ${number}`), null);
      assert.notEqual(await store.consume("7", `state ${number}`), null);
    }
  }),

  state("consume returns long texts unchanged", async (store, subject) => {
    const texts = [`${"s".repeat(1_000)}a`, `${"s".repeat(1_000)}b`, "\u{1f600} & 'quotes' \"", "__proto__"];
    for (const text of texts) await store.put(sample(subject, { state: text, codeVerifier: text, redirectUri: text }));
    for (const text of texts) assert.equal((await store.consume("7", text))?.codeVerifier, text);
  }),

  state("put keeps no reference to the state that it receives", async (store, subject) => {
    const saved = sample(subject);
    await store.put(saved);
    mutate(saved, { codeVerifier: "changed" });
    saved.expiresAt.setTime(0);
    assert.deepEqual(await store.consume("7", "abc"), sample(subject));
  }),
];

const LIFETIME = 3_600_000;
// Rounded, so that two samples of one case are equal at any real time.
const UNIT = 1_000_000;

function sample(subject: StoreSubject<StateStore>, overrides: Partial<OAuthState> = {}): OAuthState {
  return {
    userId: "7",
    state: "abc",
    client: "oauth",
    codeVerifier: "v".repeat(128),
    redirectUri: "https://app.example.com/api/v1/github/auth/callback",
    browser: "browser",
    payload: null,
    expiresAt: new Date(Math.ceil(timeOf(subject) / UNIT) * UNIT + LIFETIME),
    ...overrides,
  };
}
