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

describe("beginning", () => {
  it("leads to GitHub's page with state, scopes and an S256 challenge, and never with the verifier", async () => {
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

  it("makes a new state and a new verifier of 32 random bytes each time", async () => {
    const begun = await Promise.all(Array.from({ length: 20 }, () => engine.authorize({ userId: "7" })));
    expect(new Set(begun.map(({ state }) => state)).size).toBe(20);
    expect(new Set(begun.map(({ url }) => query(url).code_challenge)).size).toBe(20);
    for (const { state } of begun) expect(Buffer.from(state, "base64url")).toHaveLength(32);
  });

  it("gives a client's own state back as it is, and keeps it for its user alone", async () => {
    const own = "a b&c=%20 ~";
    const mine = await engine.authorize({ userId: "7", state: own });
    const theirs = await engine.authorize({ userId: "8", state: own });
    expect([mine.state, query(mine.url).state, theirs.state]).toEqual([own, own, own]);
    const back = await fixture.approve(mine.url, "ada");
    expect(back.state).toBe(own);
    // The challenge that went with the code is the first user's: PKCE stops a swap even though the states are alike.
    expect(await fixture.code(engine.complete({ userId: "8", ...back }))).toBe("oauth_failed");
  });

  it.each(["", "line\nbreak", "caf\u00e9", "s".repeat(1_001)])("refuses a state that is none (%#)", async (state) => {
    expect(await fixture.code(engine.authorize({ userId: "7", state }))).toBe("validation_failed");
  });

  it("asks for no scope in the name of a GitHub App, and for other scopes when told", async () => {
    const app = query((await engine.authorize({ userId: "7", client: "app", scopes: ["repo"] })).url);
    expect(app).toMatchObject({ client_id: fixture.gitHubApp.clientId });
    expect(app).not.toHaveProperty("scope");
    expect(query((await engine.authorize({ userId: "7", scopes: ["gist"] })).url).scope).toBe("gist");
    expect(query((await engine.authorize({ userId: "7", scopes: [] })).url)).not.toHaveProperty("scope");
  });

  it("takes the app that is configured, and says which option is missing otherwise", async () => {
    const { oauth, app } = fixture.oauthClients;
    if (oauth === undefined || app === undefined) throw new Error("both apps are there");
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

describe("completing", () => {
  it("connects the account and gives its profile", async () => {
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
    expect(stored?.tokens.oauth?.scopes).toEqual(["repo", "gist"]);
    expect(stored?.tokens.app).toBeNull();
    const token = await fixture.tokenOf(engine, "7");
    expect(token).toMatch(/^gho_/);
    expect(JSON.stringify(stored)).not.toContain(token);
  });

  it("asks GitHub each time who it is, and keys the account by its id", async () => {
    const first = await fixture.connect(engine, "7", "ada");
    const second = await fixture.connect(engine, "7", "ada");
    expect(second.id).toBe(first.id);
    expect(fixture.count("GET /user")).toBe(2);
  });

  it("holds one token for each app of the same account", async () => {
    await fixture.connect(engine, "7", "ada");
    await fixture.connect(engine, "7", "ada", "app");
    expect(await fixture.tokenOf(engine, "7")).toMatch(/^gho_/);
    expect(await fixture.tokenOf(engine, "7", "oauth")).toMatch(/^gho_/);
    expect(await fixture.tokenOf(engine, "7", "app")).toMatch(/^ghu_/);
  });

  it("takes a state from an App's install page, where no challenge can be sent, and hands the claim over", async () => {
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

describe("an attack on the state", () => {
  it("a state of another user is worth nothing, and stays good for its own", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    expect(await fixture.code(engine.complete({ userId: "8", ...back }))).toBe("invalid_state");
    expect(fixture.exchanges).toBe(0);
    expect(await engine.complete({ userId: "7", ...back })).toMatchObject({ login: "ada" });
  });

  it("a state works once, also when many come with it at once", async () => {
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

  it("a state is spent by a failed exchange too", async () => {
    const { state } = await engine.authorize({ userId: "7" });
    expect(await fixture.code(engine.complete({ userId: "7", state, code: "made up" }))).toBe("oauth_failed");
    expect(await fixture.code(engine.complete({ userId: "7", state, code: "made up" }))).toBe("invalid_state");
    expect(fixture.exchanges).toBe(1);
  });

  it("a state is good for 10 minutes and no longer", async () => {
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

  it("a callback without a state, or with one that was never begun, is refused before anything is exchanged", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const { code } = await fixture.approve(url, "ada");
    const { cookie } = fixture.browser();
    for (const state of [undefined, "", "never begun", "x".repeat(5_000)]) {
      const callback = { code, ...(state === undefined ? {} : { state }) };
      expect(await fixture.code(engine.complete({ userId: "7", ...callback }))).toBe("invalid_state");
      expect(await fixture.code(engine.completeInBrowser({ cookie, ...callback }))).toBe("invalid_state");
    }
    expect(fixture.exchanges).toBe(0);
  });

  it("a code works once", async () => {
    const first = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(first.url, "ada");
    await engine.complete({ userId: "7", ...back });
    const second = await engine.authorize({ userId: "7" });
    const again = engine.complete({ userId: "7", code: back.code, state: second.state });
    expect(await fixture.failure(again)).toMatchObject({ code: "oauth_failed", status: 400 });
  });

  it("a code that was begun with another verifier is refused: a stolen code cannot be put into one's own flow", async () => {
    const victim = await engine.authorize({ userId: "7" });
    const stolen = await fixture.approve(victim.url, "ada");
    const attacker = await engine.authorize({ userId: "8" });
    const swapped = engine.complete({ userId: "8", code: stolen.code, state: attacker.state });
    expect(await fixture.code(swapped)).toBe("oauth_failed");
    expect(await engine.account("8")).toBeNull();
  });

  it("a state knows which app's client began it", async () => {
    const { url } = await engine.authorize({ userId: "7", client: "app" });
    await engine.complete({ userId: "7", ...(await fixture.approve(url, "ada")) });
    const stored = await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId: "7" });
    expect(stored?.tokens).toMatchObject({ oauth: null, app: { scopes: [] } });
  });

  it("expired states are removed", async () => {
    await engine.authorize({ userId: "7" });
    await engine.authorize({ userId: "8" });
    fixture.clock.putForward(11 * MINUTE);
    await engine.authorize({ userId: "9", state: "young" });
    fixture.engine();
    await Promise.resolve();
    expect(await fixture.states.removeExpired(10)).toBe(0);
    expect(await fixture.states.consume("9", "young")).not.toBeNull();
  });
});

describe("a callback that the browser brings", () => {
  it("is completed for whoever was logged in when that browser began", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    expect(url).not.toContain(hash);
    const back = await fixture.approve(url, "ada");
    expect(await engine.completeInBrowser({ cookie, ...back })).toMatchObject({ login: "ada" });
    expect(await engine.account("7")).toMatchObject({ login: "ada" });
    expect(await fixture.code(engine.completeInBrowser({ cookie, ...back }))).toBe("invalid_state");
  });

  it("is refused without its cookie, and with the cookie of another browser: no link connects a stranger's account", async () => {
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

  it("is refused when the flow did not begin in a browser", async () => {
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    expect(await fixture.code(engine.completeInBrowser({ ...back, cookie: fixture.browser().cookie }))).toBe(
      "invalid_state",
    );
  });

  it("is refused after 10 minutes", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    fixture.clock.putForward(10 * MINUTE);
    expect(await fixture.code(engine.completeInBrowser({ cookie, ...(await fixture.approve(url, "ada")) }))).toBe(
      "invalid_state",
    );
  });

  it("says why GitHub sent an error instead of a code, and spends the state", async () => {
    const { cookie, hash } = fixture.browser();
    const { url } = await engine.authorize({ userId: "7", browser: hash });
    const { state = "", error = "" } = await fixture.box.authorize(url, { login: "ada", deny: true });
    const denied = await fixture.failure(engine.completeInBrowser({ cookie, state, error }));
    expect(denied).toMatchObject({ code: "authorization_denied", status: 400 });
    expect(await fixture.code(engine.completeInBrowser({ cookie, state, error }))).toBe("invalid_state");
    const other = await engine.authorize({ userId: "7" });
    const odd = await fixture.failure(engine.complete({ userId: "7", state: other.state, error: "<script>" }));
    expect(odd).toMatchObject({ code: "oauth_failed", details: {} });
  });
});
