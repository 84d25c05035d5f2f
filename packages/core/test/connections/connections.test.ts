import type { Connection } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionEngine } from "../../src/connections/connection-engine.js";
import { CALLBACK, ConnectedFixture, HOUR, MINUTE, withMethods } from "./connected-fixture.js";

let fixture: ConnectedFixture;
let engine: ConnectionEngine;

beforeEach(async () => {
  fixture = await ConnectedFixture.create();
  engine = fixture.engine();
});
afterEach(() => fixture.close());

const isAccepted = async (token: string): Promise<boolean> => {
  const response = await fetch(`${fixture.server.apiUrl}/user`, { headers: { authorization: `Bearer ${token}` } });
  return response.status === 200;
};

const names = (): string[] => fixture.events.map(([name]) => name);

const storedOf = async (userId: string): Promise<Connection> => {
  const connection = await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId });
  if (connection === null) throw new Error("There is no connection.");
  return connection;
};

describe("status", () => {
  it("reports a user without a connection as not connected", async () => {
    expect(await engine.status("7")).toEqual({
      connected: false,
      reauthRequired: false,
      login: null,
      githubUserId: null,
      connectedAt: null,
      repositoriesCount: null,
      permissions: null,
      missingPermissions: [],
    });
  });

  it("reports the number of repositories with one request, and the granted scopes", async () => {
    for (let number = 0; number < 7; number += 1)
      await fixture.box.createRepository({ owner: "ada", name: `r${number}` });
    fixture.box.control.grantScopes(["repo"]);
    const { id } = await fixture.connect(engine, "7", "ada");
    fixture.box.resetCounters();
    expect(await engine.status("7")).toEqual({
      connected: true,
      reauthRequired: false,
      login: "ada",
      githubUserId: id,
      connectedAt: expect.any(Date),
      repositoriesCount: 7,
      permissions: ["repo"],
      missingPermissions: ["workflow"],
    });
    expect(fixture.count("GET /user/repos")).toBe(1);
    expect(fixture.count("GET /user/repos")).toBe(fixture.box.requests.length);
  });

  it("reports no scopes for a GitHub App's token", async () => {
    await fixture.connect(engine, "7", "ada", "app");
    expect(await engine.status("7")).toMatchObject({ connected: true, permissions: [], repositoriesCount: 0 });
  });

  it("reports the connection while GitHub is down, with the last known number of repositories", async () => {
    await fixture.box.createRepository({ owner: "ada", name: "infra" });
    await fixture.connect(engine, "7", "ada");
    const fresh = fixture.engine();
    const back = fixture.box.control.fault({
      path: "/user/repos",
      when: "before",
      respond: { status: 503 },
      times: 100,
    });
    expect(await fresh.status("7")).toMatchObject({ connected: true, login: "ada", repositoriesCount: null });
    back();
    expect(await fresh.status("7")).toMatchObject({ repositoriesCount: 1 });
    fixture.box.control.fault({ path: "/user/repos", when: "before", respond: "reset", times: 100 });
    expect(await fresh.status("7")).toMatchObject({
      connected: true,
      repositoriesCount: 1,
      permissions: ["repo", "workflow"],
    });
  });

  it("reports reauth_required after a revocation, and sends no more requests with the token", async () => {
    await fixture.connect(engine, "7", "ada");
    fixture.box.revokeGrant(fixture.oauthApp, "ada");
    expect(await engine.status("7")).toMatchObject({
      connected: false,
      reauthRequired: true,
      login: "ada",
      repositoriesCount: null,
      permissions: null,
    });
    expect(names()).toContain("connection.reauth_required");
    const requestCount = fixture.box.requests.length;
    expect(await engine.status("7")).toMatchObject({ connected: false, reauthRequired: true });
    expect(await fixture.code(engine.repositories("7"))).toBe("reauth_required");
    expect(fixture.box.requests).toHaveLength(requestCount);
    await fixture.connect(engine, "7", "ada");
    expect(await engine.status("7")).toMatchObject({ connected: true, reauthRequired: false });
  });

  it("reports scopes that the user withdrew, stores them and emits an event once", async () => {
    const { id } = await fixture.connect(engine, "7", "ada");
    const headers = { "x-oauth-scopes": "read:user, workflow" };
    const respond = { status: 200, headers, body: [] };
    const restore = fixture.box.control.fault({ path: "/user/repos", when: "before", respond, times: 100 });
    const expected = { connected: true, permissions: ["read:user", "workflow"], missingPermissions: ["repo"] };
    expect(await engine.status("7")).toMatchObject(expected);
    expect(await fixture.engine().status("7")).toMatchObject(expected);
    restore();
    const account = { userId: "7", githubUserId: id, login: "ada", client: "oauth" };
    expect(fixture.events.filter(([name]) => name === "connection.scopes_reduced")).toEqual([
      ["connection.scopes_reduced", { ...account, lostScopes: ["repo"] }],
    ]);
    fixture.box.control.fault({ path: "/user/repos", when: "before", respond: { status: 503 }, times: 100 });
    expect(await engine.status("7")).toMatchObject(expected);
  });

  it("reports a missing scope by the scopes that include it", async () => {
    fixture.box.control.grantScopes(["user", "repo"]);
    const scopes = ["public_repo", "read:user", "user:email", "workflow"];
    const scoped = fixture.engine({ scopes });
    await fixture.connect(scoped, "7", "ada");
    expect(await scoped.status("7")).toMatchObject({ missingPermissions: ["workflow"] });
  });

  it("reports the connection as valid with the other app's token when one was revoked", async () => {
    await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "7", "ada", "app");
    fixture.box.revokeGrant(fixture.oauthApp, "ada");
    expect(await engine.status("7")).toMatchObject({ connected: true, reauthRequired: false, permissions: [] });
    expect(await fixture.tokenOf(engine, "7")).toMatch(/^ghu_/);
    expect(await fixture.code(engine.credential("7", "oauth"))).toBe("reauth_required");
  });
});

describe("repositories", () => {
  beforeEach(async () => {
    for (let number = 10; number < 35; number += 1) {
      await fixture.box.createRepository({ owner: "ada", name: `r${number}`, private: number % 2 === 0 });
    }
    await fixture.connect(engine, "7", "ada");
    fixture.box.resetCounters();
  });

  it("returns one page of repositories with the total of all pages", async () => {
    const seen: string[] = [];
    for (const [page, length] of [
      [1, 10],
      [2, 10],
      [3, 5],
      [4, 0],
    ] as const) {
      const found = await engine.repositories("7", { page, perPage: 10 });
      expect(found).toMatchObject({ totalCount: 25, page, perPage: 10 });
      expect(found.repositories).toHaveLength(length);
      seen.push(...found.repositories.map(({ fullName }) => fullName));
    }
    expect(new Set(seen).size).toBe(25);
    // Four pages, and the total once, since it is cached for some seconds.
    expect(fixture.count("GET /user/repos")).toBe(5);
  });

  it("needs no second request for the total of a single page or of the last page", async () => {
    expect(await engine.repositories("7", { perPage: 100 })).toMatchObject({ totalCount: 25 });
    expect(await engine.repositories("7", { perPage: 10, page: 3 })).toMatchObject({ totalCount: 25 });
    expect(fixture.box.requests).toHaveLength(2);
  });

  it("counts the repositories again after 10 seconds", async () => {
    expect(await engine.repositories("7", { perPage: 10 })).toMatchObject({ totalCount: 25 });
    await fixture.box.createRepository({ owner: "ada", name: "r99" });
    fixture.clock.putForward(10_000);
    expect(await engine.repositories("7", { perPage: 10 })).toMatchObject({ totalCount: 26 });
  });

  it("returns one repository by its case-insensitive name", async () => {
    const found = await engine.repository("7", "Ada/R10");
    expect(found).toMatchObject({
      name: "r10",
      fullName: "ada/r10",
      private: true,
      defaultBranch: "main",
      permissions: { admin: true, push: true, pull: true },
      owner: { login: "ada", id: expect.any(Number) },
      createdAt: expect.any(Date),
    });
    expect(found.cloneUrl).toMatch(/\/ada\/r10\.git$/);
    expect(await fixture.failure(engine.repository("7", "ada/none"))).toMatchObject({
      code: "repository_not_found",
      status: 404,
    });
    expect(await fixture.code(engine.repository("7", "../user"))).toBe("invalid_repository_name");
  });

  it("rejects invalid pages and users who are not connected", async () => {
    for (const query of [{ page: 0 }, { page: 1.5 }, { perPage: 0 }, { perPage: 101 }, { page: Number.NaN }]) {
      expect(await fixture.code(engine.repositories("7", query))).toBe("validation_failed");
    }
    expect(await fixture.failure(engine.repositories("8"))).toMatchObject({
      code: "github_not_connected",
      status: 400,
    });
    expect(await fixture.code(engine.repository("8", "ada/r10"))).toBe("github_not_connected");
    expect(await fixture.code(engine.credential("7", "app"))).toBe("github_not_connected");
    expect(fixture.box.requests).toHaveLength(0);
  });
});

describe("connected account", () => {
  it("rejects an account that is connected to another user, and revokes the new token", async () => {
    await fixture.connect(engine, "7", "ada");
    const own = await fixture.tokenOf(engine, "7");
    const taken = await fixture.failure(fixture.connect(engine, "8", "ada"));
    expect(taken).toMatchObject({ code: "github_account_taken", status: 400 });
    expect(await engine.account("8")).toBeNull();
    expect(fixture.count("DELETE /applications/{client_id}/token")).toBe(1);
    expect(await isAccepted(own)).toBe(true);
  });

  it("frees the account for another user after a disconnect", async () => {
    await fixture.connect(engine, "7", "ada");
    await engine.disconnect("7");
    expect(await fixture.connect(engine, "8", "ada")).toMatchObject({ login: "ada" });
  });

  it("replaces a user's account with a different one, and revokes the former account's tokens", async () => {
    const { id } = await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "7", "ada", "app");
    const former = [await fixture.tokenOf(engine, "7", "oauth"), await fixture.tokenOf(engine, "7", "app")];
    await fixture.connect(engine, "7", "grace");
    expect(await engine.account("7")).toMatchObject({ login: "grace" });
    expect(await Promise.all(former.map(isAccepted))).toEqual([false, false]);
    expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
    expect(fixture.events).toContainEqual(["connection.removed", { userId: "7", githubUserId: id, login: "ada" }]);
    expect(await engine.accountOfGitHubUser(id)).toBeNull();
  });

  it("replaces the token when the same account is connected again, and revokes the former token", async () => {
    await fixture.connect(engine, "7", "ada");
    const before = await fixture.tokenOf(engine, "7");
    const credential = await engine.credential("7");
    await fixture.connect(engine, "7", "ada");
    const after = await fixture.tokenOf(engine, "7");
    expect([await isAccepted(before), await isAccepted(after)]).toEqual([false, true]);
    expect(await credential.token()).toBe(after);
    expect(names()).not.toContain("connection.removed");
  });

  it("connects the account even when the former token cannot be revoked", async () => {
    await fixture.connect(engine, "7", "ada");
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 500 } });
    await fixture.connect(engine, "7", "grace");
    expect(await engine.account("7")).toMatchObject({ login: "grace" });
  });

  it("invalidates credentials of the former account", async () => {
    await fixture.connect(engine, "7", "ada");
    const credential = await engine.credential("7");
    await fixture.connect(engine, "7", "grace");
    expect(await fixture.code(credential.token())).toBe("github_not_connected");
  });

  it("does not connect an account when GitHub's profile is invalid, and revokes the token", async () => {
    fixture.box.control.fault({ path: "/user", when: "before", respond: { status: 200, body: { id: "ada" } } });
    expect(await fixture.code(fixture.connect(engine, "7", "ada"))).toBe("github_unavailable");
    expect(await engine.account("7")).toBeNull();
    expect(fixture.count("DELETE /applications/{client_id}/token")).toBe(1);
  });
});

describe("connection of several apps of one kind", () => {
  const otherApp = () => {
    const { clientId, clientSecret } = fixture.box.addApp({ callbackUrls: [CALLBACK] });
    return fixture.engine({ oauthClients: { app: { clientId, clientSecret: fixture.engineSecret(clientSecret) } } });
  };

  it("holds one token for each client ID", async () => {
    const other = otherApp();
    await fixture.connect(engine, "7", "ada", "app");
    await fixture.connect(other, "7", "ada", "app");
    const tokens = [await fixture.tokenOf(engine, "7", "app"), await fixture.tokenOf(other, "7", "app")];
    expect(new Set(tokens).size).toBe(2);
    fixture.clock.putForward(9 * HOUR);
    const refreshed = [await fixture.tokenOf(engine, "7", "app"), await fixture.tokenOf(other, "7", "app")];
    expect(await Promise.all(refreshed.map(isAccepted))).toEqual([true, true]);
    expect(await fixture.tokenOf(engine, "7", "app")).toBe(refreshed[0]);
  });

  it("requires reauthorization after the app was replaced", async () => {
    await fixture.connect(engine, "7", "ada", "app");
    const other = otherApp();
    expect(await other.status("7")).toMatchObject({ connected: false, reauthRequired: true, login: "ada" });
    expect(await fixture.code(other.repositories("7"))).toBe("reauth_required");
    expect(await fixture.code(other.credential("7", "app"))).toBe("reauth_required");
    expect(await fixture.code(other.credential("7", "oauth"))).toBe("github_not_connected");
    await fixture.connect(other, "7", "ada", "app");
    expect(await other.status("7")).toMatchObject({ connected: true, reauthRequired: false });
  });

  it("is disconnected with tokenRevoked: false when a token belongs to another app", async () => {
    await fixture.connect(engine, "7", "ada", "app");
    const foreign = await fixture.tokenOf(engine, "7", "app");
    const other = otherApp();
    await fixture.connect(other, "7", "ada", "app");
    const own = await fixture.tokenOf(other, "7", "app");
    fixture.clock.putForward(7 * HOUR + 58 * MINUTE);
    expect(await other.disconnect("7")).toEqual({ login: "ada", tokenRevoked: false });
    expect([await isAccepted(foreign), await isAccepted(own)]).toEqual([true, false]);
  });
});

describe("disconnect", () => {
  it("revokes the tokens at GitHub and deletes the connection", async () => {
    await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "7", "ada", "app");
    const tokens = [await fixture.tokenOf(engine, "7", "oauth"), await fixture.tokenOf(engine, "7", "app")];
    expect(await engine.disconnect("7")).toEqual({ login: "ada", tokenRevoked: true });
    expect(await Promise.all(tokens.map(isAccepted))).toEqual([false, false]);
    expect(await engine.status("7")).toMatchObject({ connected: false, reauthRequired: false });
    expect(names().at(-1)).toBe("connection.removed");
    expect(await fixture.failure(engine.disconnect("7"))).toMatchObject({ code: "github_not_connected", status: 400 });
  });

  it("revokes the whole grant on request, including other tokens of the same app", async () => {
    await fixture.connect(engine, "7", "ada");
    const elsewhere = new URL((await engine.authorize({ userId: "7" })).url);
    elsewhere.searchParams.delete("code_challenge");
    const { code } = await fixture.approve(elsewhere.href, "ada");
    const { clientId, clientSecret } = fixture.oauthApp;
    const exchanged = await fetch(`${fixture.server.serverUrl}/login/oauth/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, code }),
    });
    const { access_token: other } = (await exchanged.json()) as { access_token: string };
    fixture.remember(other);
    expect(await isAccepted(other)).toBe(true);
    expect(await engine.disconnect("7", { revoke: "grant" })).toMatchObject({ tokenRevoked: true });
    expect(await isAccepted(other)).toBe(false);
  });

  it("revokes nothing at GitHub with revoke: false", async () => {
    await fixture.connect(engine, "7", "ada");
    const token = await fixture.tokenOf(engine, "7");
    expect(await engine.disconnect("7", { revoke: false })).toEqual({ login: "ada", tokenRevoked: false });
    expect(await isAccepted(token)).toBe(true);
    expect(fixture.box.requests.filter(({ method }) => method === "DELETE")).toHaveLength(0);
  });

  it("disconnects with tokenRevoked: false when GitHub does not revoke the token", async () => {
    await fixture.connect(engine, "7", "ada");
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 503 }, times: 5 });
    expect(await engine.disconnect("7")).toEqual({ login: "ada", tokenRevoked: false });
    expect(await engine.account("7")).toBeNull();
  });

  it("disconnects with tokenRevoked: false when GitHub does not find a token that still works", async () => {
    for (const revoke of ["token", "grant"] as const) {
      await fixture.connect(engine, "7", "ada");
      const token = await fixture.tokenOf(engine, "7");
      fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 404, body: {} } });
      expect(await engine.disconnect("7", { revoke })).toEqual({ login: "ada", tokenRevoked: false });
      expect(await isAccepted(token)).toBe(true);
    }
  });

  it("reports a token that was already revoked as revoked", async () => {
    await fixture.connect(engine, "7", "ada");
    fixture.box.revokeGrant(fixture.oauthApp, "ada");
    expect(await engine.disconnect("7")).toMatchObject({ tokenRevoked: true });
  });

  it("refreshes an expired token to revoke it, since its refresh token would stay valid", async () => {
    await fixture.connect(engine, "7", "ada", "app");
    fixture.clock.putForward(9 * HOUR);
    expect(await engine.disconnect("7")).toMatchObject({ tokenRevoked: true });
    expect(fixture.exchanges).toBe(2);
    const deleted = fixture.box.requests.filter(({ method }) => method === "DELETE");
    expect(deleted.map(({ status }) => status)).toContain(204);
  });

  it("revokes a token that was added during the disconnect", async () => {
    await fixture.connect(engine, "7", "ada");
    let late = "";
    const connections = withMethods(fixture.connections, {
      remove: async (key) => {
        await fixture.connect(engine, "7", "ada", "app");
        late = await fixture.tokenOf(engine, "7", "app");
        return fixture.connections.remove(key);
      },
    });
    expect(await fixture.engine({ connections }).disconnect("7")).toMatchObject({ tokenRevoked: true });
    expect(await isAccepted(late)).toBe(false);
  });

  it("disconnects a connection whose token can no longer be decrypted", async () => {
    await fixture.connect(engine, "7", "ada");
    const other = fixture.engine({ cipher: fixture.foreignCipher() });
    expect(await fixture.code(fixture.tokenOf(other, "7"))).toBe("store_failed");
    expect(await other.disconnect("7")).toEqual({ login: "ada", tokenRevoked: false });
  });
});

describe("revokedByGitHub", () => {
  it("marks tokens that GitHub no longer accepts", async () => {
    const { id } = await fixture.connect(engine, "7", "ada", "app");
    fixture.box.revokeGrant(fixture.gitHubApp, "ada");
    expect(await engine.revokedByGitHub({ githubUserId: id })).toEqual({
      account: { userId: "7", githubUserId: id, login: "ada" },
      revoked: true,
    });
    expect(await engine.status("7")).toMatchObject({ connected: false, reauthRequired: true });
    expect(names()).toEqual(["connection.created", "connection.reauth_required"]);
  });

  it("changes nothing when GitHub still accepts the token, so that a captured webhook revokes nothing", async () => {
    const { id } = await fixture.connect(engine, "7", "ada");
    expect(await engine.revokedByGitHub({ githubUserId: id })).toMatchObject({ revoked: false });
    expect(await engine.status("7")).toMatchObject({ connected: true });
  });

  it("changes nothing when GitHub does not find a token that still works", async () => {
    const { id } = await fixture.connect(engine, "7", "ada");
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 404, body: {} } });
    expect(await engine.revokedByGitHub({ githubUserId: id })).toMatchObject({ revoked: false });
    expect(await engine.status("7")).toMatchObject({ connected: true });
  });

  it("changes nothing while GitHub is unreachable", async () => {
    const { id } = await fixture.connect(engine, "7", "ada");
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 502 } });
    expect(await engine.revokedByGitHub({ githubUserId: id })).toMatchObject({ revoked: false });
    expect(await engine.status("7")).toMatchObject({ connected: true });
  });

  it("does not treat an expired token as revoked", async () => {
    const { id } = await fixture.connect(engine, "7", "ada", "app");
    fixture.clock.putForward(9 * HOUR);
    expect(await engine.revokedByGitHub({ githubUserId: id })).toMatchObject({ revoked: false });
    expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
  });

  it("returns null for an account that no user is connected to", async () => {
    expect(await engine.revokedByGitHub({ githubUserId: 4711 })).toBeNull();
  });
});

describe("reencrypt and stored tokens", () => {
  it("rejects a stored token in another user's row, in another field, or for another GitHub", async () => {
    await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "8", "grace");
    const [ada, grace] = [await storedOf("7"), await storedOf("8")];
    const [stolen] = ada.tokens;
    if (stolen === undefined) throw new Error("There are no tokens.");
    const copied = withMethods(fixture.connections, {
      find: async (key) => (key.userId === "8" ? { ...grace, tokens: [stolen] } : ada),
    });
    expect(await fixture.code(fixture.tokenOf(fixture.engine({ connections: copied }), "8"))).toBe("store_failed");
    expect(await fixture.code(fixture.engine({ connections: copied }).repositories("8"))).toBe("store_failed");
    const moved = withMethods(fixture.connections, {
      find: async () => ({ ...ada, tokens: [{ ...stolen, client: "app", clientId: fixture.gitHubApp.clientId }] }),
    });
    expect(await fixture.code(fixture.tokenOf(fixture.engine({ connections: moved }), "7", "app"))).toBe(
      "store_failed",
    );
    const elsewhere = withMethods(fixture.connections, {
      find: async (key) => ({ ...ada, ...key, apiUrl: "https://else" }),
    });
    expect(await fixture.code(fixture.tokenOf(fixture.engine({ connections: elsewhere }), "7"))).toBe("store_failed");
    expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
  });

  it("re-encrypts tokens page by page, so that they decrypt without the former key", async () => {
    for (let user = 0; user < 5; user += 1) {
      await fixture.connect(engine, `u${user}`, `login${user}`, user % 2 === 0 ? "oauth" : "app");
    }
    const before = await Promise.all([0, 1, 2, 3, 4].map((user) => fixture.tokenOf(engine, `u${user}`)));
    const { both, onlyNew } = fixture.rotatedCiphers();
    const small = withMethods(fixture.connections, {
      page: (limit, cursor) => fixture.connections.page(Math.min(limit, 2), cursor),
    });
    const rotating = fixture.engine({ cipher: both, connections: small });
    const seen: unknown[] = [];
    const done = await rotating.reencrypt({ onProgress: (progress) => void seen.push(progress) });
    expect(done).toEqual({ examined: 5, reencrypted: 5, failed: 0 });
    expect(seen).toEqual([
      { examined: 2, reencrypted: 2, failed: 0 },
      { examined: 4, reencrypted: 4, failed: 0 },
      { examined: 5, reencrypted: 5, failed: 0 },
    ]);
    const after = fixture.engine({ cipher: onlyNew });
    expect(await Promise.all([0, 1, 2, 3, 4].map((user) => fixture.tokenOf(after, `u${user}`)))).toEqual(before);
    fixture.clock.putForward(9 * HOUR);
    expect(await isAccepted(await fixture.tokenOf(after, "u1"))).toBe(true);
    expect(await rotating.reencrypt()).toEqual({ examined: 5, reencrypted: 0, failed: 0 });
  });

  it("continues after an interrupted re-encryption", async () => {
    for (let user = 0; user < 4; user += 1) await fixture.connect(engine, `u${user}`, `login${user}`);
    const { both } = fixture.rotatedCiphers();
    const small = withMethods(fixture.connections, {
      page: (limit, cursor) => fixture.connections.page(Math.min(limit, 2), cursor),
    });
    const rotating = fixture.engine({ cipher: both, connections: small });
    const stop = new AbortController();
    const run = rotating.reencrypt({ signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) });
    await expect(run).rejects.toThrow("enough");
    expect(await rotating.reencrypt()).toEqual({ examined: 4, reencrypted: 2, failed: 0 });
  });

  it("does not overwrite a token that was refreshed during the re-encryption", async () => {
    await fixture.connect(engine, "7", "ada", "app");
    const { both } = fixture.rotatedCiphers();
    fixture.clock.putForward(9 * HOUR);
    let refreshed = "";
    const connections = withMethods(fixture.connections, {
      reencryptToken: async (...parameters) => {
        refreshed = await fixture.tokenOf(fixture.engine({ cipher: both }), "7");
        return fixture.connections.reencryptToken(...parameters);
      },
    });
    const reencrypting = fixture.engine({ cipher: both, connections });
    expect(await reencrypting.reencrypt()).toEqual({ examined: 1, reencrypted: 0, failed: 0 });
    expect(await fixture.tokenOf(reencrypting, "7")).toBe(refreshed);
    expect(await isAccepted(refreshed)).toBe(true);
  });

  it("counts tokens that cannot be decrypted, and continues with the others", async () => {
    await fixture.connect(fixture.engine({ cipher: fixture.foreignCipher() }), "7", "ada");
    await fixture.connect(engine, "8", "grace");
    const { both } = fixture.rotatedCiphers();
    expect(await fixture.engine({ cipher: both }).reencrypt()).toEqual({ examined: 2, reencrypted: 1, failed: 1 });
  });
});
