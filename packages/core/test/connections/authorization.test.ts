import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionEngine } from "../../src/connections/connection-engine.js";
import { CALLBACK, ConnectedFixture, MINUTE } from "./connected-fixture.js";

let fixture: ConnectedFixture;
let engine: ConnectionEngine;

beforeEach(async () => {
  fixture = await ConnectedFixture.create();
  engine = fixture.engine();
});
afterEach(() => fixture.close());

const query = (url: string): Record<string, string> => Object.fromEntries(new URL(url).searchParams);

describe("authorize", () => {
  it("redirects to GitHub's page with state, scopes and an S256 challenge, and without the verifier", async () => {
    const { url, state } = await engine.authorize({ userId: "7" });
    expect(url.startsWith(`${fixture.server.serverUrl}/login/oauth/authorize?`)).toBe(true);
    expect(query(url)).toEqual({
      client_id: fixture.oauthApp.clientId,
      redirect_uri: CALLBACK,
      scope: "repo workflow",
      state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const stored = await fixture.states.consume("7", state);
    const verifier = stored?.codeVerifier ?? "";
    expect(query(url).code_challenge).toBe(createHash("sha256").update(verifier).digest("base64url"));
    expect(verifier).toMatch(/^[\w-]{43}$/);
  });

  it("generates a new state and a new verifier of 32 random bytes for every authorization", async () => {
    const started = await Promise.all(Array.from({ length: 20 }, () => engine.authorize({ userId: "7" })));
    expect(new Set(started.map(({ state }) => state)).size).toBe(20);
    expect(new Set(started.map(({ url }) => query(url).code_challenge)).size).toBe(20);
    for (const { state } of started) expect(Buffer.from(state, "base64url")).toHaveLength(32);
  });

  it("returns a client's own state unchanged, and stores it for its user alone", async () => {
    const own = "a b&c=%20 ~ 123456";
    const mine = await engine.authorize({ userId: "7", state: own });
    const theirs = await engine.authorize({ userId: "8", state: own });
    expect([mine.state, query(mine.url).state, theirs.state]).toEqual([own, own, own]);
    const back = await fixture.approve(mine.url, "ada");
    expect(back.state).toBe(own);
    // The code was issued for the first user's challenge: PKCE prevents a swap although the states are equal.
    expect(await fixture.code(engine.complete({ userId: "8", ...back }))).toBe("oauth_failed");
  });

  it.each(["", "settings", "s".repeat(15), `${"s".repeat(16)}\n`, "caf\u00e9".repeat(4), "s".repeat(1_001)])(
    "rejects an invalid client state (%#)",
    async (state) => {
      expect(await fixture.code(engine.authorize({ userId: "7", state }))).toBe("validation_failed");
    },
  );

  it("requests no scopes for a GitHub App, and replaces the configured scopes when a call names its own", async () => {
    const app = query((await engine.authorize({ userId: "7", client: "app", scopes: ["repo"] })).url);
    expect(app).toMatchObject({ client_id: fixture.gitHubApp.clientId });
    expect(app).not.toHaveProperty("scope");
    expect(query((await engine.authorize({ userId: "7", scopes: ["gist"] })).url).scope).toBe("gist");
    expect(query((await engine.authorize({ userId: "7", scopes: [] })).url)).not.toHaveProperty("scope");
  });

  it("authorizes the configured app, and names the missing option when there is none", async () => {
    const { oauth, app } = fixture.oauthClients;
    if (oauth === undefined || app === undefined) throw new Error("An app is missing.");
    const onlyApp = fixture.engine({ oauthClients: { app } });
    expect(query((await onlyApp.authorize({ userId: "7" })).url).client_id).toBe(app.clientId);
    const onlyOAuth = fixture.engine({ oauthClients: { oauth } });
    const missing = await fixture.failure(onlyOAuth.authorize({ userId: "7", client: "app" }));
    expect(missing).toMatchObject({ code: "capability_not_configured", status: 501, details: { option: "app" } });
    const none = await fixture.failure(fixture.engine({ oauthClients: {} }).authorize({ userId: "7" }));
    expect(none).toMatchObject({ code: "capability_not_configured", status: 501 });
    expect(none.message).toContain("`oauth`");
  });
});

describe("complete", () => {
  it("connects the GitHub account and returns its profile", async () => {
    fixture.box.addUser({ login: "ada", name: "Ada Lovelace" });
    const profile = await fixture.connect(engine, "7", "ada");
    expect(profile).toMatchObject({ login: "ada", name: "Ada Lovelace", createdAt: expect.any(Date) });
    expect(Number.isInteger(profile.id)).toBe(true);
    expect(await engine.account("7")).toEqual({ userId: "7", githubUserId: profile.id, login: "ada" });
    expect(await engine.accountOfGitHubUser(profile.id)).toMatchObject({ userId: "7" });
    expect(fixture.events).toEqual([
      ["connection.created", { userId: "7", githubUserId: profile.id, login: "ada", client: "oauth" }],
    ]);
  });

  it("stores tokens encrypted, with the scopes that GitHub granted", async () => {
    fixture.box.control.grantScopes(["repo", "gist"]);
    await fixture.connect(engine, "7", "ada");
    const stored = await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId: "7" });
    expect(stored?.tokens).toMatchObject([{ client: "oauth", scopes: ["repo", "gist"] }]);
    const token = await fixture.tokenOf(engine, "7");
    expect(token).toMatch(/^gho_/);
    expect(JSON.stringify(stored)).not.toContain(token);
  });

  it("reads the account from GitHub at every authorization, and identifies it by its ID", async () => {
    const first = await fixture.connect(engine, "7", "ada");
    const second = await fixture.connect(engine, "7", "ada");
    expect(second.id).toBe(first.id);
    expect(fixture.count("GET /user")).toBe(2);
  });

  it("stores one token per app for the same account", async () => {
    await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "7", "ada", "app");
    expect(await fixture.tokenOf(engine, "7")).toMatch(/^gho_/);
    expect(await fixture.tokenOf(engine, "7", "oauth")).toMatch(/^gho_/);
    expect(await fixture.tokenOf(engine, "7", "app")).toMatch(/^ghu_/);
  });

  it("accepts a state of the App's install page, which supports no PKCE challenge, and passes on the installation claim", async () => {
    const claims: unknown[] = [];
    const withApp = fixture.engine({ bindInstallation: async (claim) => void claims.push(claim) });
    const state = await withApp.beginInstall({ userId: "7" });
    const page = `${fixture.server.serverUrl}/apps/${fixture.gitHubApp.slug}/installations/new?${new URLSearchParams({ state })}`;
    const { code, installationId = 0, ...back } = await fixture.box.installFrom(page, { login: "ada" });
    expect(back.state).toBe(state);
    const { id } = await withApp.complete({ userId: "7", state, code: fixture.remember(code), installationId });
    expect(claims).toMatchObject([{ userId: "7", githubUserId: id, installationId, client: "app" }]);
    const other = await engine.authorize({ userId: "7" });
    const claimed = engine.complete({ userId: "7", ...(await fixture.approve(other.url, "ada")), installationId: 42 });
    expect(await fixture.code(claimed)).toBe("capability_not_configured");
  });
});

describe("authorization state and code", () => {
  it("rejects the state of another user, which stays valid for its own user", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    expect(await fixture.code(engine.complete({ userId: "8", ...back }))).toBe("invalid_state");
    expect(fixture.exchanges).toBe(0);
    expect(await engine.complete({ userId: "7", ...back })).toMatchObject({ login: "ada" });
  });

  it("accepts a state once, also for concurrent callbacks", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    const other = fixture.engine();
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? engine : other).complete({ userId: "7", ...back })),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(fixture.exchanges).toBe(1);
    expect(await fixture.code(engine.complete({ userId: "7", ...back }))).toBe("invalid_state");
  });

  it("consumes the state also when the code exchange fails", async () => {
    const { state } = await engine.authorize({ userId: "7" });
    expect(await fixture.code(engine.complete({ userId: "7", state, code: "made up" }))).toBe("oauth_failed");
    expect(await fixture.code(engine.complete({ userId: "7", state, code: "made up" }))).toBe("invalid_state");
    expect(fixture.exchanges).toBe(1);
  });

  it("accepts a state for 10 minutes", async () => {
    const early = await engine.authorize({ userId: "7" });
    fixture.clock.putForward(9 * MINUTE + 50_000);
    expect(await engine.complete({ userId: "7", ...(await fixture.approve(early.url, "ada")) })).toBeTruthy();
    const late = await engine.authorize({ userId: "7" });
    fixture.clock.putForward(10 * MINUTE);
    expect(await fixture.code(engine.complete({ userId: "7", ...(await fixture.approve(late.url, "ada")) }))).toBe(
      "invalid_state",
    );
    expect(fixture.exchanges).toBe(1);
  });

  it("rejects a callback with a missing or unknown state before the code is exchanged", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const { code } = await fixture.approve(url, "ada");
    const { cookie } = fixture.browser();
    for (const state of [undefined, "", "unknown", "x".repeat(5_000)]) {
      const callback = { code, ...(state === undefined ? {} : { state }) };
      expect(await fixture.code(engine.complete({ userId: "7", ...callback }))).toBe("invalid_state");
      expect(await fixture.code(engine.completeInBrowser({ cookie, ...callback }))).toBe("invalid_state");
    }
    expect(fixture.exchanges).toBe(0);
  });

  it("accepts a code once", async () => {
    const first = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(first.url, "ada");
    await engine.complete({ userId: "7", ...back });
    const second = await engine.authorize({ userId: "7" });
    const again = engine.complete({ userId: "7", code: back.code, state: second.state });
    expect(await fixture.failure(again)).toMatchObject({ code: "oauth_failed", status: 400 });
  });

  it("rejects a code that was issued for another PKCE verifier, so that a stolen code is useless in another flow", async () => {
    const victim = await engine.authorize({ userId: "7" });
    const stolen = await fixture.approve(victim.url, "ada");
    const attacker = await engine.authorize({ userId: "8" });
    const swapped = engine.complete({ userId: "8", code: stolen.code, state: attacker.state });
    expect(await fixture.code(swapped)).toBe("oauth_failed");
    expect(await engine.account("8")).toBeNull();
  });

  it("exchanges the code with the client of the app that started the authorization", async () => {
    const { url } = await engine.authorize({ userId: "7", client: "app" });
    await engine.complete({ userId: "7", ...(await fixture.approve(url, "ada")) });
    const stored = await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId: "7" });
    expect(stored?.tokens).toMatchObject([{ client: "app", clientId: fixture.gitHubApp.clientId, scopes: [] }]);
  });

  it("keeps the newest 50 authorizations of a user pending", async () => {
    const first = await engine.authorize({ userId: "7" });
    const other = await engine.authorize({ userId: "8" });
    for (let number = 0; number < 49; number += 1) {
      fixture.clock.putForward(1);
      await engine.authorize({ userId: "7" });
    }
    const second = await fixture.states.consume("7", first.state);
    expect(second).not.toBeNull();
    if (second !== null) await fixture.states.put(second);
    fixture.clock.putForward(1);
    const last = await engine.authorize({ userId: "7" });
    expect(await fixture.states.consume("7", first.state)).toBeNull();
    expect(await fixture.states.consume("7", last.state)).not.toBeNull();
    expect(await fixture.states.consume("8", other.state)).not.toBeNull();
  });

  it("deletes expired states", async () => {
    await engine.authorize({ userId: "7" });
    await engine.authorize({ userId: "8" });
    fixture.clock.putForward(11 * MINUTE);
    await engine.authorize({ userId: "9", state: "state-of-user-nine" });
    fixture.engine();
    await Promise.resolve();
    expect(await fixture.states.removeExpired(10)).toBe(0);
    expect(await fixture.states.consume("9", "state-of-user-nine")).not.toBeNull();
  });
});

describe("completeInBrowser", () => {
  it("completes the authorization for the user who was signed in when the browser started it", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    expect(url).not.toContain(hash);
    const back = await fixture.approve(url, "ada");
    expect(await engine.completeInBrowser({ cookie, ...back })).toMatchObject({ login: "ada" });
    expect(await engine.account("7")).toMatchObject({ login: "ada" });
    expect(await fixture.code(engine.completeInBrowser({ cookie, ...back }))).toBe("invalid_state");
  });

  it("rejects a callback without its cookie or with another browser's cookie, so that a link cannot connect another account", async () => {
    const attacker = fixture.browser();
    const { url } = await engine.authorize({ userId: "attacker", browser: attacker.hash });
    const victims = await fixture.approve(url, "victim");
    const { hash, cookie } = fixture.browser();
    await engine.authorize({ userId: "7", browser: hash });
    for (const wrong of [undefined, "", cookie, attacker.hash]) {
      const callback = { ...victims, ...(wrong === undefined ? {} : { cookie: wrong }) };
      expect(await fixture.code(engine.completeInBrowser(callback))).toBe("invalid_state");
    }
    expect(fixture.exchanges).toBe(0);
    expect(await engine.account("attacker")).toBeNull();
  });

  it("rejects a callback whose authorization was not started in a browser", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    expect(await fixture.code(engine.completeInBrowser({ ...back, cookie: fixture.browser().cookie }))).toBe(
      "invalid_state",
    );
  });

  it("rejects a callback after 10 minutes", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    fixture.clock.putForward(10 * MINUTE);
    expect(await fixture.code(engine.completeInBrowser({ cookie, ...(await fixture.approve(url, "ada")) }))).toBe(
      "invalid_state",
    );
  });

  it("maps the error that GitHub sent instead of a code, and consumes the state", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    const { state = "", error = "" } = await fixture.box.authorize(url, { login: "ada", deny: true });
    const denied = await fixture.failure(engine.completeInBrowser({ cookie, state, error }));
    expect(denied).toMatchObject({ code: "authorization_denied", status: 400 });
    expect(await fixture.code(engine.completeInBrowser({ cookie, state, error }))).toBe("invalid_state");
    const other = await engine.authorize({ userId: "7" });
    const malformed = await fixture.failure(engine.complete({ userId: "7", state: other.state, error: "<script>" }));
    expect(malformed).toMatchObject({ code: "oauth_failed", details: {} });
  });
});
