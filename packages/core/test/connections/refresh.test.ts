import type { Connection, TokenSet } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionEngine } from "../../src/connections/connection-engine.js";
import { ConnectedFixture, HOUR, MINUTE, withVerbs } from "./connected-fixture.js";

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

const works = async (token: string): Promise<boolean> => {
  const response = await fetch(`${fixture.server.apiUrl}/user`, { headers: { authorization: `Bearer ${token}` } });
  return response.status === 200;
};

const stored = async (): Promise<Connection["tokens"]["app"]> =>
  (await fixture.connections.find({ apiUrl: fixture.server.apiUrl, userId: "7" }))?.tokens.app ?? null;

describe("an expiring token", () => {
  it("is given out as it is while it lasts, without a request", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 50 * MINUTE);
    expect(await fixture.tokenOf(engine, "7")).toBe(first);
    expect(fixture.exchanges).toBe(0);
  });

  it("is refreshed some minutes before it ends, and the new pair is stored before it is given out", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 56 * MINUTE);
    const second = await fixture.tokenOf(engine, "7");
    expect(second).not.toBe(first);
    expect(await works(second)).toBe(true);
    expect(await works(first)).toBe(false);
    expect(await fixture.tokenOf(fixture.engine(), "7")).toBe(second);
    expect(fixture.exchanges).toBe(1);
  });

  it("is refreshed again and again with the refresh token that came last", async () => {
    for (let round = 1; round <= 4; round += 1) {
      fixture.clock.putForward(8 * HOUR);
      expect(await works(await fixture.tokenOf(engine, "7"))).toBe(true);
      expect(fixture.exchanges).toBe(round);
    }
  });

  it("costs one request when 50 callers in several processes want it at the same moment, and all of them get it", async () => {
    const processes = [engine, fixture.engine(), fixture.engine(), fixture.engine(), fixture.engine()];
    fixture.clock.putForward(9 * HOUR);
    const credentials = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (processes[index % 5] ?? engine).credential("7", "app")),
    );
    const tokens = await Promise.all(credentials.map((credential) => credential.token()));
    expect(fixture.exchanges).toBe(1);
    expect(new Set(tokens).size).toBe(1);
    expect(await works(tokens[0] ?? "")).toBe(true);
  });

  it("goes on being refreshed for the others when one caller gives up", async () => {
    fixture.clock.putForward(9 * HOUR);
    const credential = await engine.credential("7");
    const gone = new AbortController();
    const impatient = credential.token(gone.signal);
    const patient = credential.token();
    gone.abort(new Error("the caller left"));
    await expect(impatient).rejects.toThrow("the caller left");
    expect(await works(await patient)).toBe(true);
    expect(fixture.exchanges).toBe(1);
  });

  it("is used to its end when GitHub cannot be reached for a new one", async () => {
    const first = await fixture.tokenOf(engine, "7");
    fixture.clock.putForward(7 * HOUR + 57 * MINUTE);
    fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: { status: 502 }, times: 2 });
    expect(await fixture.tokenOf(engine, "7")).toBe(first);
    expect((await stored())?.reauthRequired).toBe(false);
  });
});

describe("a refresh that fails", () => {
  beforeEach(() => fixture.clock.putForward(9 * HOUR));

  it("asks a GitHub that is down twice and then not again for some seconds, however many want the token", async () => {
    const back = fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: { status: 503 }, times: 100 });
    const credential = await engine.credential("7");
    const codes = await Promise.all(Array.from({ length: 20 }, () => fixture.code(credential.token())));
    expect(new Set(codes)).toEqual(new Set(["github_unavailable"]));
    expect(await fixture.code(credential.token())).toBe("github_unavailable");
    expect(fixture.exchanges).toBe(2);
    expect((await stored())?.reauthRequired).toBe(false);
    back();
    fixture.clock.putForward(11_000);
    expect(await works(await credential.token())).toBe(true);
  });

  it("is made up for when the request did not reach GitHub", async () => {
    fixture.box.control.fault({ path: ENDPOINT, when: "before", respond: "reset" });
    expect(await works(await fixture.tokenOf(engine, "7"))).toBe(true);
    expect(fixture.exchanges).toBe(2);
    expect(fixture.events.map(([name]) => name)).not.toContain("connection.reauth_required");
  });

  it("demands a new authorization when GitHub's answer got lost, and asks GitHub no more", async () => {
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

  it("demands a new authorization when GitHub refuses the refresh token", async () => {
    fixture.box.revokeGrant(fixture.gitHubApp, "ada");
    expect(await fixture.code(fixture.tokenOf(engine, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
    expect(await engine.status("7")).toMatchObject({ connected: false, reauthRequired: true, login: "ada" });
  });

  it("demands a new authorization without asking when the refresh token has run out", async () => {
    fixture.clock.putForward(184 * 24 * HOUR);
    expect(await fixture.code(fixture.tokenOf(engine, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(0);
  });

  it("demands a new authorization when the new pair cannot be stored, and does not leave it good", async () => {
    const refused: TokenSet[] = [];
    const connections = withVerbs(fixture.connections, {
      replaceToken: async (_key, _client, _version, token) => {
        refused.push(token);
        throw new Error("the database is gone");
      },
    });
    const broken = fixture.engine({ connections });
    expect(await fixture.code(fixture.tokenOf(broken, "7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
    const [pair] = refused;
    if (pair === undefined) throw new Error("nothing was to be stored");
    const context = { owner: JSON.stringify([fixture.server.apiUrl, "7"]), field: "app.access_token" };
    expect(await works(await fixture.cipher.decrypt(pair.accessToken, context))).toBe(false);
    expect(await fixture.code(engine.credential("7"))).toBe("reauth_required");
    expect(fixture.exchanges).toBe(1);
  });

  it("keeps the pair when only the store's answer got lost", async () => {
    let lost = 0;
    const connections = withVerbs(fixture.connections, {
      replaceToken: async (...parameters) => {
        const replaced = await fixture.connections.replaceToken(...parameters);
        if (lost++ === 0) throw new Error("the connection to the database broke");
        return replaced;
      },
    });
    const token = await fixture.tokenOf(fixture.engine({ connections }), "7");
    expect(await works(token)).toBe(true);
    expect(await fixture.tokenOf(engine, "7")).toBe(token);
  });

  it("ends as reauth_required, without a loop, when the process is killed between receiving the pair and storing it", async () => {
    let received = (): void => {};
    const killed = new Promise<void>((resolve) => {
      received = resolve;
    });
    const connections = withVerbs(fixture.connections, {
      // The process is gone: nothing after this happens in it, and its lease is never given back.
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
    expect(await works(await credential.token())).toBe(true);
  });

  it("does not give up a token for a secret of the host that is wrong", async () => {
    const { app } = fixture.oauthClients;
    if (app === undefined) throw new Error("the App is there");
    const wrong = { app: { ...app, clientSecret: fixture.engineSecret("not the client secret") } };
    const misconfigured = fixture.engine({ oauthClients: wrong });
    expect(await fixture.failure(fixture.tokenOf(misconfigured, "7"))).toMatchObject({
      code: "oauth_misconfigured",
      status: 500,
    });
    expect(await works(await fixture.tokenOf(engine, "7"))).toBe(true);
  });

  it("says how long GitHub wants to be left alone", async () => {
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

describe("a refresh beside other changes", () => {
  it("yields to a new authorization, and takes back the pair that nobody needs", async () => {
    fixture.clock.putForward(9 * HOUR);
    let pair = "";
    const connections = withVerbs(fixture.connections, {
      replaceToken: async (key, client, version, token) => {
        const context = { owner: JSON.stringify([key.apiUrl, key.userId]), field: "app.access_token" };
        pair = await fixture.cipher.decrypt(token.accessToken, context);
        await fixture.connect(engine, "7", "ada", "app");
        return fixture.connections.replaceToken(key, client, version, token);
      },
    });
    const token = await fixture.tokenOf(fixture.engine({ connections }), "7");
    expect(token).toBe(await fixture.tokenOf(engine, "7"));
    expect([await works(token), await works(pair)]).toEqual([true, false]);
  });

  it("does not bring a connection back that was removed meanwhile, nor leave its pair good", async () => {
    fixture.clock.putForward(9 * HOUR);
    let pair = "";
    const connections = withVerbs(fixture.connections, {
      replaceToken: async (key, client, version, token) => {
        const context = { owner: JSON.stringify([key.apiUrl, key.userId]), field: "app.access_token" };
        pair = await fixture.cipher.decrypt(token.accessToken, context);
        await engine.disconnect("7", { revoke: false });
        return fixture.connections.replaceToken(key, client, version, token);
      },
    });
    expect(await fixture.code(fixture.tokenOf(fixture.engine({ connections }), "7"))).toBe("github_not_connected");
    expect(await works(pair)).toBe(false);
    expect(await engine.account("7")).toBeNull();
  });
});

describe("a token that GitHub refuses", () => {
  it("is refreshed and the request repeated when it merely ended early", async () => {
    const credential = await engine.credential("7");
    const early = await credential.token();
    fixture.box.revokeToken(early);
    expect(await engine.repositories("7")).toMatchObject({ totalCount: 0 });
    expect(await credential.token()).not.toBe(early);
    expect(await credential.rejected(early)).toBe(true);
    expect(fixture.exchanges).toBe(1);
  });

  it("is looked into once, however many requests were refused", async () => {
    const credential = await engine.credential("7");
    const early = await credential.token();
    fixture.box.revokeToken(early);
    const told = await Promise.all(Array.from({ length: 20 }, () => credential.rejected(early)));
    expect(new Set(told)).toEqual(new Set([true]));
    expect(fixture.exchanges).toBe(1);
    expect(fixture.count("POST /applications/{client_id}/token")).toBe(1);
  });

  it("stays as it is when GitHub says that it is good, or says nothing", async () => {
    const credential = await engine.credential("7");
    const token = await credential.token();
    expect(await credential.rejected(token)).toBe(false);
    fixture.box.control.fault({ path: /\/applications\//, when: "before", respond: { status: 502 } });
    expect(await credential.rejected(token)).toBe(false);
    expect(await credential.token()).toBe(token);
  });
});
