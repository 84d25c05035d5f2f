import assert from "node:assert/strict";
import type { InstallationToken, TokenCache, TokenCacheKey } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase, race, type StoreSubject, secondStore } from "./conformance-case.js";

const cache = (
  name: string,
  test: (cache: TokenCache, subject: StoreSubject<TokenCache>) => Promise<void>,
): ConformanceCase<StoreSubject<TokenCache>> => conformanceCase(name, (subject) => test(subject.store, subject));

const KEY: TokenCacheKey = {
  apiUrl: "https://api.github.com",
  appId: 1,
  installationId: 7,
  repositories: ["infra", "web"],
  permissions: { contents: "write", metadata: "read" },
};

const token = (text: string): InstallationToken => ({
  token: text,
  expiresAt: new Date(Date.now() + 3_600_000),
  permissions: { contents: "write", metadata: "read" },
  repositorySelection: "selected",
  issuedAt: Date.now(),
});

/** The keys that differ from `KEY` in one part. */
const OTHERS: readonly TokenCacheKey[] = [
  { ...KEY, apiUrl: "https://github.example/api/v3" },
  { ...KEY, appId: 11 },
  { ...KEY, installationId: 77 },
  { ...KEY, repositories: null },
  { ...KEY, repositories: ["infra"] },
  { ...KEY, repositories: ["infra,web"] },
  { ...KEY, permissions: null },
  { ...KEY, permissions: { contents: "read", metadata: "read" } },
  { ...KEY, permissions: { contents: "write" } },
];

/** The conformance cases for a `TokenCache`. */
export const tokenCacheConformance: readonly ConformanceCase<StoreSubject<TokenCache>>[] = [
  cache("get returns the token that was put, also in another process", async (store, subject) => {
    const stored = token("one");
    await store.put(KEY, stored);
    assert.deepEqual(await store.get(KEY), stored);
    assert.deepEqual(await (await secondStore(subject)).get(KEY), stored);
  }),

  cache("get returns null for a key without a token", async (store) => {
    assert.equal(await store.get(KEY), null);
  }),

  cache("get never returns the token of other repositories, permissions, installations or apps", async (store) => {
    await store.put(KEY, token("one"));
    for (const other of OTHERS) assert.equal(await store.get(other), null, JSON.stringify(other));
    for (const [index, other] of OTHERS.entries()) await store.put(other, token(`other ${index}`));
    for (const [index, other] of OTHERS.entries()) assert.equal((await store.get(other))?.token, `other ${index}`);
    assert.equal((await store.get(KEY))?.token, "one");
  }),

  cache("get finds a token whatever the order of the permissions", async (store) => {
    await store.put(KEY, token("one"));
    const permissions = { metadata: "read", contents: "write" };
    assert.equal((await store.get({ ...KEY, permissions }))?.token, "one");
  }),

  cache("put replaces the token of the key", async (store, subject) => {
    const other = await secondStore(subject);
    await store.put(KEY, token("one"));
    await other.put(KEY, token("two"));
    assert.equal((await other.get(KEY))?.token, "two");
  }),

  cache("remove removes a token, and keeps the one that has replaced it", async (store) => {
    await store.put(KEY, token("one"));
    await store.put(KEY, token("two"));
    await store.remove(KEY, "one");
    assert.equal((await store.get(KEY))?.token, "two");
    await store.remove(KEY, "two");
    assert.equal(await store.get(KEY), null);
    await store.remove(KEY, "two");
  }),

  cache("forget removes all tokens of an installation and no others", async (store, subject) => {
    const kept = OTHERS.filter(
      ({ apiUrl, appId, installationId }) =>
        apiUrl !== KEY.apiUrl || appId !== KEY.appId || installationId !== KEY.installationId,
    );
    for (const key of [KEY, ...OTHERS]) await store.put(key, token("one"));
    await (await secondStore(subject)).forget(KEY);
    await store.forget(KEY);
    for (const key of [KEY, ...OTHERS]) {
      const isKept = kept.includes(key);
      assert.equal((await store.get(key)) !== null, isKept, JSON.stringify(key));
    }
  }),

  cache("put and get are safe for racing callers", async (store, subject) => {
    const other = await secondStore(subject);
    await race(10, async (caller) => {
      await (caller % 2 === 0 ? store : other).put(KEY, token(`${caller}`));
      assert.notEqual(await (caller % 2 === 0 ? store : other).get(KEY), null);
    });
  }),
];
