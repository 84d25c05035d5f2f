import { createGitHubSdk } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appEngine } from "../sdk/engines.js";
import { AppFixture } from "./app-fixture.js";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
});
afterEach(() => fixture.close());

const LISTED = "/user/installations";
const logins = async (user: { userId: string; token?: string }) =>
  (await fixture.sdk.app.installations(user)).map(({ account }) => account.login);

describe("installations", () => {
  it("returns the installations of the user's connection, or of a given token", async () => {
    await fixture.connect("7", "ann");
    await fixture.connect("8", "max");
    expect(await logins({ userId: "7" })).toEqual(["acme", "ann"]);
    expect(await logins({ userId: "8" })).toEqual(["acme"]);
    expect(await logins({ userId: "9", token: await fixture.tokenOf("8") })).toEqual(["acme"]);
    expect((await fixture.sdk.app.installations({ userId: "7" }))[0]).toEqual({
      apiUrl: fixture.server.apiUrl,
      installationId: fixture.acme.id,
      appId: fixture.gitHubApp.id,
      account: { id: fixture.acme.account.id, login: "acme", type: "Organization" },
      repositorySelection: "all",
      permissions: { contents: "write", administration: "write", members: "read", metadata: "read" },
      events: [],
      suspendedAt: null,
      createdAt: expect.any(Date),
      updatedAt: expect.any(Date),
    });
  });

  it("returns the installations of all pages", async () => {
    for (let number = 0; number < 205; number++) {
      fixture.box.addOrganization({ login: `org-${number}`, admins: ["ann"] });
      fixture.box.install(fixture.gitHubApp, { account: `org-${number}` });
    }
    await fixture.connect("7", "ann");
    fixture.box.resetCounters();
    const all = await logins({ userId: "7" });
    expect(new Set(all).size).toBe(207);
    expect(fixture.count(`GET ${LISTED}`)).toBe(3);
    // An installation on the last page can be proven, too.
    const last = (await fixture.sdk.app.installations({ userId: "7" })).at(-1)?.installationId ?? 0;
    expect(await fixture.sdk.app.token({ userId: "7", installationId: last })).toHaveProperty("token");
  });

  it("returns only this App's installations in user and organization accounts", async () => {
    await fixture.connect("7", "ann");
    const headers = { authorization: `Bearer ${await fixture.tokenOf("7")}` };
    const body = await (await fetch(`${fixture.server.apiUrl}${LISTED}`, { headers })).json();
    const [first] = (body as { installations: Record<string, unknown>[] }).installations;
    const { id: annsId } = fixture.anns.account;
    const others = [
      { ...first, id: 1, app_id: fixture.gitHubApp.id + 1 },
      // An enterprise can have the same ID as a user.
      { ...first, id: 2, target_type: "Enterprise", account: { id: annsId, slug: "big", name: "Big" } },
    ];
    const respond = { status: 200, body: { total_count: 3, installations: [...others, first] } };
    const respondOnce = () => fixture.box.control.fault({ path: LISTED, when: "before", respond });
    respondOnce();
    expect(await logins({ userId: "7" })).toEqual(["acme"]);
    for (const installationId of [1, 2]) {
      respondOnce();
      expect(await fixture.code(fixture.sdk.app.token({ userId: "7", installationId }))).toBe("installation_not_yours");
    }
  });

  it.each<[string, () => Promise<{ userId: string; token?: string }>, string]>([
    ["a user without a connection", async () => ({ userId: "9" }), "github_not_connected"],
    ["an invalid token", async () => ({ userId: "9", token: "ghu_invalid" }), "reauth_required"],
    ["a token that cannot be sent in a header", async () => ({ userId: "9", token: "ghu_a\nb" }), "reauth_required"],
    ["an empty token", async () => ({ userId: "9", token: "" }), "reauth_required"],
    [
      "a token of the OAuth App",
      async () => {
        await fixture.connect("7", "ann", "oauth");
        return { userId: "7", token: await fixture.tokenOf("7", "oauth") };
      },
      "insufficient_permissions",
    ],
  ])("rejects %s", async (_name, user, code) => {
    expect(await fixture.code(fixture.sdk.app.installations(await user()))).toBe(code);
  });
});

describe("validateAccess", () => {
  const validate = (userToken: string, over: { installationId?: number; repository?: string } = {}) =>
    fixture.sdk.app.validateAccess({
      ...{ userToken, installationId: fixture.acme.id, repository: "acme/infra" },
      ...over,
    });
  const YES = { hasAccess: true, installationFound: true, repositoryAccessible: true };
  const FOUND = { hasAccess: false, installationFound: true, repositoryAccessible: false };
  const NO = { hasAccess: false, installationFound: false, repositoryAccessible: false };

  it("confirms every user who can read the repository, case-insensitively", async () => {
    fixture.infra.setPermission("eve", "read");
    for (const login of ["ann", "max", "eve"]) {
      await fixture.connect(login, login);
      expect(await validate(await fixture.tokenOf(login)), login).toEqual(YES);
    }
    expect(await validate(await fixture.tokenOf("ann"), { repository: "ACME/Infra" })).toEqual(YES);
  });

  it("denies other repositories, other installations, and repositories that were not selected", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    expect(await validate(token, { repository: "acme/none" })).toEqual(FOUND);
    expect(await validate(token, { repository: "ann/notes" })).toEqual(FOUND);
    expect(await validate(token, { repository: "not a repository name" })).toEqual(FOUND);
    expect(await validate(token, { installationId: 999_999 })).toEqual(NO);
    fixture.acme.removeRepositories(["infra"]);
    expect(await validate(token)).toEqual(FOUND);
  });

  it("denies the repository of a suspended installation", async () => {
    await fixture.connect("7", "ann");
    fixture.acme.suspend();
    expect(await validate(await fixture.tokenOf("7"))).toEqual(FOUND);
  });

  it("denies another user's token", async () => {
    await fixture.connect("8", "eve");
    expect(await validate(await fixture.tokenOf("8"))).toEqual(NO);
  });

  it("denies values that are not a user token of the App", async () => {
    await fixture.connect("7", "ann", "oauth");
    const oauth = await fixture.tokenOf("7", "oauth");
    const asOwner = await AppFixture.create();
    await asOwner.connect("7", "ann");
    const foreign = await asOwner.tokenOf("7");
    const { token } = await asOwner.sdk.app.token({ userId: "7", installationId: asOwner.acme.id });
    await asOwner.close();
    for (const given of ["", " ", "invalid", "a\r\nb: c", "\u20ac", "x".repeat(10_000), oauth, foreign, token]) {
      expect(await validate(given), given.slice(0, 12)).toEqual(NO);
    }
  });

  it("denies a revoked token", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    fixture.box.revokeToken(token);
    expect(await validate(token)).toEqual(NO);
  });

  it("rejects with github_unavailable while GitHub does not respond", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    fixture.box.control.fault({ path: LISTED, when: "before", respond: { status: 503 }, times: 4 });
    expect(await fixture.code(validate(token))).toBe("github_unavailable");
  });
});

describe("installUrl", () => {
  it("returns the install page without a state", async () => {
    const appUrl = `${fixture.server.serverUrl}/apps/sync-it`;
    expect(await fixture.sdk.app.installUrl({ userId: "7" })).toEqual({
      installationUrl: `${appUrl}/installations/new`,
      appName: "sync-it",
      state: null,
      appUrl,
    });
  });

  it("includes a suggested account, and a state that works once", async () => {
    const { id: suggestedTargetId } = fixture.box.addUser({ login: "bea" });
    const link = await fixture.sdk.app.installUrl({ userId: "8", state: "a b&c=%20 ~ 123456", suggestedTargetId });
    expect(link.state).toBe("a b&c=%20 ~ 123456");
    const back = await fixture.box.installFrom(link.installationUrl, { login: "bea" });
    expect(back).toMatchObject({ state: "a b&c=%20 ~ 123456", setupAction: "install" });
    const { code } = back;
    const complete = () => fixture.sdk.connections.complete({ userId: "8", state: "a b&c=%20 ~ 123456", code });
    expect((await complete()).login).toBe("bea");
    expect(await fixture.code(complete())).toBe("invalid_state");
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects the suggested account %d", async (suggestedTargetId) => {
    const error = await fixture.failure(fixture.sdk.app.installUrl({ userId: "7", suggestedTargetId }));
    expect(error).toMatchObject({ code: "validation_failed", message: expect.stringContaining("suggestedTargetId") });
  });

  it("requires the slug", async () => {
    const { id: appId, privateKey } = fixture.gitHubApp;
    const sdk = fixture.startSdk({ app: { appId, privateKey } });
    const error = await fixture.failure(sdk.app.installUrl({ userId: "7" }));
    expect(error).toMatchObject({
      code: "capability_not_configured",
      message: expect.stringContaining("GITHUB_APP_NAME"),
    });
  });
});

describe("health", () => {
  const OK = { ok: true, text: expect.any(String) };

  it("is checked once in 10 seconds for all callers", async () => {
    const healthy = { status: "healthy", configuration: OK, jwtGeneration: OK, apiConnectivity: OK, errors: [] };
    const results = await Promise.all(Array.from({ length: 20 }, () => fixture.sdk.app.health()));
    for (const result of results) expect(result).toEqual(healthy);
    expect(fixture.count("GET /app")).toBe(1);
    fixture.clock.putForward(9_000);
    await fixture.sdk.app.health();
    expect(fixture.count()).toBe(1);
    fixture.clock.putForward(2_000);
    await fixture.sdk.app.health();
    expect(fixture.count()).toBe(2);
  });

  it.each<[string, Parameters<typeof fixture.box.control.fault>[0]["respond"]]>([
    ["GitHub has an incident", { status: 503 }],
    ["GitHub is unreachable", "reset"],
    ["GitHub's response is invalid", { status: 200, body: "<html>" }],
    ["the rate limit is exceeded", { status: 429, headers: { "retry-after": "60" }, body: { message: "rate limit" } }],
  ])("is degraded when %s, and recovers", async (_name, respond) => {
    fixture.box.control.fault({ path: "/app", when: "before", respond });
    const { status, apiConnectivity, errors } = await fixture.sdk.app.health();
    expect({ status, ok: apiConnectivity.ok }).toEqual({ status: "degraded", ok: false });
    expect(errors).toHaveLength(1);
    fixture.clock.putForward(61_000);
    expect(await fixture.sdk.app.health()).toMatchObject({ status: "healthy" });
  });

  it("is degraded when GitHub does not respond within five seconds", async () => {
    const arrived = new Promise<void>((resolve) => {
      fixture.box.control.beforeRequest(({ route }) => void (route === "GET /app" && resolve()));
    });
    const { clock } = fixture;
    const sleep = (milliseconds: number, signal?: AbortSignal) =>
      milliseconds === 5_000 ? arrived : clock.sleep(milliseconds, signal);
    const sdk = fixture.startSdk({ clock: { now: clock.now, sleep, idle: clock.idle } });
    fixture.box.control.fault({ path: "/app", when: "before", respond: "hang" });
    expect(await sdk.app.health()).toMatchObject({
      status: "degraded",
      errors: ["GitHub did not respond in time. Try again."],
    });
  });

  it.each([
    ["the App does not exist", { status: 404, body: { message: "Integration not found" } }],
    ["GitHub rejects the key", { status: 401, body: { message: "A JSON web token could not be decoded" } }],
    ["the key belongs to a different App", { status: 200, body: { id: 1 } }],
  ])("is unhealthy when %s", async (_name, respond) => {
    fixture.box.control.fault({ path: "/app", when: "before", respond });
    const health = await fixture.sdk.app.health();
    expect(health).toMatchObject({ status: "unhealthy", apiConnectivity: { ok: false } });
    expect(JSON.stringify(health)).not.toMatch(/BEGIN|eyJ/);
  });

  it("is unhealthy with the wrong App ID", async () => {
    const { id, privateKey } = fixture.gitHubApp;
    const sdk = fixture.startSdk({ app: { appId: id + 1_000, privateKey } });
    expect(await sdk.app.health()).toMatchObject({ status: "unhealthy" });
    expect(
      await fixture.code(
        appEngine(sdk)
          .readInstallation(fixture.acme.id)
          .then(() => ""),
      ),
    ).toBe("app_misconfigured");
  });
});

it("sdk.app throws capability_not_configured without an App, and names the option", async () => {
  const sdk = createGitHubSdk({ projectFiles: new MemoryProjectFiles(), auth: "ghp_x" });
  const error = await fixture.failure(Promise.resolve().then(() => sdk.app));
  expect(error).toMatchObject({
    code: "capability_not_configured",
    status: 501,
    message: expect.stringContaining("`app`"),
  });
  await sdk.close();
});
