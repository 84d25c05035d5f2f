import assert from "node:assert/strict";
import type { ConnectionStore, ConnectionToken, TokenSet } from "@infrajet/github/adapters";
import {
  assertFails,
  type ConformanceCase,
  mutate,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { connection } from "./connection-case.js";
import {
  ACCOUNT,
  API_URL,
  allPages,
  CLIENT_IDS,
  draft,
  KEY,
  save,
  sealed,
  tokenOf,
  tokens,
  versionOf,
} from "./connection-samples.js";
import { connectionTokenConformance } from "./connection-token-conformance.js";
import { LARGEST_ID } from "./samples.js";

/** The conformance cases for a `ConnectionStore`. */
export const connectionStoreConformance: readonly ConformanceCase<StoreSubject<ConnectionStore>>[] = [
  connection("find, remove and page return nothing for a user without a connection", async (store) => {
    assert.equal(await store.find(KEY), null);
    assert.equal(await store.findByGitHubAccount(ACCOUNT), null);
    assert.equal(await store.remove(KEY), null);
    assert.deepEqual(await store.page(10, null), { connections: [], nextCursor: null });
  }),

  connection("find returns exactly the saved connection, also in another process", async (store, subject) => {
    const result = await store.save(draft());
    assert.ok(result.outcome === "saved");
    assert.equal(result.previous, null);
    const { version } = tokenOf(result.connection);
    assert.ok(version !== "");
    assert.deepEqual(result.connection, {
      ...KEY,
      ...{ githubUserId: 583_231, login: "octocat", connectedAt: draft().connectedAt },
      tokens: [{ ...tokens("one"), client: "oauth", clientId: CLIENT_IDS.oauth, version, reauthRequired: false }],
    });
    const other = await secondStore(subject);
    assert.deepEqual(await other.find(KEY), result.connection);
    assert.deepEqual(await other.findByGitHubAccount(ACCOUNT), result.connection);
  }),

  connection("save keeps one token per client of the same account", async (store) => {
    const first = await save(store, draft());
    const later = { client: "app", connectedAt: new Date(), login: "Octocat-renamed", token: tokens("two") } as const;
    const result = await store.save(draft(later));
    assert.ok(result.outcome === "saved");
    assert.deepEqual(result.previous, first);
    const { connection } = result;
    assert.equal(connection.tokens.length, 2);
    assert.deepEqual(tokenOf(connection), tokenOf(first));
    assert.equal(tokenOf(connection, CLIENT_IDS.app).accessToken.text, "access two");
    assert.equal(connection.login, "Octocat-renamed");
    assert.deepEqual(connection.connectedAt, first.connectedAt);
    assert.deepEqual(await store.find(KEY), connection);
  }),

  connection("save keeps one token per client ID when two apps of one kind use the store", async (store) => {
    const first = await save(store, draft({ client: "app" }));
    const other = draft({ client: "app", clientId: "Iv1.other", token: tokens("two") });
    const both = await save(store, other);
    assert.equal(both.tokens.length, 2);
    assert.deepEqual(tokenOf(both, CLIENT_IDS.app), tokenOf(first, CLIENT_IDS.app));
    const refreshed = await store.replaceToken(KEY, tokenOf(both, "Iv1.other").version, tokens("three"));
    assert.equal(tokenOf(present(refreshed), "Iv1.other").accessToken.text, "access three");
    assert.deepEqual(tokenOf(present(refreshed), CLIENT_IDS.app), tokenOf(first, CLIENT_IDS.app));
    assert.deepEqual(await store.find(KEY), refreshed);
    const marked = await store.markReauthRequired(KEY, tokenOf(first, CLIENT_IDS.app).version);
    assert.deepEqual(
      [tokenOf(present(marked), CLIENT_IDS.app), tokenOf(present(marked), "Iv1.other")].map((it) => it.reauthRequired),
      [true, false],
    );
  }),

  connection("updateScopes keeps the version, and makes a change once", async (store, subject) => {
    const other = await secondStore(subject);
    const first = await save(store, draft());
    const version = versionOf(first);
    const results = await race(6, (caller) => (caller % 2 === 0 ? store : other).updateScopes(KEY, version, ["gist"]));
    const changed = results.filter((result) => result !== null);
    assert.equal(changed.length, 1);
    assert.deepEqual(tokenOf(present(changed[0] ?? null)), { ...tokenOf(first), scopes: ["gist"] });
    assert.deepEqual(await store.find(KEY), changed[0]);
    assert.equal(await store.updateScopes(KEY, version, ["gist"]), null);
  }),

  connection("save replaces a client's token when the user authorizes again", async (store) => {
    const first = await save(store, draft());
    await store.markReauthRequired(KEY, versionOf(first));
    const again = await save(store, draft({ token: tokens("two") }));
    assert.notEqual(versionOf(again), versionOf(first));
    assert.equal(again.tokens.length, 1);
    assert.equal(tokenOf(again).reauthRequired, false);
    assert.equal(tokenOf(again).accessToken.text, "access two");
  }),

  connection("save replaces the whole connection when the user connects another account", async (store) => {
    await save(store, draft({ client: "app" }));
    const first = await save(store, draft());
    const connectedAt = new Date("2026-05-01T00:00:00.000Z");
    const result = await store.save(draft({ githubUserId: 2, login: "hubot", connectedAt }));
    assert.ok(result.outcome === "saved");
    assert.deepEqual(result.previous, first);
    assert.deepEqual(
      result.connection.tokens.map(({ client }) => client),
      ["oauth"],
    );
    assert.deepEqual(result.connection.connectedAt, connectedAt);
    assert.equal(await store.findByGitHubAccount(ACCOUNT), null);
    await save(store, draft({ userId: "8" }));
  }),

  connection("save rejects an account that is connected to another user", async (store) => {
    const first = await save(store, draft());
    assert.deepEqual(await store.save(draft({ userId: "8" })), { outcome: "account_taken" });
    assert.equal(await store.find({ ...KEY, userId: "8" }), null);
    assert.deepEqual(await store.findByGitHubAccount(ACCOUNT), first);
    const own = await save(store, draft({ userId: "8", githubUserId: 2 }));
    assert.deepEqual(await store.save(draft({ userId: "8" })), { outcome: "account_taken" });
    assert.deepEqual(await store.find({ ...KEY, userId: "8" }), own);
  }),

  connection("save connects an account to exactly one of many concurrent users", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(15, async (round) => {
      const githubUserId = 1_000 + round;
      const results = await race(6, (caller) =>
        (caller % 2 === 0 ? store : other).save(draft({ userId: `${round}-${caller}`, githubUserId })),
      );
      const winners = results.flatMap((result) => (result.outcome === "saved" ? [result.connection] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await store.findByGitHubAccount({ apiUrl: API_URL, githubUserId }), winners[0]);
      const found = await race(6, (caller) => store.find({ ...KEY, userId: `${round}-${caller}` }));
      assert.equal(found.filter((connection) => connection !== null).length, 1);
    });
  }),

  connection("save keeps both tokens when two clients are authorized at the same time", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async (round) => {
      const who = { userId: `both-${round}`, githubUserId: 2_000 + round };
      await Promise.all([
        save(store, draft({ ...who, client: "oauth" })),
        save(other, draft({ ...who, client: "app" })),
      ]);
      const { tokens } = present(await store.find({ ...KEY, userId: who.userId }));
      assert.deepEqual(tokens.map(({ client }) => client).sort(), ["app", "oauth"]);
    });
  }),

  connection("find distinguishes user ids and API URLs exactly", async (store) => {
    const keys = [
      KEY,
      { ...KEY, userId: "07" },
      { ...KEY, userId: "user" },
      { ...KEY, userId: "User" },
      { ...KEY, userId: "user " },
      { ...KEY, userId: `u${"s".repeat(250)}er` },
      { ...KEY, apiUrl: "https://github.example.com/api/v3" },
    ];
    for (const [index, key] of keys.entries()) await save(store, draft({ ...key, githubUserId: LARGEST_ID - index }));
    for (const [index, key] of keys.entries()) {
      assert.equal(present(await store.find(key)).githubUserId, LARGEST_ID - index);
      const account = { apiUrl: key.apiUrl, githubUserId: LARGEST_ID - index };
      assert.equal(present(await store.findByGitHubAccount(account)).userId, key.userId);
    }
    await save(store, draft({ userId: "another", apiUrl: "https://other.example.com", githubUserId: LARGEST_ID }));
  }),

  ...connectionTokenConformance,

  connection(
    "remove returns a connection once, releases the account and never reuses its version",
    async (store, subject) => {
      const other = await secondStore(subject);
      const versions = new Set<string>();
      await rounds(8, async () => {
        const saved = await save(store, draft());
        assert.ok(!versions.has(versionOf(saved)));
        for (const old of versions) assert.equal(await store.replaceToken(KEY, old, tokens("late")), null);
        versions.add(versionOf(saved));
        const removed = await race(5, (caller) => (caller % 2 === 0 ? store : other).remove(KEY));
        assert.deepEqual(
          removed.filter((connection) => connection !== null),
          [saved],
        );
        assert.equal(await store.findByGitHubAccount(ACCOUNT), null);
        assert.equal(await store.replaceToken(KEY, versionOf(saved), tokens("late")), null);
        assert.equal(await store.find(KEY), null);
      });
      await save(store, draft({ userId: "8" }));
    },
  ),

  connection("find returns long tokens and unusual texts unchanged", async (store) => {
    const token: TokenSet = {
      accessToken: sealed("a".repeat(4_000), "key/2026-01 \u{1f511}"),
      accessTokenExpiresAt: new Date("2026-03-01T18:00:00.001Z"),
      refreshToken: sealed("r".repeat(4_000), "k".repeat(64)),
      refreshTokenExpiresAt: null,
      scopes: ["repo", "read:org", "s".repeat(200)],
    };
    const saved = await save(store, draft({ token, githubUserId: LARGEST_ID }));
    const ids = { client: "oauth", clientId: CLIENT_IDS.oauth, version: versionOf(saved) } as const;
    const expected: ConnectionToken = { ...token, ...ids, reauthRequired: false };
    assert.deepEqual(tokenOf(present(await store.find(KEY))), expected);
    await save(store, draft({ token: { ...token, scopes: [], refreshToken: null }, githubUserId: LARGEST_ID }));
    const found = tokenOf(present(await store.find(KEY)));
    assert.deepEqual([found.scopes, found.refreshToken], [[], null]);
  }),

  connection(
    "page returns every connection that exists throughout, while others are added and removed",
    async (store) => {
      const users = Array.from({ length: 7 }, (_, index) => `user-${index}`);
      for (const [index, userId] of users.entries()) await save(store, draft({ userId, githubUserId: index + 1 }));
      for (const limit of [1, 3, 6, 7, 8]) {
        const pages = await allPages(store, limit);
        assert.deepEqual(
          pages
            .flat()
            .map(({ userId }) => userId)
            .sort(),
          users,
        );
        assert.equal(pages.length, Math.ceil(7 / limit));
      }
      const first = await store.page(3, null);
      const seen = first.connections.map(({ userId }) => userId);
      const [gone = ""] = users.filter((userId) => !seen.includes(userId));
      await store.remove({ ...KEY, userId: seen[2] ?? "" });
      await store.remove({ ...KEY, userId: gone });
      await save(store, draft({ userId: "user-new", githubUserId: 99 }));
      const rest = await allPages(store, 2, first.nextCursor);
      const paged = [...seen, ...rest.flat().map(({ userId }) => userId)].filter((userId) => userId !== "user-new");
      assert.deepEqual(
        paged.sort(),
        users.filter((userId) => userId !== gone),
      );
    },
  ),

  connection("page rejects an invalid cursor", async (store) => {
    for (const cursor of ["", "abc", "1 OR 1=1", "e30", "\u{1f600}"]) {
      await assertFails(store.page(2, cursor), "validation_failed");
    }
  }),

  connection("The store keeps no reference to objects that it receives or returns", async (store) => {
    const given = draft();
    const saved = await save(store, given);
    const expected = structuredClone(saved);
    mutate(given.token.accessToken, { text: "changed" });
    given.connectedAt.setTime(0);
    saved.connectedAt.setTime(0);
    mutate(tokenOf(saved), { reauthRequired: true });
    const found = present(await store.find(KEY));
    assert.deepEqual(found, expected);
    mutate(tokenOf(found).accessToken, { text: "changed" });
    mutate(present((await store.page(1, null)).connections[0]), { login: "changed" });
    assert.deepEqual(await store.findByGitHubAccount(ACCOUNT), expected);
  }),
];
