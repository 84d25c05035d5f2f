import { inspect } from "node:util";
import { MemoryConnectionStore, MemoryLockStore, MemoryPubSub, MemoryStateStore } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConnectionEngine } from "../../src/connections/connection-engine.js";
import { parseScopes } from "../../src/connections/issued-token.js";
import { keyringCipher } from "../../src/connections/keyring-cipher.js";
import { EventBus } from "../../src/events.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import { silentLogger } from "../../src/logger.js";
import { Secret } from "../../src/secret.js";
import { type Scripted, ScriptedServer, type SeenRequest } from "../github/scripted-server.js";
import { ConnectedFixture, TestClock } from "./connected-fixture.js";

describe("complete with GitHub's errors", () => {
  let fixture: ConnectedFixture;
  beforeEach(async () => {
    fixture = await ConnectedFixture.create();
  });
  afterEach(() => fixture.close());

  it("reports an unverified email address as oauth_failed", async () => {
    fixture.box.control.verifiedEmail("ada", false);
    const refused = await fixture.failure(fixture.connect(fixture.engine(), "7", "ada"));
    expect(refused).toMatchObject({ code: "oauth_failed", details: { githubError: "unverified_user_email" } });
    expect(refused.message).toContain("verified");
  });

  it("reports wrong or unknown client credentials as oauth_misconfigured", async () => {
    const { oauth } = fixture.oauthClients;
    if (oauth === undefined) throw new Error("The OAuth App is missing.");
    for (const client of [
      { ...oauth, clientSecret: fixture.engineSecret("a secret that is wrong") },
      { ...oauth, clientId: "unknown" },
    ]) {
      const engine = fixture.engine({ oauthClients: { oauth: client } });
      const { state } = await engine.authorize({ userId: "7" });
      const refused = await fixture.failure(engine.complete({ userId: "7", state, code: "some code" }));
      expect(refused).toMatchObject({ code: "oauth_misconfigured", status: 500 });
    }
  });

  it("reports a redirect URI that differs from the authorization's as oauth_misconfigured", async () => {
    const engine = fixture.engine();
    const { url } = await engine.authorize({ userId: "7" });
    const back = await fixture.approve(url, "ada");
    const begun = await fixture.states.consume("7", back.state);
    if (begun === null) throw new Error("The state is missing.");
    await fixture.states.put({ ...begun, redirectUri: "https://host.example/elsewhere" });
    const refused = await fixture.failure(engine.complete({ userId: "7", ...back }));
    expect(refused).toMatchObject({ code: "oauth_misconfigured", details: { githubError: "redirect_uri_mismatch" } });
  });
});

describe("token endpoint", () => {
  const TOKEN = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
  const REQUEST_TIMEOUT = 2_000;
  const SECRETS = [TOKEN, "the-client-secret", "the-code", "ghr_refresh"];
  let server: ScriptedServer;
  let elsewhere: ScriptedServer;
  let engine: ConnectionEngine;
  let clock: TestClock;
  let close: () => Promise<void>;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    elsewhere = await ScriptedServer.start();
    clock = new TestClock();
    const bus = new EventBus(new MemoryPubSub(), silentLogger);
    const clients = createGitHubClients({ apiUrl: `${server.url}/api/v3`, userAgent: "test", clock, retryBaseMs: 1 });
    engine = new ConnectionEngine({
      ...{ apiUrl: clients.apiUrl, serverUrl: server.url, clients, bus, clock, logger: silentLogger },
      ...{ connections: new MemoryConnectionStore(), states: new MemoryStateStore(clock) },
      ...{ locks: new MemoryLockStore(clock), cipher: keyringCipher(`k1:${Buffer.alloc(32, 1).toString("base64")}`) },
      ...{ oauthClients: { oauth: { clientId: "the-client", clientSecret: new Secret("the-client-secret") } } },
      ...{
        redirectUri: null,
        scopes: ["repo"],
        requestTimeout: REQUEST_TIMEOUT,
        bindInstallation: null,
        requestInstallation: null,
      },
    });
    close = async () => {
      await engine.close();
      await clients.close();
      await bus.close();
    };
  });
  afterEach(async () => {
    await close();
    await server.close();
    await elsewhere.close();
  });

  const isExchange = ({ path }: SeenRequest): boolean => path === "/login/oauth/access_token";
  const respondToExchange = (
    answer: Scripted,
    user: Scripted = { status: 200, body: { id: 1, login: "ada" } },
  ): void => {
    server.answer = (request) => (isExchange(request) ? answer : user);
  };
  const complete = async () => {
    const { state } = await engine.authorize({ userId: "7" });
    return engine.complete({ userId: "7", state, code: "the-code" });
  };
  const failure = async (): Promise<unknown> => {
    const error = await complete().then(
      () => Promise.reject(new Error("The promise did not reject.")),
      (error: unknown) => error,
    );
    for (const secret of SECRETS) expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret);
    return error;
  };

  it("receives the verifier and the secret in the body, and no redirect URI when none is configured", async () => {
    respondToExchange({ status: 200, body: { access_token: TOKEN, scope: "repo,gist", token_type: "bearer" } });
    await complete();
    const [exchange, user] = server.requests;
    expect(exchange).toMatchObject({ method: "POST", path: "/login/oauth/access_token" });
    expect(exchange?.headers).toMatchObject({
      accept: "application/json",
      "content-type": expect.stringContaining("application/x-www-form-urlencoded"),
    });
    expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toEqual({
      client_id: "the-client",
      client_secret: "the-client-secret",
      code: "the-code",
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(user).toMatchObject({ path: "/api/v3/user", headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await engine.status("7")).toMatchObject({ permissions: ["repo", "gist"] });
  });

  it("cannot redirect the secret and the code to another host", async () => {
    for (const status of [301, 302, 307, 308]) {
      respondToExchange({ status, headers: { location: `${elsewhere.url}/login/oauth/access_token` } });
      expect(await failure()).toMatchObject({ code: "github_redirect_refused" });
    }
    expect(elsewhere.requests).toEqual([]);
  });

  it("receives one request per code, regardless of its response", async () => {
    for (const [answer, code] of [
      [{ status: 503, text: TOKEN }, "github_unavailable"],
      [{ status: 200, text: TOKEN }, "github_unavailable"],
      [{ status: 200, text: `access_token=${TOKEN}&scope=repo` }, "github_unavailable"],
      [{ status: 200, text: `{"access_token":"${TOKEN}"` }, "github_unavailable"],
      [{ status: 200, body: { access_token: 7, refresh_token: "ghr_refresh" } }, "github_unavailable"],
      [{ status: 200, body: { access_token: "" } }, "github_unavailable"],
      [{ status: 200, body: { error: `unknown ${TOKEN}`, error_description: TOKEN } }, "oauth_failed"],
      [{ status: 200, body: { error: "__proto__" } }, "oauth_failed"],
      [{ status: 400, body: { error: "bad_verification_code" } }, "oauth_failed"],
      [{ status: 429, headers: { "retry-after": "7" }, body: {} }, "rate_limited"],
      ["reset", "github_unavailable"],
      ["half", "github_unavailable"],
      ["hang", "github_timeout"],
    ] as const satisfies readonly (readonly [Scripted, string])[]) {
      respondToExchange(answer);
      const before = server.requests.length;
      if (answer === "hang") clock.endsWith.set(REQUEST_TIMEOUT, server.received(before + 1));
      expect(await failure()).toMatchObject({ code });
      expect(server.requests).toHaveLength(before + 1);
    }
    expect(await engine.account("7")).toBeNull();
  });

  it("may omit the scopes, which are then read from the header of the first API response", async () => {
    const headers = { "x-oauth-scopes": "repo, workflow" };
    respondToExchange(
      { status: 200, body: { access_token: TOKEN } },
      { status: 200, headers, body: { id: 1, login: "ada" } },
    );
    await complete();
    server.answer = () => ({ status: 503 });
    expect(await engine.status("7")).toMatchObject({ connected: true, permissions: ["repo", "workflow"] });
  });

  it("may issue tokens of any format and length", async () => {
    const unusual = `new.format_${"x".repeat(4_000)}-/+=`;
    respondToExchange({ status: 200, body: { access_token: unusual, scope: "" } });
    await complete();
    expect(await (await engine.credential("7")).token()).toBe(unusual);
  });

  it("keeps the connection when the API responds with 401 to a token that it reports as valid", async () => {
    respondToExchange({ status: 200, body: { access_token: TOKEN, scope: "repo" } });
    await complete();
    server.answer = ({ path }) =>
      path.endsWith("/applications/the-client/token") ? { status: 200, body: {} } : { status: 401, body: {} };
    await expect(engine.repositories("7")).rejects.toMatchObject({ code: "reauth_required" });
    expect(await engine.status("7")).toMatchObject({ connected: true, reauthRequired: false, repositoriesCount: null });
  });

  it("does not delay a status beyond five seconds", async () => {
    respondToExchange({ status: 200, body: { access_token: TOKEN, scope: "repo" } });
    await complete();
    server.answer = () => "hang";
    clock.endsWith.set(5_000, server.received(server.requests.length + 1));
    expect(await engine.status("7")).toMatchObject({ connected: true, login: "ada", repositoriesCount: null });
  });
});

it("parseScopes accepts commas, spaces or both as separators", () => {
  expect(parseScopes("repo,gist")).toEqual(["repo", "gist"]);
  expect(parseScopes("repo, workflow")).toEqual(["repo", "workflow"]);
  expect(parseScopes("admin:org read:user")).toEqual(["admin:org", "read:user"]);
  expect(parseScopes("")).toEqual([]);
});
