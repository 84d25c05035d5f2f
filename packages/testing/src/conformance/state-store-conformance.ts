import assert from "node:assert/strict";
import type { OAuthState, StateStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  meddle,
  pass,
  race,
  rounds,
  type StoreSubject,
  secondUser,
  shortSpan,
  timeOf,
} from "./conformance-case.js";

const state = (
  name: string,
  test: (store: StateStore, subject: StoreSubject<StateStore>) => Promise<void>,
): ConformanceCase<StoreSubject<StateStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

/** What every `StateStore` promises. */
export const stateStoreConformance: readonly ConformanceCase<StoreSubject<StateStore>>[] = [
  state("gives a state back whole, once, also to another process", async (store, subject) => {
    for (const saved of [sample(subject), sample(subject, { codeVerifier: null, redirectUri: null, browser: null })]) {
      await store.put(saved);
      assert.deepEqual(await (await secondUser(subject)).consume(saved.userId, saved.state), saved);
      assert.equal(await store.consume(saved.userId, saved.state), null);
    }
  }),

  state("gives a state to exactly one of many racing callers", async (store, subject) => {
    const other = await secondUser(subject);
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
  }),

  state("gives a state only to its own user, compared exactly", async (store, subject) => {
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

  state("keeps the same text of two users apart", async (store, subject) => {
    const mine = sample(subject, { codeVerifier: "mine", browser: "my browser" });
    const theirs = sample(subject, { userId: "User", codeVerifier: "theirs", browser: "their browser" });
    const third = sample(subject, { userId: "user", codeVerifier: "third", browser: null });
    for (const saved of [mine, theirs, third]) await store.put(saved);
    assert.deepEqual(await store.consumeByBrowser("abc", "their browser"), theirs);
    assert.equal(await store.consume("User", "abc"), null);
    assert.deepEqual(await store.consume("user", "abc"), third);
    assert.deepEqual(await store.consume("7", "abc"), mine);
  }),

  state("gives a state by browser only to the browser that began it", async (store, subject) => {
    await store.put(sample(subject, { browser: "Browser" }));
    await store.put(sample(subject, { userId: "8", browser: null }));
    for (const browser of ["browser", "", "null", "Browser "]) {
      assert.equal(await store.consumeByBrowser("abc", browser), null);
    }
    assert.equal(await store.consumeByBrowser("ABC", "Browser"), null);
    assert.equal((await store.consumeByBrowser("abc", "Browser"))?.userId, "7");
  }),

  state("replaces a state of the same user and text", async (store, subject) => {
    await store.put(sample(subject, { browser: "first" }));
    const second = sample(subject, { codeVerifier: "second", client: "app", browser: "second" });
    await store.put(second);
    assert.equal(await store.consumeByBrowser("abc", "first"), null);
    assert.deepEqual(await store.consume("7", "abc"), second);
    assert.equal(await store.consume("7", "abc"), null);
  }),

  state("gives an expired state to nobody", async (store, subject) => {
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

  state("removes expired states in bounded batches and leaves the others", async (store, subject) => {
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

  state("holds long texts", async (store, subject) => {
    const texts = [`${"s".repeat(1_000)}a`, `${"s".repeat(1_000)}b`, "\u{1f600} & 'quotes' \"", "__proto__"];
    for (const text of texts) await store.put(sample(subject, { state: text, codeVerifier: text, redirectUri: text }));
    for (const text of texts) assert.equal((await store.consume("7", text))?.codeVerifier, text);
  }),

  state("copies what it is given", async (store, subject) => {
    const saved = sample(subject);
    await store.put(saved);
    meddle(saved, { codeVerifier: "meddled" });
    saved.expiresAt.setTime(0);
    assert.deepEqual(await store.consume("7", "abc"), sample(subject));
  }),
];

const LIFETIME = 3_600_000;
// Whole, so that two samples of one case are alike whatever the real time is.
const UNIT = 1_000_000;

function sample(subject: StoreSubject<StateStore>, over: Partial<OAuthState> = {}): OAuthState {
  return {
    userId: "7",
    state: "abc",
    client: "oauth",
    codeVerifier: "v".repeat(128),
    redirectUri: "https://app.example.com/api/v1/github/auth/callback",
    browser: "browser",
    expiresAt: new Date(Math.ceil(timeOf(subject) / UNIT) * UNIT + LIFETIME),
    ...over,
  };
}
