import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppWorld, type AppWorldOptions, files, MINT, MINUTE } from "./app-fixture.js";

let world: AppWorld;

/** A world whose user 7 is ann. */
async function begin(options: AppWorldOptions = {}): Promise<void> {
  world = await AppWorld.create(options);
  await world.connect("7", "ann");
}
afterEach(() => world.close());

const acme = (userId = "7") => ({ userId, installationId: world.acme.id });

describe("a token of an installation", () => {
  beforeEach(() => begin());

  it("is GitHub's, with its end, its permissions and what it reaches", async () => {
    const { token, expiresAt, permissions, repositorySelection } = await world.sdk.app.token(acme());
    expect(await world.holderOf(token)).toBe("acme");
    expect(permissions).toEqual({ contents: "write", administration: "write", members: "read", metadata: "read" });
    expect(repositorySelection).toBe("all");
    expect(expiresAt.getTime() - world.clock.now()).toBeGreaterThan(59 * MINUTE);
  });

  it("is narrowed to repositories and permissions, and never shared with a wider wish", async () => {
    await world.box.createRepository({ owner: "acme", name: "other", private: true, autoInit: true });
    const narrow = { repositories: ["INFRA", "infra"], permissions: { contents: "read", metadata: "read" } };
    const token = await world.sdk.app.token({ ...acme(), ...narrow });
    expect(token).toMatchObject({
      repositorySelection: "selected",
      permissions: { contents: "read", metadata: "read" },
    });
    const wider = [
      await world.sdk.app.token(acme()),
      await world.sdk.app.token({ ...acme(), repositories: ["infra"] }),
      await world.sdk.app.token({ ...acme(), repositories: ["infra", "other"], permissions: narrow.permissions }),
      await world.sdk.app.token({ ...acme(), permissions: narrow.permissions }),
      await world.sdk.app.token({ ...acme(), repositories: ["infra"], permissions: { contents: "write" } }),
      await world.sdk.app.token({ userId: "7", installationId: world.anns.id }),
    ];
    expect(new Set([token, ...wider].map((each) => each.token)).size).toBe(7);
    const again = { repositories: ["infra"], permissions: { metadata: "read", contents: "read" } };
    expect((await world.sdk.app.token({ ...acme(), ...again })).token).toBe(token.token);
  });

  it.each([
    [{ repositories: [] }, "validation_failed"],
    [{ permissions: {} }, "validation_failed"],
    [{ repositories: Array.from({ length: 501 }, (_, index) => `r${index}`) }, "validation_failed"],
    [{ repositories: ["nowhere"] }, "insufficient_permissions"],
    [{ permissions: { secrets: "write" } }, "insufficient_permissions"],
  ])("is refused rather than wider than it was asked for (%#)", async (wish, code) => {
    expect(await world.code(world.sdk.app.token({ ...acme(), ...wish }))).toBe(code);
  });

  it("is kept: the second caller costs no request", async () => {
    const first = await world.sdk.app.token(acme());
    world.box.resetCounters();
    expect((await world.sdk.app.token(acme())).token).toBe(first.token);
    expect(world.box.count()).toBe(0);
  });

  it("is minted once for twenty callers at the same moment", async () => {
    await world.sdk.app.token({ ...acme(), repositories: ["infra"] });
    world.box.resetCounters();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => world.sdk.app.token(acme())));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(world.count(MINT)).toBe(1);
  });

  it("is renewed five minutes before its end", async () => {
    const first = await world.sdk.app.token(acme());
    world.clock.putForward(54 * MINUTE);
    expect((await world.sdk.app.token(acme())).token).toBe(first.token);
    world.clock.putForward(MINUTE);
    const second = await world.sdk.app.token(acme());
    expect(second.token).not.toBe(first.token);
    expect(second.expiresAt.getTime() - world.clock.now()).toBeGreaterThan(59 * MINUTE);
  });

  it("is minted anew after a failure, which nobody else is given", async () => {
    world.box.control.fault({ path: MINT, when: "before", respond: { status: 500 }, times: 4 });
    expect(await world.code(world.sdk.app.token(acme()))).toBe("github_unavailable");
    expect(await world.holderOf((await world.sdk.app.token(acme())).token)).toBe("acme");
  });

  it("that is forgotten while it is minted is not kept", async () => {
    const stop = world.box.control.afterRequest(({ route }) => {
      if (route === MINT) world.sdk.app.forget(world.acme.id);
    });
    const first = await world.sdk.app.token(acme());
    stop();
    expect((await world.sdk.app.token(acme())).token).not.toBe(first.token);
  });
});

describe("an installation that is withdrawn at GitHub", () => {
  beforeEach(() => begin());
  const push = (content: string) =>
    world.sdk.app.push({ ...acme(), repository: "acme/infra", message: "Write", files: files({ "a.txt": content }) });

  it("uninstalled: the next token and the next write say so", async () => {
    await world.sdk.app.token(acme());
    await push("1");
    world.clock.putForward(1.5 * MINUTE);
    world.acme.remove();
    expect(await world.code(push("2"))).toBe("installation_not_found");
    // The token that was kept is forgotten with the installation.
    expect(await world.code(world.sdk.app.token(acme()))).toBe("installation_not_found");
  });

  it("uninstalled just after a token was minted: no reconnecting is asked for", async () => {
    await push("1");
    world.clock.putForward(10_000);
    world.acme.remove();
    expect(await world.code(push("2"))).toBe("installation_not_found");
  });

  it("suspended: GitHub's word is passed on", async () => {
    await world.sdk.app.token({ ...acme(), repositories: ["infra"] });
    world.acme.suspend();
    const error = await world.failure(world.sdk.app.token(acme()));
    expect(error).toMatchObject({ code: "insufficient_permissions", message: expect.stringContaining("suspended") });
    expect(await world.code(world.sdk.app.token({ ...acme(), repositories: ["infra"] }))).toBe(
      "insufficient_permissions",
    );
  });

  it.each(["removed", "suspended"])("%s, and the store was told: it is nobody's any more", async (how) => {
    await world.sdk.app.token(acme());
    const key = { apiUrl: world.server.apiUrl, installationId: world.acme.id };
    world.clock.putForward(1);
    const at = new Date(world.clock.now());
    const known = await world.installations.find(key);
    if (known === null) throw new Error("it is not known");
    if (how === "removed") await world.installations.remove(key, at);
    else await world.installations.save({ ...known, suspendedAt: at }, at);
    if (how === "removed") world.acme.remove();
    else world.acme.suspend();
    expect(await world.code(world.sdk.app.token(acme()))).toBe("installation_not_yours");
    expect(await world.code(push("2"))).toBe("installation_not_yours");
  });
});

describe("a fresh token that GitHub's servers do not know yet", () => {
  beforeEach(() => begin());
  const push = () =>
    world.sdk.app.push({ ...acme(), repository: "acme/infra", message: "Write", files: files({ "a.txt": "a" }) });

  it("is tried again until they do", async () => {
    world.box.control.tokenReplication({ milliseconds: 4_000 });
    expect(await push()).toMatchObject({ files: 1, conflicts: [] });
    expect(world.count(MINT)).toBe(1);
    expect((await world.infra.log()).length).toBe(2);
  });

  it("is given up after five seconds", async () => {
    await world.sdk.app.token({ ...acme(), permissions: { metadata: "read" } });
    world.box.resetCounters();
    world.box.control.tokenReplication({ milliseconds: 3_600_000 });
    const before = world.clock.now();
    expect(await world.code(push())).toBe("github_unavailable");
    const spent = world.clock.now() - before;
    expect(spent).toBeGreaterThanOrEqual(5_000);
    expect(spent).toBeLessThan(8_000);
    const refused = world.box.requests.filter(({ status }) => status === 401).length;
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(13);
  });
});

describe("a clock that differs from GitHub's", () => {
  it.each([20 * MINUTE, -20 * MINUTE, 48 * 60 * MINUTE])(
    "by %d milliseconds: GitHub's date mends it",
    async (ahead) => {
      await begin({ githubAhead: ahead });
      const [first, second] = await Promise.all([
        world.sdk.app.token(acme()),
        world.sdk.app.token({ ...acme(), repositories: ["infra"] }),
      ]);
      expect([await world.holderOf(first.token), await world.holderOf(second.token)]).toEqual(["acme", "acme"]);
      world.box.resetCounters();
      expect((await world.sdk.app.token(acme())).token).toBe(first.token);
      await world.sdk.app.token({ userId: "7", installationId: world.anns.id });
      // What was learnt is kept: no more refusals.
      expect(world.box.requests.map(({ status }) => status)).not.toContain(401);
    },
  );

  it("that goes too slow to be noticed: a token that has ended is replaced", async () => {
    await begin();
    const request = { ...acme(), repository: "acme/infra", message: "Write" };
    await world.sdk.app.push({ ...request, files: files({ "a.txt": "1" }) });
    const narrowing = { repositories: ["infra"], permissions: { contents: "write", metadata: "read" } };
    const { token } = await world.sdk.app.token({ ...acme(), ...narrowing });
    expect(world.count(MINT)).toBe(1);
    world.clock.putForward(30 * MINUTE);
    world.box.revokeToken(token);
    expect(await world.sdk.app.push({ ...request, files: files({ "a.txt": "2" }) })).toMatchObject({ files: 1 });
    expect(world.count(MINT)).toBe(2);
    expect(await world.branch()).toMatchObject({ "a.txt": "2" });
  });
});

describe("what GitHub does not take the App for", () => {
  const unknown = { message: "Integration not found" };

  it.each([
    ["no App of that id", { status: 404, body: unknown }],
    ["another App's key", { status: 401, body: { message: "A JSON web token could not be decoded" } }],
  ])("%s is the host's to mend, and nobody's account to connect", async (_name, respond) => {
    await begin();
    world.box.control.fault({ path: MINT, when: "before", respond, times: 9 });
    const error = await world.failure(world.sdk.app.token(acme()));
    expect(error).toMatchObject({ code: "app_misconfigured", status: 500 });
  });
});

describe("two Apps on two GitHubs in one process", () => {
  it("never hand each other a token, though the installations have one id", async () => {
    await begin();
    const first = world;
    const second = await AppWorld.create();
    try {
      await second.connect("7", "ann");
      expect([second.acme.id, second.gitHubApp.id]).toEqual([first.acme.id, first.gitHubApp.id]);
      await second.box.createRepository({ owner: "acme", name: "only-here" });
      for (let round = 0; round < 3; round++) {
        for (const { sdk, acme } of [first, second]) sdk.app.forget(acme.id);
        const tokens = await Promise.all(
          [first, second, first, second].map(({ sdk }) => sdk.app.token(acme()).then(({ token }) => token)),
        );
        expect(new Set(tokens).size).toBe(2);
        const [mine = "", theirs = ""] = tokens;
        expect(await Promise.all([first.holderOf(mine), second.holderOf(theirs)])).toEqual(["acme", "acme"]);
        expect(await Promise.all([first.holderOf(theirs), second.holderOf(mine)])).toEqual([401, 401]);
      }
    } finally {
      await second.close();
    }
  });
});
