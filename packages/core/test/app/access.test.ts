import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appEngine, connectionEngine } from "../sdk/engines.js";
import { AppFixture, MINT, MINUTE } from "./app-fixture.js";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
});
afterEach(() => fixture.close());

const write = (userId: string, installationId = fixture.acme.id, repository = "acme/infra") => ({
  ...{ userId, installationId, repository, message: "Write" },
  files: { "a.txt": "theirs" },
});

/** Binds as the callback does, with whatever the user is connected by. */
async function bind(userId: string, installationId: number): Promise<void> {
  const account = await fixture.sdk.connections.account(userId);
  const asApp = await fixture.sdk.connections.credential(userId, "app").catch(() => null);
  const credential = asApp ?? { key: "nobody", kind: "user", token: async () => "nothing" };
  const proven = { client: asApp === null ? "oauth" : "app", githubUserId: account?.githubUserId ?? 0 } as const;
  await appEngine(fixture.sdk).bind({ userId, installationId, credential, ...proven });
}

/** Every way to use an installation. */
const WAYS: readonly [string, (userId: string, installationId: number) => Promise<unknown>][] = [
  ["token", (userId, installationId) => fixture.sdk.app.token({ userId, installationId })],
  [
    "createRepository",
    (userId, installationId) => fixture.sdk.app.createRepository({ userId, installationId, name: "x" }),
  ],
  ["push", (userId, installationId) => fixture.sdk.app.push(write(userId, installationId))],
  ["sync", (userId, installationId) => fixture.sdk.app.sync(write(userId, installationId))],
  ["bind", bind],
];

/** Nothing was minted, written or kept for a user who was refused. */
async function expectNothingDone(userId: string): Promise<void> {
  expect(fixture.count(MINT)).toBe(0);
  expect(fixture.box.contentCreatingRequests).toBe(0);
  expect(await fixture.installations.bindings(fixture.server.apiUrl, userId)).toEqual([]);
  expect(fixture.box.repository("acme", "x")).toBeUndefined();
  expect((await fixture.infra.log()).length).toBe(1);
}

describe.each(WAYS)("somebody else's installation is refused for %s", (_name, use) => {
  const refuses = async (userId: string, installationId = fixture.acme.id): Promise<void> => {
    fixture.box.resetCounters();
    const error = await fixture.failure(use(userId, installationId));
    expect(error).toMatchObject({ code: "installation_not_yours", status: 403 });
    expect(error.message).toContain(`${fixture.server.serverUrl}/apps/sync-it/installations/new`);
    await expectNothingDone(userId);
  };

  it("to a user who is connected to nothing", () => refuses("9"));

  it("to a stranger, whether there is such an installation or not", async () => {
    await fixture.connect("8", "eve");
    await refuses("8");
    await refuses("8", 999_999);
  });

  it("to a plain member of the organization, who sees it", async () => {
    await fixture.connect("8", "max");
    expect((await fixture.sdk.app.installations({ userId: "8" })).map(({ account }) => account.login)).toEqual([
      "acme",
    ]);
    await refuses("8");
  });

  it("to a collaborator with all rights on a repository", async () => {
    fixture.infra.setPermission("eve", "admin");
    fixture.box.repository("ann", "notes")?.setPermission("eve", "admin");
    await fixture.connect("8", "eve");
    expect(await fixture.sdk.app.installations({ userId: "8" })).toHaveLength(2);
    await refuses("8");
    await refuses("8", fixture.anns.id);
  });

  it("to its owner who is connected through the OAuth App alone", async () => {
    await fixture.connect("8", "ann", "oauth");
    await refuses("8");
    await refuses("8", fixture.anns.id);
  });
});

describe("a proof", () => {
  it("counts for whom it was made, for many uses", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    expect(await fixture.installations.bindings(fixture.server.apiUrl, "7")).toMatchObject([
      { installationId: fixture.acme.id, userId: "7", proof: "user_token" },
    ]);
    fixture.box.resetCounters();
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id, repositories: ["infra"] });
    expect(fixture.box.requests.map(({ route }) => route)).toEqual([MINT]);
  });

  it("made as one GitHub account is worth nothing to the same user as another one", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.push(write("7"));
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id });
    await fixture.connect("7", "eve");
    for (const [name, use] of WAYS) {
      for (const { id } of [fixture.acme, fixture.anns]) {
        expect(await fixture.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
  });

  it("ends with the connection", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    await fixture.sdk.connections.disconnect("7");
    for (const [name, use] of WAYS) {
      expect(await fixture.code(use("7", fixture.acme.id)), name).toBe("installation_not_yours");
    }
  });

  it("counts no more when the user took the authorization back at GitHub, and again after another login", async () => {
    const { githubUserId } = await connected("7", "ann");
    for (const { id } of [fixture.acme, fixture.anns]) await fixture.sdk.app.token({ userId: "7", installationId: id });
    fixture.box.revokeGrant(fixture.gitHubApp, "ann");
    expect(await connectionEngine(fixture.sdk).revokedByGitHub({ githubUserId })).toMatchObject({ revoked: true });
    for (const [name, use] of WAYS) {
      for (const { id } of [fixture.acme, fixture.anns]) {
        expect(await fixture.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
    await fixture.connect("7", "ann");
    expect(await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id })).toHaveProperty("token");
  });

  it("of an organization's owner is made anew after some minutes, and fails when somebody else owns it by then", async () => {
    await fixture.connect("7", "ann");
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    await token();
    fixture.acme.account.members.set("ann", "member");
    fixture.clock.putForward(16 * MINUTE);
    expect(await fixture.code(token())).toBe("installation_not_yours");
    fixture.acme.account.members.set("ann", "admin");
    expect(await token()).toMatchObject({ repositorySelection: "all" });
  });

  it("of a personal account lasts as long as the connection", async () => {
    await fixture.connect("7", "ann");
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id });
    await token();
    fixture.clock.putForward(16 * MINUTE);
    fixture.box.resetCounters();
    await token();
    expect(fixture.count()).toBe(0);
  });

  it("that cannot be made since the App may not read members says so", async () => {
    const other = await AppFixture.create({ permissions: { contents: "write" } });
    try {
      await other.connect("7", "ann");
      const error = await other.failure(other.sdk.app.token({ userId: "7", installationId: other.acme.id }));
      expect(error).toMatchObject({ code: "installation_not_yours", message: expect.stringContaining("read members") });
      expect(await other.sdk.app.token({ userId: "7", installationId: other.anns.id })).toHaveProperty("token");
    } finally {
      await other.close();
    }
  });

  it("of a suspended installation is none", async () => {
    await fixture.connect("7", "ann");
    fixture.acme.suspend();
    const error = await fixture.failure(fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id }));
    expect(error).toMatchObject({ code: "installation_not_yours", message: expect.stringContaining("suspended") });
  });

  it("is not made while GitHub does not answer, and that is no refusal", async () => {
    await fixture.connect("7", "ann");
    const respond = { status: 502 } as const;
    fixture.box.control.fault({ path: "/user/installations", when: "before", respond, times: 4 });
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    expect(await fixture.code(token())).toBe("github_unavailable");
    expect(await token()).toHaveProperty("token");
  });
});

describe("an installation that a callback names", () => {
  const bindings = async (userId: string) =>
    (await fixture.installations.bindings(fixture.server.apiUrl, userId)).map(({ installationId }) => installationId);

  it("is bound when it is the user's", async () => {
    const { installationUrl, state } = await fixture.sdk.app.installUrl({ userId: "8", state: "mine" });
    const back = await fixture.box.installFrom(installationUrl, { login: "bea" });
    expect(back.state).toBe(state);
    const { installationId = 0, code } = back;
    const profile = await fixture.sdk.connections.complete({ userId: "8", state: "mine", code, installationId });
    expect(profile.login).toBe("bea");
    expect(await bindings("8")).toEqual([installationId]);
    expect((await fixture.sdk.app.token({ userId: "8", installationId })).repositorySelection).toBe("all");
  });

  it.each(["eve", "max"])(
    "and is somebody else's is refused to %s; the account is connected all the same",
    async (login) => {
      expect(await fixture.code(fixture.connect("8", login, "app", fixture.acme.id))).toBe("installation_not_yours");
      expect(await fixture.sdk.connections.account("8")).toMatchObject({ login });
      expect(await bindings("8")).toEqual([]);
    },
  );

  it("is not proved by a state of the OAuth App", async () => {
    expect(await fixture.code(fixture.connect("8", "ann", "oauth", fixture.acme.id))).toBe("installation_not_yours");
    expect(await bindings("8")).toEqual([]);
  });

  it("is not looked at without a state of the same user", async () => {
    const { installationUrl } = await fixture.sdk.app.installUrl({ userId: "7", state: "anns" });
    const { code, installationId = 0 } = await fixture.box.installFrom(installationUrl, { login: "bea" });
    for (const state of ["", "guessed", "anns"]) {
      const completed = fixture.sdk.connections.complete({ userId: "8", state, code, installationId });
      expect(await fixture.code(completed)).toBe("invalid_state");
    }
    expect(await bindings("8")).toEqual([]);
  });
});

describe("what the user himself may do with a repository", () => {
  beforeEach(() => fixture.connect("7", "ann"));
  const trusting = () => fixture.startSdk({ app: { ...appOptions(), authorizeInstallation: async () => true } });

  it.each(["push", "sync"] as const)("reading is not enough for %s, whatever the installation may do", async (way) => {
    const sdk = trusting();
    fixture.infra.setPermission("eve", "read");
    await connect(sdk, "8", "eve");
    expect(await fixture.code(sdk.app[way](write("8")))).toBe("insufficient_permissions");
    expect((await fixture.infra.log()).length).toBe(1);
    expect(fixture.count(MINT)).toBe(0);

    // A refusal is not remembered.
    fixture.infra.setPermission("eve", "write");
    expect(await sdk.app[way](write("8"))).toMatchObject({ files: 1 });
  });

  it("a repository that the user does not see is not there", async () => {
    const sdk = trusting();
    await connect(sdk, "8", "eve");
    expect(await fixture.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("is asked as the account that is connected now", async () => {
    const sdk = trusting();
    await connect(sdk, "8", "bea");
    fixture.infra.setPermission("bea", "write");
    await sdk.app.push(write("8"));
    await connect(sdk, "8", "eve");
    expect(await fixture.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("of another owner by the same name is not written to", async () => {
    const own = await fixture.box.createRepository({ owner: "ann", name: "infra", private: true, autoInit: true });
    expect(await fixture.code(fixture.sdk.app.push(write("7", fixture.acme.id, "ann/infra")))).toBe(
      "repository_not_found",
    );
    expect([(await own.log()).length, (await fixture.infra.log()).length]).toEqual([1, 1]);
  });

  it("is written by its present name after it was renamed", async () => {
    fixture.box.renameRepository(fixture.infra, "platform");
    expect(await fixture.sdk.app.push(write("7"))).toMatchObject({ files: 1, repository: "acme/platform" });
  });
});

describe("a host's own policy", () => {
  it("decides in place of the proof, and is asked every time", async () => {
    const asked: unknown[] = [];
    const authorizeInstallation = async (claim: { userId: string; installationId: number }): Promise<boolean> => {
      asked.push(claim);
      return claim.userId === "8";
    };
    const sdk = fixture.startSdk({ app: { ...appOptions(), authorizeInstallation } });
    const { id: installationId } = fixture.acme;
    expect(await sdk.app.token({ userId: "8", installationId })).toHaveProperty("token");
    await connect(sdk, "9", "ann");
    expect(await fixture.code(sdk.app.token({ userId: "9", installationId }))).toBe("installation_not_yours");
    expect(asked).toEqual([
      { userId: "8", installationId },
      { userId: "9", installationId },
    ]);
  });

  it("that fails lets nobody in", async () => {
    const authorizeInstallation = () => Promise.reject(new Error("the host's database is down"));
    const sdk = fixture.startSdk({ app: { ...appOptions(), authorizeInstallation } });
    await expect(sdk.app.token({ userId: "8", installationId: fixture.acme.id })).rejects.toThrow("database");
    expect(fixture.count(MINT)).toBe(0);
  });
});

async function connected(userId: string, login: string) {
  const { id: githubUserId } = await fixture.connect(userId, login);
  return { githubUserId };
}

function appOptions() {
  const { id: appId, slug, clientId, clientSecret, privateKey } = fixture.gitHubApp;
  return { appId, slug, clientId, clientSecret, privateKey };
}

async function connect({ connections }: AppFixture["sdk"], userId: string, login: string): Promise<void> {
  const { url } = await connections.authorize({ userId, client: "app" });
  const { code, state = "" } = await fixture.box.authorize(url, { login });
  await connections.complete({ userId, code, state });
}
