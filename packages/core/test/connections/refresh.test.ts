import type { CipherContext, ConnectionToken, TokenSet } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionEngine } from "../../src/connections/connection-engine.js";
import { ConnectedFixture, HOUR, MINUTE, withMethods } from "./connected-fixture.js";

let fixture: ConnectedFixture;
let engine: ConnectionEngine;

const ENDPOINT = "/login/oauth/access_token";

beforeEach(async () => {
  fixture = await ConnectedFixture.create();
  engine = fixture.engine();
  await fixture.connect(engine, "7", "ada", "app");
  fixture.box.resetCounters();
});
afterEach(() => fixture.close());

const isAccepted = async (token: string): Promise<boolean> => {
  const response = await fetch(`${fixture.server.apiUrl}/user`, { headers: { authorization: `Bearer ${token}` } });
  return response.status === 200;
};

const stored = async (): Promise<ConnectionToken | undefined> =>
  (await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId: "7" }))?.tokens[0];

const contextOf = (userId: string): CipherContext => ({
  owner: JSON.stringify([fixture.server.apiUrl, userId]),
  field: `${fixture.gitHubApp.clientId}.access_token`,
});

describe("credential of an expiring token", () => {
  it("returns the stored token without a request while it is valid", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 50 * MINUTE);
    expect(await fixture.tokenOf(engine, "7")).toBe(first);
    expect(fixture.exchanges).toBe(0);
  });

  it("refreshes the token five minutes before it expires, and stores the new pair before it is used", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 56 * MINUTE);
    const second = await fixture.tokenOf(engine, "7");
    expect(second).not.toBe(first);
    expect(await isAccepted(second)).toBe(true);
    expect(await isAccepted(first)).toBe(false);
    expect(await fixture.tokenOf(fixture.engine(), "7")).toBe(second);
    expect(fixture.exchanges).toBe(1);
  });

  it("refreshes the token repeatedly with the latest refresh token", async () => {
    for (let round = 1; round <= 4; round += 1) {
      fixture.clock.putForward(8 * HOUR);
      expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
      expect(fixture.exchanges).toBe(round);
    }
  });

  it("sends one refresh request for 50 concurrent callers in several processes", async () => {
    const processes = [engine, fixture.engine(), fixture.engine(), fixture.engine(), fixture.engine()];
    fixture.clock.putForward(9 * HOUR);
    const credentials = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (processes[index % 5] ?? engine).credential("7", "app")),
    );
    const tokens = await Promise.all(credentials.map((credential) => credential.token()));
    expect(fixture.exchanges).toBe(1);
    expect(new Set(tokens).size).toBe(1);
    expect(await isAccepted(tokens[0] ?? "")).toBe(true);
  });

  it("continues a refresh for the other callers when one caller aborts", async () => {
    fixture.clock.putForward(9 * HOUR);
    const credential = await engine.credential("7");
    const controller = new AbortController();
    const aborted = credential.token(controller.signal);
    const waiting = credential.token();
    controller.abort(new Error("the caller left"));
    await expect(aborted).rejects.toThrow("the caller left");
    expect(await isAccepted(await waiting)).toBe(true);
    expect(fixture.exchanges).toBe(1);
  });

  it("uses a token until it expires when GitHub is unreachable", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 57 * MINUTE);
    fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: { status: 502 }, times: 2 });
    expect(await fixture.tokenOf(engine, "7")).toBe(first);
    expect((await stored())?.reauthRequired).toBe(false);
  });
});

describe("failed token refresh", () => {
  beforeEach(() => fixture.clock.putForward(9 * HOUR));

  it("retries once while GitHub is down, and then pauses for all callers", async () => {
    const back = fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: { status: 503 }, times: 100 });
    const credential = await engine.credential("7");
    const codes = await Promise.all(Array.from({ length: 20 }, () => fixture.code(credential.token())));
    expect(new Set(codes)).toEqual(new Set(["github_unavailable"]));
    expect(await fixture.code(credential.token())).toBe("github_unavailable");
    expect(fixture.exchanges).toBe(2);
    expect((await stored())?.reauthRequired).toBe(false);
    back();
    fixture.clock.putForward(11_000);
    expect(await isAccepted(await credential.token())).toBe(true);
  });

  it("retries a refresh whose request did not reach GitHub", async () => {
    fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: "reset" });
    expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
    expect(fixture.exchanges).toBe(2);
    expect(fixture.events.map(([name]) => name)).not.toContain("connection.reauth_required");
  });

  it("requires reauthorization when GitHub's response was lost, and sends no more requests", async () => {
    fixture.box.control.fault({ path: ENDPOINT, when: "after", respond: "reset" });
    const credential = await engine.credential("7");
    expect(await fixture.failure(credential.token())).toMatchObject({ code: "reauth_required", status: 400 });
    expect(fixture.exchanges).toBe(2);
    for (let again = 0; again < 5; again += 1) expect(await fixture.code(credential.token())).toBe("reauth_required");
    expect(await fixture.code(engine.credential("7"))).toBe("reauth_required");
    expect(await fixture.code(fixture.engine().credential("7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(2);
    expect(fixture.events.filter(([name]) => name === "connection.reauth_required")).toHaveLength(1);
  });

  it("requires reauthorization when GitHub rejects the refresh token", async () => {
    fixture.box.revokeGrant(fixture.gitHubApp, "ada");
    expect(await fixture.code(fixture.tokenOf(engine, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
    expect(await engine.status("7")).toMatchObject({ connected: false, reauthRequired: true, login: "ada" });
  });

  it("requires reauthorization without a request when the refresh token has expired", async () => {
    fixture.clock.putForward(184 * 24 * HOUR);
    expect(await fixture.code(fixture.tokenOf(engine, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(0);
  });

  it("requires reauthorization when the new pair cannot be stored, and revokes the pair", async () => {
    const refused: TokenSet[] = [];
    const connections = withMethods(fixture.connections, {
      replaceToken: async (_key, _version, token) => {
        refused.push(token);
        throw new Error("The database is down.");
      },
    });
    const broken = fixture.engine({ connections });
    expect(await fixture.code(fixture.tokenOf(broken, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
    const [pair] = refused;
    if (pair === undefined) throw new Error("Nothing was stored.");
    expect(await isAccepted(await fixture.cipher.decrypt(pair.accessToken, contextOf("7")))).toBe(false);
    expect(await fixture.code(engine.credential("7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
  });

  it("keeps the new pair when only the store's response was lost", async () => {
    let lost = 0;
    const connections = withMethods(fixture.connections, {
      replaceToken: async (...parameters) => {
        const replaced = await fixture.connections.replaceToken(...parameters);
        if (lost++ === 0) throw new Error("The connection to the database was lost.");
        return replaced;
      },
    });
    const token = await fixture.tokenOf(fixture.engine({ connections }), "7");
    expect(await isAccepted(token)).toBe(true);
    expect(await fixture.tokenOf(engine, "7")).toBe(token);
  });

  it("requires reauthorization, without a loop, when the process is killed between receiving and storing the pair", async () => {
    let received = (): void => {};
    const killed = new Promise<void>((resolve) => {
      received = resolve;
    });
    const connections = withMethods(fixture.connections, {
      // The process was killed: nothing after this happens in it, and it does not release its lease.
      replaceToken: () => {
        received();
        return new Promise<never>(() => {});
      },
    });
    void fixture.tokenOf(fixture.engine({ connections }), "7").catch(() => {});
    await killed;
    const credential = await engine.credential("7");
    const waiting = fixture.code(credential.token());
    fixture.clock.putForward(5 * MINUTE);
    expect(await waiting).toBe("reauth_required");
    expect(fixture.exchanges).toBe(2);
    for (let again = 0; again < 5; again += 1) expect(await fixture.code(credential.token())).toBe("reauth_required");
    expect(fixture.exchanges).toBe(2);
    await fixture.connect(engine, "7", "ada", "app");
    expect(await isAccepted(await credential.token())).toBe(true);
  });

  it("keeps the token when the host's client secret is wrong", async () => {
    const { app } = fixture.oauthClients;
    if (app === undefined) throw new Error("The App is missing.");
    const wrong = { app: { ...app, clientSecret: fixture.engineSecret("not the client secret") } };
    const misconfigured = fixture.engine({ oauthClients: wrong });
    expect(await fixture.failure(fixture.tokenOf(misconfigured, "7"))).toMatchObject({
      code: "oauth_misconfigured",
      status: 500,
    });
    expect(await isAccepted(await fixture.tokenOf(engine, "7"))).toBe(true);
  });

  it("reports GitHub's Retry-After in a rate limit error", async () => {
    fixture.box.control.fault({
      path: ENDPOINT,
      when: "before",
      respond: { status: 429, headers: { "retry-after": "30" }, body: { message: "too many" } },
    });
    expect(await fixture.failure(fixture.tokenOf(engine, "7"))).toMatchObject({
      code: "rate_limited",
      details: { retryAfter: 30 },
    });
    expect((await stored())?.reauthRequired).toBe(false);
  });
});

describe("token refresh during other changes", () => {
  it("prefers the token of a new authorization, and revokes the refreshed pair", async () => {
    fixture.clock.putForward(9 * HOUR);
    let pair = "";
    const connections = withMethods(fixture.connections, {
      replaceToken: async (key, version, token) => {
        pair = await fixture.cipher.decrypt(token.accessToken, contextOf(key.userId));
        await fixture.connect(engine, "7", "ada", "app");
        return fixture.connections.replaceToken(key, version, token);
      },
    });
    const token = await fixture.tokenOf(fixture.engine({ connections }), "7");
    expect(token).toBe(await fixture.tokenOf(engine, "7"));
    expect([await isAccepted(token), await isAccepted(pair)]).toEqual([true, false]);
  });

  it("does not restore a connection that was removed during the refresh, and revokes the refreshed pair", async () => {
    fixture.clock.putForward(9 * HOUR);
    let pair = "";
    const connections = withMethods(fixture.connections, {
      replaceToken: async (key, version, token) => {
        pair = await fixture.cipher.decrypt(token.accessToken, contextOf(key.userId));
        await engine.disconnect("7", { revoke: false });
        return fixture.connections.replaceToken(key, version, token);
      },
    });
    expect(await fixture.code(fixture.tokenOf(fixture.engine({ connections }), "7"))).toBe("github_not_connected");
    expect(await isAccepted(pair)).toBe(false);
    expect(await engine.account("7")).toBeNull();
  });
});

describe("rejected token", () => {
  it("refreshes a token that ended early, and retries the request", async () => {
    const credential = await engine.credential("7");
    const early = await credential.token();
    fixture.box.revokeToken(early);
    expect(await engine.repositories("7")).toMatchObject({ totalCount: 0 });
    expect(await credential.token()).not.toBe(early);
    expect(await credential.rejected(early)).toBe(true);
    expect(fixture.exchanges).toBe(1);
  });

  it("checks a rejected token once for concurrent requests", async () => {
    const credential = await engine.credential("7");
    const early = await credential.token();
    fixture.box.revokeToken(early);
    const results = await Promise.all(Array.from({ length: 20 }, () => credential.rejected(early)));
    expect(new Set(results)).toEqual(new Set([true]));
    expect(fixture.exchanges).toBe(1);
    expect(fixture.count("POST /applications/{client_id}/token")).toBe(1);
  });

  it("keeps a rejected token when GitHub reports it as valid or is unreachable", async () => {
    const credential = await engine.credential("7");
    const token = await credential.token();
    expect(await credential.rejected(token)).toBe(false);
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 502 } });
    expect(await credential.rejected(token)).toBe(false);
    expect(await credential.token()).toBe(token);
  });
});
