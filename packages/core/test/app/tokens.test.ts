import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appEngine } from "../sdk/engines.js";
import { AppFixture, type AppFixtureOptions, MINT, MINUTE } from "./app-fixture.js";

let fixture: AppFixture;

/** Creates a fixture whose user 7 is connected as ann. */
async function start(options: AppFixtureOptions = {}): Promise<void> {
  fixture = await AppFixture.create(options);
  await fixture.connect("7", "ann");
}
afterEach(() => fixture.close());

const acme = (userId = "7") => ({ userId, installationId: fixture.acme.id });

describe("token", () => {
  beforeEach(() => start());

  it("returns GitHub's token with its expiry, permissions and repository selection", async () => {
    const { token, expiresAt, permissions, repositorySelection } = await fixture.sdk.app.token(acme());
    expect(await fixture.holderOf(token)).toBe("acme");
    expect(permissions).toEqual({ contents: "write", administration: "write", members: "read", metadata: "read" });
    expect(repositorySelection).toBe("all");
    expect(expiresAt.getTime() - fixture.clock.now()).toBeGreaterThan(59 * MINUTE);
  });

  it("restricts a token to repositories and permissions, and does not share it with other requests", async () => {
    await fixture.box.createRepository({ owner: "acme", name: "other", private: true, autoInit: true });
    const narrow = { repositories: ["INFRA", "infra"], permissions: { contents: "read", metadata: "read" } };
    const token = await fixture.sdk.app.token({ ...acme(), ...narrow });
    expect(token).toMatchObject({
      repositorySelection: "selected",
      permissions: { contents: "read", metadata: "read" },
    });
    const wider = [
      await fixture.sdk.app.token(acme()),
      await fixture.sdk.app.token({ ...acme(), repositories: ["infra"] }),
      await fixture.sdk.app.token({ ...acme(), repositories: ["infra", "other"], permissions: narrow.permissions }),
      await fixture.sdk.app.token({ ...acme(), permissions: narrow.permissions }),
      await fixture.sdk.app.token({ ...acme(), repositories: ["infra"], permissions: { contents: "write" } }),
      await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id }),
    ];
    expect(new Set([token, ...wider].map((each) => each.token)).size).toBe(7);
    const again = { repositories: ["infra"], permissions: { metadata: "read", contents: "read" } };
    expect((await fixture.sdk.app.token({ ...acme(), ...again })).token).toBe(token.token);
  });

  it.each([
    [{ repositories: [] }, "validation_failed"],
    [{ permissions: {} }, "validation_failed"],
    [{ repositories: Array.from({ length: 501 }, (_, index) => `r${index}`) }, "validation_failed"],
    [{ repositories: ["nowhere"] }, "insufficient_permissions"],
    [{ permissions: { secrets: "write" } }, "insufficient_permissions"],
  ])("rejects restrictions that are empty, too long or not granted (%#)", async (restrictions, code) => {
    expect(await fixture.code(fixture.sdk.app.token({ ...acme(), ...restrictions }))).toBe(code);
  });

  it("caches a token for the next caller", async () => {
    const first = await fixture.sdk.app.token(acme());
    fixture.box.resetCounters();
    expect((await fixture.sdk.app.token(acme())).token).toBe(first.token);
    expect(fixture.box.count()).toBe(0);
  });

  it("requests one token for twenty concurrent callers", async () => {
    await fixture.sdk.app.token({ ...acme(), repositories: ["infra"] });
    fixture.box.resetCounters();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => fixture.sdk.app.token(acme())));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(fixture.count(MINT)).toBe(1);
  });

  it("renews a token five minutes before it expires", async () => {
    const first = await fixture.sdk.app.token(acme());
    fixture.clock.putForward(54 * MINUTE);
    expect((await fixture.sdk.app.token(acme())).token).toBe(first.token);
    fixture.clock.putForward(MINUTE);
    const second = await fixture.sdk.app.token(acme());
    expect(second.token).not.toBe(first.token);
    expect(second.expiresAt.getTime() - fixture.clock.now()).toBeGreaterThan(59 * MINUTE);
  });

  it("requests a token again after a failure", async () => {
    fixture.box.control.fault({ path: MINT, when: "before", respond: { status: 500 }, times: 4 });
    expect(await fixture.code(fixture.sdk.app.token(acme()))).toBe("github_unavailable");
    expect(await fixture.holderOf((await fixture.sdk.app.token(acme())).token)).toBe("acme");
  });

  it("does not cache a token whose installation was forgotten during the request", async () => {
    const stop = fixture.box.control.afterRequest(({ route }) => {
      if (route === MINT) appEngine(fixture.sdk).forget(fixture.acme.id);
    });
    const first = await fixture.sdk.app.token(acme());
    stop();
    expect((await fixture.sdk.app.token(acme())).token).not.toBe(first.token);
  });
});

describe("token and push of a removed or suspended installation", () => {
  beforeEach(() => start());
  const push = (content: string) =>
    fixture.sdk.app.push({ ...acme(), repository: "acme/infra", message: "Write", files: { "a.txt": content } });

  it("reject with installation_not_found after the App was uninstalled", async () => {
    await fixture.sdk.app.token(acme());
    await push("1");
    fixture.clock.putForward(1.5 * MINUTE);
    fixture.acme.remove();
    expect(await fixture.code(push("2"))).toBe("installation_not_found");
    // The cached token was discarded with the installation.
    expect(await fixture.code(fixture.sdk.app.token(acme()))).toBe("installation_not_found");
  });

  it("reject with installation_not_found, not reauth_required, when the token was just created", async () => {
    await push("1");
    fixture.clock.putForward(10_000);
    fixture.acme.remove();
    expect(await fixture.code(push("2"))).toBe("installation_not_found");
  });

  it("reject with a message that says that the installation is suspended", async () => {
    await fixture.sdk.app.token({ ...acme(), repositories: ["infra"] });
    fixture.acme.suspend();
    const error = await fixture.failure(fixture.sdk.app.token(acme()));
    expect(error).toMatchObject({ code: "insufficient_permissions", message: expect.stringContaining("suspended") });
    expect(await fixture.code(fixture.sdk.app.token({ ...acme(), repositories: ["infra"] }))).toBe(
      "insufficient_permissions",
    );
  });

  it.each(["removed", "suspended"])(
    "reject with installation_not_yours after the stored installation was %s",
    async (how) => {
      await fixture.sdk.app.token(acme());
      const key = { apiUrl: fixture.server.apiUrl, installationId: fixture.acme.id };
      fixture.clock.putForward(1);
      const at = new Date(fixture.clock.now());
      const known = await fixture.installations.find(key);
      if (known === null) throw new Error("The installation is not stored.");
      if (how === "removed") await fixture.installations.remove(key, at);
      else await fixture.installations.save({ ...known, suspendedAt: at }, at);
      if (how === "removed") fixture.acme.remove();
      else fixture.acme.suspend();
      expect(await fixture.code(fixture.sdk.app.token(acme()))).toBe("installation_not_yours");
      expect(await fixture.code(push("2"))).toBe("installation_not_yours");
    },
  );
});

describe("new token that GitHub's servers do not accept yet", () => {
  beforeEach(() => start());
  const push = () =>
    fixture.sdk.app.push({ ...acme(), repository: "acme/infra", message: "Write", files: { "a.txt": "a" } });

  it("is retried until it is accepted", async () => {
    fixture.box.control.tokenReplication({ milliseconds: 4_000 });
    expect(await push()).toMatchObject({ files: 1, conflicts: [] });
    expect(fixture.count(MINT)).toBe(1);
    expect((await fixture.infra.log()).length).toBe(2);
  });

  it("is retried for five seconds", async () => {
    await fixture.sdk.app.token({ ...acme(), permissions: { metadata: "read" } });
    fixture.box.resetCounters();
    fixture.box.control.tokenReplication({ milliseconds: 3_600_000 });
    const before = fixture.clock.now();
    expect(await fixture.code(push())).toBe("github_unavailable");
    const elapsed = fixture.clock.now() - before;
    expect(elapsed).toBeGreaterThanOrEqual(5_000);
    expect(elapsed).toBeLessThan(8_000);
    const rejected = fixture.box.requests.filter(({ status }) => status === 401).length;
    expect(rejected).toBeGreaterThan(5);
    expect(rejected).toBeLessThan(13);
  });
});

describe("clock that differs from GitHub's", () => {
  it.each([20 * MINUTE, -20 * MINUTE, 48 * 60 * MINUTE])(
    "is corrected by GitHub's date when GitHub is ahead by %d milliseconds",
    async (ahead) => {
      await start({ githubAhead: ahead });
      const [first, second] = await Promise.all([
        fixture.sdk.app.token(acme()),
        fixture.sdk.app.token({ ...acme(), repositories: ["infra"] }),
      ]);
      expect([await fixture.holderOf(first.token), await fixture.holderOf(second.token)]).toEqual(["acme", "acme"]);
      fixture.box.resetCounters();
      expect((await fixture.sdk.app.token(acme())).token).toBe(first.token);
      await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id });
      // The measured difference is reused.
      expect(fixture.box.requests.map(({ status }) => status)).not.toContain(401);
    },
  );

  it("does not prevent the replacement of a token that ended early", async () => {
    await start();
    const request = { ...acme(), repository: "acme/infra", message: "Write" };
    await fixture.sdk.app.push({ ...request, files: { "a.txt": "1" } });
    const restrictions = { repositories: ["infra"], permissions: { contents: "write", metadata: "read" } };
    const { token } = await fixture.sdk.app.token({ ...acme(), ...restrictions });
    expect(fixture.count(MINT)).toBe(1);
    fixture.clock.putForward(30 * MINUTE);
    fixture.box.revokeToken(token);
    expect(await fixture.sdk.app.push({ ...request, files: { "a.txt": "2" } })).toMatchObject({ files: 1 });
    expect(fixture.count(MINT)).toBe(2);
    expect(await fixture.branch()).toMatchObject({ "a.txt": "2" });
  });
});

describe("App that GitHub rejects", () => {
  const unknown = { message: "Integration not found" };

  it.each([
    ["an unknown App ID", { status: 404, body: unknown }],
    ["a different App's key", { status: 401, body: { message: "A JSON web token could not be decoded" } }],
  ])("reports %s as app_misconfigured", async (_name, respond) => {
    await start();
    fixture.box.control.fault({ path: MINT, when: "before", respond, times: 9 });
    const error = await fixture.failure(fixture.sdk.app.token(acme()));
    expect(error).toMatchObject({ code: "app_misconfigured", status: 500 });
  });
});

describe("two Apps on two GitHubs in one process", () => {
  it("share no tokens although their installations have the same ID", async () => {
    await start();
    const first = fixture;
    const second = await AppFixture.create();
    try {
      await second.connect("7", "ann");
      expect([second.acme.id, second.gitHubApp.id]).toEqual([first.acme.id, first.gitHubApp.id]);
      await second.box.createRepository({ owner: "acme", name: "only-here" });
      for (let round = 0; round < 3; round++) {
        for (const { sdk, acme } of [first, second]) appEngine(sdk).forget(acme.id);
        const tokens = await Promise.all(
          [first, second, first, second].map(({ sdk }) => sdk.app.token(acme()).then(({ token }) => token)),
        );
        expect(new Set(tokens).size).toBe(2);
        const [firstToken = "", secondToken = ""] = tokens;
        expect(await Promise.all([first.holderOf(firstToken), second.holderOf(secondToken)])).toEqual(["acme", "acme"]);
        expect(await Promise.all([first.holderOf(secondToken), second.holderOf(firstToken)])).toEqual([401, 401]);
      }
    } finally {
      await second.close();
    }
  });
});
