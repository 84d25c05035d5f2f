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

describe("the installations that a user sees", () => {
  it("are those of the connection, or of a token that is given instead", async () => {
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

  it("are on all pages", async () => {
    for (let number = 0; number < 205; number++) {
      fixture.box.addOrganization({ login: `org-${number}`, admins: ["ann"] });
      fixture.box.install(fixture.gitHubApp, { account: `org-${number}` });
    }
    await fixture.connect("7", "ann");
    fixture.box.resetCounters();
    const all = await logins({ userId: "7" });
    expect(new Set(all).size).toBe(207);
    expect(fixture.count(`GET ${LISTED}`)).toBe(3);
    // What is on the last page can be proved, too.
    const last = (await fixture.sdk.app.installations({ userId: "7" })).at(-1)?.installationId ?? 0;
    expect(await fixture.sdk.app.token({ userId: "7", installationId: last })).toHaveProperty("token");
  });

  it("are this App's, in accounts that have repositories", async () => {
    await fixture.connect("7", "ann");
    const headers = { authorization: `Bearer ${await fixture.tokenOf("7")}` };
    const body = await (await fetch(`${fixture.server.apiUrl}${LISTED}`, { headers })).json();
    const [first] = (body as { installations: Record<string, unknown>[] }).installations;
    const { id: annsId } = fixture.anns.account;
    const others = [
      { ...first, id: 1, app_id: fixture.gitHubApp.id + 1 },
      // An enterprise's number may be that of a user.
      { ...first, id: 2, target_type: "Enterprise", account: { id: annsId, slug: "big", name: "Big" } },
    ];
    const respond = { status: 200, body: { total_count: 3, installations: [...others, first] } };
    const answer = () => fixture.box.control.fault({ path: LISTED, when: "before", respond });
    answer();
    expect(await logins({ userId: "7" })).toEqual(["acme"]);
    for (const installationId of [1, 2]) {
      answer();
      expect(await fixture.code(fixture.sdk.app.token({ userId: "7", installationId }))).toBe("installation_not_yours");
    }
  });

  it.each<[string, () => Promise<{ userId: string; token?: string }>, string]>([
    ["without a connection", async () => ({ userId: "9" }), "github_not_connected"],
    ["with a token that is none", async () => ({ userId: "9", token: "ghu_invalid" }), "reauth_required"],
    ["with a token that no header holds", async () => ({ userId: "9", token: "ghu_a\nb" }), "reauth_required"],
    ["with an empty token", async () => ({ userId: "9", token: "" }), "reauth_required"],
    [
      "with a token of the OAuth App",
      async () => {
        await fixture.connect("7", "ann", "oauth");
        return { userId: "7", token: await fixture.tokenOf("7", "oauth") };
      },
      "insufficient_permissions",
    ],
  ])("are not told %s", async (_name, user, code) => {
    expect(await fixture.code(fixture.sdk.app.installations(await user()))).toBe(code);
  });
});

describe("whether a user's token reaches a repository through an installation", () => {
  const ask = (userToken: string, over: { installationId?: number; repository?: string } = {}) =>
    fixture.sdk.app.validateAccess({
      ...{ userToken, installationId: fixture.acme.id, repository: "acme/infra" },
      ...over,
    });
  const YES = { hasAccess: true, installationFound: true, repositoryAccessible: true };
  const FOUND = { hasAccess: false, installationFound: true, repositoryAccessible: false };
  const NO = { hasAccess: false, installationFound: false, repositoryAccessible: false };

  it("yes: for whoever may read it, in any spelling", async () => {
    fixture.infra.setPermission("eve", "read");
    for (const login of ["ann", "max", "eve"]) {
      await fixture.connect(login, login);
      expect(await ask(await fixture.tokenOf(login)), login).toEqual(YES);
    }
    expect(await ask(await fixture.tokenOf("ann"), { repository: "ACME/Infra" })).toEqual(YES);
  });

  it("no: for another repository, another installation, and a repository that was not chosen", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    expect(await ask(token, { repository: "acme/none" })).toEqual(FOUND);
    expect(await ask(token, { repository: "ann/notes" })).toEqual(FOUND);
    expect(await ask(token, { repository: "no name at all" })).toEqual(FOUND);
    expect(await ask(token, { installationId: 999_999 })).toEqual(NO);
    fixture.acme.removeRepositories(["infra"]);
    expect(await ask(token)).toEqual(FOUND);
  });

  it("no: when the installation is suspended, though it is seen", async () => {
    await fixture.connect("7", "ann");
    fixture.acme.suspend();
    expect(await ask(await fixture.tokenOf("7"))).toEqual(FOUND);
  });

  it("no: for another user's token", async () => {
    await fixture.connect("8", "eve");
    expect(await ask(await fixture.tokenOf("8"))).toEqual(NO);
  });

  it("no: for what is no user's token of the App", async () => {
    await fixture.connect("7", "ann", "oauth");
    const oauth = await fixture.tokenOf("7", "oauth");
    const asOwner = await AppFixture.create();
    await asOwner.connect("7", "ann");
    const foreign = await asOwner.tokenOf("7");
    const { token } = await asOwner.sdk.app.token({ userId: "7", installationId: asOwner.acme.id });
    await asOwner.close();
    for (const given of ["", " ", "invalid", "a\r\nb: c", "\u20ac", "x".repeat(10_000), oauth, foreign, token]) {
      expect(await ask(given), given.slice(0, 12)).toEqual(NO);
    }
  });

  it("no: for a token that was revoked meanwhile", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    fixture.box.revokeToken(token);
    expect(await ask(token)).toEqual(NO);
  });

  it("is not answered while GitHub does not", async () => {
    await fixture.connect("7", "ann");
    const token = await fixture.tokenOf("7");
    fixture.box.control.fault({ path: LISTED, when: "before", respond: { status: 503 }, times: 4 });
    expect(await fixture.code(ask(token))).toBe("github_unavailable");
  });
});

describe("where the App is installed", () => {
  it("without more", async () => {
    const appUrl = `${fixture.server.serverUrl}/apps/sync-it`;
    expect(await fixture.sdk.app.installUrl({ userId: "7" })).toEqual({
      installationUrl: `${appUrl}/installations/new`,
      appName: "sync-it",
      state: null,
      appUrl,
    });
  });

  it("with an account that is proposed, and a state that comes back once", async () => {
    const { id: suggestedTargetId } = fixture.box.addUser({ login: "bea" });
    const link = await fixture.sdk.app.installUrl({ userId: "8", state: "a b&c", suggestedTargetId });
    expect(link.state).toBe("a b&c");
    const back = await fixture.box.installFrom(link.installationUrl, { login: "bea" });
    expect(back).toMatchObject({ state: "a b&c", setupAction: "install" });
    const { code } = back;
    const complete = () => fixture.sdk.connections.complete({ userId: "8", state: "a b&c", code });
    expect((await complete()).login).toBe("bea");
    expect(await fixture.code(complete())).toBe("invalid_state");
  });

  it.each([0, -1, 1.5, Number.NaN])("is not asked for the account %d", async (suggestedTargetId) => {
    const error = await fixture.failure(fixture.sdk.app.installUrl({ userId: "7", suggestedTargetId }));
    expect(error).toMatchObject({ code: "validation_failed", message: expect.stringContaining("suggestedTargetId") });
  });

  it("is not known without the slug", async () => {
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

  it("is looked at once in ten seconds, however many ask", async () => {
    const healthy = { status: "healthy", configuration: OK, jwtGeneration: OK, apiConnectivity: OK, errors: [] };
    const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.sdk.app.health()));
    for (const answer of answers) expect(answer).toEqual(healthy);
    expect(fixture.count("GET /app")).toBe(1);
    fixture.clock.putForward(9_000);
    await fixture.sdk.app.health();
    expect(fixture.count()).toBe(1);
    fixture.clock.putForward(2_000);
    await fixture.sdk.app.health();
    expect(fixture.count()).toBe(2);
  });

  it.each<[string, Parameters<typeof fixture.box.control.fault>[0]["respond"]]>([
    ["GitHub has a disturbance", { status: 503 }],
    ["GitHub cannot be reached", "reset"],
    ["GitHub answers with something else", { status: 200, body: "<html>" }],
    ["the rate limit is used up", { status: 429, headers: { "retry-after": "60" }, body: { message: "rate limit" } }],
  ])("is degraded when %s, and mends itself", async (_name, respond) => {
    fixture.box.control.fault({ path: "/app", when: "before", respond });
    const { status, apiConnectivity, errors } = await fixture.sdk.app.health();
    expect({ status, ok: apiConnectivity.ok }).toEqual({ status: "degraded", ok: false });
    expect(errors).toHaveLength(1);
    fixture.clock.putForward(61_000);
    expect(await fixture.sdk.app.health()).toMatchObject({ status: "healthy" });
  });

  it("is degraded when GitHub does not answer, after some seconds", async () => {
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
    ["there is no such App", { status: 404, body: { message: "Integration not found" } }],
    ["the key is another one's", { status: 401, body: { message: "A JSON web token could not be decoded" } }],
    ["the key belongs to another App", { status: 200, body: { id: 1 } }],
  ])("is unhealthy when %s", async (_name, respond) => {
    fixture.box.control.fault({ path: "/app", when: "before", respond });
    const health = await fixture.sdk.app.health();
    expect(health).toMatchObject({ status: "unhealthy", apiConnectivity: { ok: false } });
    expect(JSON.stringify(health)).not.toMatch(/BEGIN|eyJ/);
  });

  it("is unhealthy with the wrong id, by GitHub's own word", async () => {
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

it("without an App there is none, and the option is named", async () => {
  const sdk = createGitHubSdk({ projectFiles: new MemoryProjectFiles(), auth: "ghp_x" });
  const refused = await fixture.failure(Promise.resolve().then(() => sdk.app));
  expect(refused).toMatchObject({
    code: "capability_not_configured",
    status: 501,
    message: expect.stringContaining("`app`"),
  });
  await sdk.close();
});
