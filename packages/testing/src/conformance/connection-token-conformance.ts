import assert from "node:assert/strict";
import type { ConnectionStore } from "@infrajet/github/adapters";
import { type ConformanceCase, present, race, rounds, type StoreSubject, secondStore } from "./conformance-case.js";
import { connection } from "./connection-case.js";
import { CLIENT_IDS, draft, KEY, save, sealed, tokenOf, tokens, versionOf } from "./connection-samples.js";

/** The conformance cases for changes of one token of a connection. */
export const connectionTokenConformance: readonly ConformanceCase<StoreSubject<ConnectionStore>>[] = [
  connection("replaceToken succeeds exactly once per version", async (store, subject) => {
    const other = await secondStore(subject);
    await save(store, draft({ client: "app" }));
    let current = await save(store, draft());
    await rounds(15, async (round) => {
      const version = versionOf(current);
      const results = await race(6, (caller) =>
        (caller % 2 === 0 ? store : other).replaceToken(KEY, version, tokens(`${round}-${caller}`)),
      );
      const winners = results.filter((result) => result !== null);
      assert.equal(winners.length, 1);
      assert.notEqual(versionOf(present(winners[0])), version);
      current = present(await store.find(KEY));
      assert.deepEqual(current, winners[0]);
    });
    assert.equal(tokenOf(current, CLIENT_IDS.app).accessToken.text, "access one");
  }),

  connection("replaceToken clears reauthRequired", async (store) => {
    const version = versionOf(await save(store, draft()));
    const marked = present(await store.markReauthRequired(KEY, version));
    assert.equal(versionOf(marked), version);
    assert.equal(tokenOf(marked).reauthRequired, true);
    const refreshed = present(await store.replaceToken(KEY, version, tokens("two")));
    const { reauthRequired, version: next, client, clientId, ...token } = tokenOf(refreshed);
    assert.deepEqual({ reauthRequired, token }, { reauthRequired: false, token: tokens("two") });
    assert.deepEqual({ client, clientId }, { client: "oauth", clientId: CLIENT_IDS.oauth });
    assert.notEqual(next, version);
    assert.equal(await store.markReauthRequired(KEY, version), null);
    assert.deepEqual(await store.find(KEY), refreshed);
  }),

  connection(
    "reencryptToken replaces the encrypted texts and keeps the version and all other fields",
    async (store) => {
      const first = await save(store, draft());
      const version = versionOf(first);
      await store.markReauthRequired(KEY, version);
      const reencrypted = { accessToken: sealed("reencrypted", "k2"), refreshToken: null };
      const done = present(await store.reencryptToken(KEY, version, reencrypted));
      assert.deepEqual(tokenOf(done), { ...tokenOf(first), ...reencrypted, reauthRequired: true });
      assert.deepEqual(await store.find(KEY), done);
      present(await store.replaceToken(KEY, version, tokens("two")));
      assert.equal(await store.reencryptToken(KEY, version, reencrypted), null);
    },
  ),

  connection(
    "replaceToken, reencryptToken, updateScopes and markReauthRequired change nothing for an unknown user or version",
    async (store) => {
      const first = await save(store, draft());
      const version = versionOf(first);
      for (const [key, expected] of [
        [{ ...KEY, userId: "8" }, version],
        [{ ...KEY, apiUrl: "https://github.example.com/api/v3" }, version],
        [KEY, `${version} `],
        [KEY, ""],
      ] as const) {
        assert.equal(await store.replaceToken(key, expected, tokens("two")), null);
        assert.equal(await store.reencryptToken(key, expected, tokens("two")), null);
        assert.equal(await store.updateScopes(key, expected, ["gist"]), null);
        assert.equal(await store.markReauthRequired(key, expected), null);
      }
      assert.deepEqual(await store.find(KEY), first);
    },
  ),
];
