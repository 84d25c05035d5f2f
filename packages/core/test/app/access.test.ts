import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppWorld, files, MINT, MINUTE } from "./app-fixture.js";

let world: AppWorld;
beforeEach(async () => {
  world = await AppWorld.create();
});
afterEach(() => world.close());

const write = (userId: string, installationId = world.acme.id, repository = "acme/infra") => ({
  ...{ userId, installationId, repository, message: "Write" },
  files: files({ "a.txt": "theirs" }),
});

/** Binds as the callback does, with whatever the user is connected by. */
async function bind(userId: string, installationId: number): Promise<void> {
  const account = await world.sdk.connections.account(userId);
  const asApp = await world.sdk.connections.credential(userId, "app").catch(() => null);
  const credential = asApp ?? { key: "nobody", kind: "user", token: async () => "nothing" };
  const proven = { client: asApp === null ? "oauth" : "app", githubUserId: account?.githubUserId ?? 0 } as const;
  await world.sdk.app.bind({ userId, installationId, credential, ...proven });
}

/** Every way to use an installation. */
const WAYS: readonly [string, (userId: string, installationId: number) => Promise<unknown>][] = [
  ["token", (userId, installationId) => world.sdk.app.token({ userId, installationId })],
  [
    "createRepository",
    (userId, installationId) => world.sdk.app.createRepository({ userId, installationId, name: "x" }),
  ],
  ["push", (userId, installationId) => world.sdk.app.push(write(userId, installationId))],
  ["sync", (userId, installationId) => world.sdk.app.sync(write(userId, installationId))],
  ["bind", bind],
];

/** Nothing was minted, written or kept for a user who was refused. */
async function expectNothingDone(userId: string): Promise<void> {
  expect(world.count(MINT)).toBe(0);
  expect(world.box.contentCreatingRequests).toBe(0);
  expect(await world.installations.bindings(world.server.apiUrl, userId)).toEqual([]);
  expect(world.box.repository("acme", "x")).toBeUndefined();
  expect((await world.infra.log()).length).toBe(1);
}

describe.each(WAYS)("somebody else's installation is refused for %s", (_name, use) => {
  const refuses = async (userId: string, installationId = world.acme.id): Promise<void> => {
    world.box.resetCounters();
    const error = await world.failure(use(userId, installationId));
    expect(error).toMatchObject({ code: "installation_not_yours", status: 403 });
    expect(error.message).toContain(`${world.server.serverUrl}/apps/sync-it/installations/new`);
    await expectNothingDone(userId);
  };

  it("to a user who is connected to nothing", () => refuses("9"));

  it("to a stranger, whether there is such an installation or not", async () => {
    await world.connect("8", "eve");
    await refuses("8");
    await refuses("8", 999_999);
  });

  it("to a plain member of the organization, who sees it", async () => {
    await world.connect("8", "max");
    expect((await world.sdk.app.installations({ userId: "8" })).map(({ account }) => account.login)).toEqual(["acme"]);
    await refuses("8");
  });

  it("to a collaborator with all rights on a repository", async () => {
    world.infra.setPermission("eve", "admin");
    world.box.repository("ann", "notes")?.setPermission("eve", "admin");
    await world.connect("8", "eve");
    expect(await world.sdk.app.installations({ userId: "8" })).toHaveLength(2);
    await refuses("8");
    await refuses("8", world.anns.id);
  });

  it("to its owner who is connected through the OAuth App alone", async () => {
    await world.connect("8", "ann", "oauth");
    await refuses("8");
    await refuses("8", world.anns.id);
  });
});

describe("a proof", () => {
  it("counts for whom it was made, for many uses", async () => {
    await world.connect("7", "ann");
    await world.sdk.app.token({ userId: "7", installationId: world.acme.id });
    expect(await world.installations.bindings(world.server.apiUrl, "7")).toMatchObject([
      { installationId: world.acme.id, userId: "7", proof: "user_token" },
    ]);
    world.box.resetCounters();
    await world.sdk.app.token({ userId: "7", installationId: world.acme.id, repositories: ["infra"] });
    expect(world.box.requests.map(({ route }) => route)).toEqual([MINT]);
  });

  it("made as one GitHub account is worth nothing to the same user as another one", async () => {
    await world.connect("7", "ann");
    await world.sdk.app.push(write("7"));
    await world.sdk.app.token({ userId: "7", installationId: world.anns.id });
    await world.connect("7", "eve");
    for (const [name, use] of WAYS) {
      for (const { id } of [world.acme, world.anns]) {
        expect(await world.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
  });

  it("ends with the connection", async () => {
    await world.connect("7", "ann");
    await world.sdk.app.token({ userId: "7", installationId: world.acme.id });
    await world.sdk.connections.disconnect("7");
    for (const [name, use] of WAYS) {
      expect(await world.code(use("7", world.acme.id)), name).toBe("installation_not_yours");
    }
  });

  it("counts no more when the user took the authorization back at GitHub, and again after another login", async () => {
    const { githubUserId } = await connected("7", "ann");
    for (const { id } of [world.acme, world.anns]) await world.sdk.app.token({ userId: "7", installationId: id });
    world.box.revokeGrant(world.gitHubApp, "ann");
    expect(await world.sdk.connections.revokedByGitHub({ githubUserId })).toMatchObject({ revoked: true });
    for (const [name, use] of WAYS) {
      for (const { id } of [world.acme, world.anns]) {
        expect(await world.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
    await world.connect("7", "ann");
    expect(await world.sdk.app.token({ userId: "7", installationId: world.anns.id })).toHaveProperty("token");
  });

  it("of an organization's owner is made anew after some minutes, and fails when somebody else owns it by then", async () => {
    await world.connect("7", "ann");
    const token = () => world.sdk.app.token({ userId: "7", installationId: world.acme.id });
    await token();
    world.acme.account.members.set("ann", "member");
    world.clock.putForward(16 * MINUTE);
    expect(await world.code(token())).toBe("installation_not_yours");
    world.acme.account.members.set("ann", "admin");
    expect(await token()).toMatchObject({ repositorySelection: "all" });
  });

  it("of a personal account lasts as long as the connection", async () => {
    await world.connect("7", "ann");
    const token = () => world.sdk.app.token({ userId: "7", installationId: world.anns.id });
    await token();
    world.clock.putForward(16 * MINUTE);
    world.box.resetCounters();
    await token();
    expect(world.count()).toBe(0);
  });

  it("that cannot be made since the App may not read members says so", async () => {
    const other = await AppWorld.create({ permissions: { contents: "write" } });
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
    await world.connect("7", "ann");
    world.acme.suspend();
    const error = await world.failure(world.sdk.app.token({ userId: "7", installationId: world.acme.id }));
    expect(error).toMatchObject({ code: "installation_not_yours", message: expect.stringContaining("suspended") });
  });

  it("is not made while GitHub does not answer, and that is no refusal", async () => {
    await world.connect("7", "ann");
    const respond = { status: 502 } as const;
    world.box.control.fault({ path: "/user/installations", when: "before", respond, times: 4 });
    const token = () => world.sdk.app.token({ userId: "7", installationId: world.acme.id });
    expect(await world.code(token())).toBe("github_unavailable");
    expect(await token()).toHaveProperty("token");
  });
});

describe("an installation that a callback names", () => {
  const bindings = async (userId: string) =>
    (await world.installations.bindings(world.server.apiUrl, userId)).map(({ installationId }) => installationId);

  it("is bound when it is the user's", async () => {
    const { installationUrl, state } = await world.sdk.app.installUrl({ userId: "8", state: "mine" });
    const back = await world.box.installFrom(installationUrl, { login: "bea" });
    expect(back.state).toBe(state);
    const { installationId = 0, code } = back;
    const profile = await world.sdk.connections.complete({ userId: "8", state: "mine", code, installationId });
    expect(profile.login).toBe("bea");
    expect(await bindings("8")).toEqual([installationId]);
    expect((await world.sdk.app.token({ userId: "8", installationId })).repositorySelection).toBe("all");
  });

  it.each(["eve", "max"])(
    "and is somebody else's is refused to %s; the account is connected all the same",
    async (login) => {
      expect(await world.code(world.connect("8", login, "app", world.acme.id))).toBe("installation_not_yours");
      expect(await world.sdk.connections.account("8")).toMatchObject({ login });
      expect(await bindings("8")).toEqual([]);
    },
  );

  it("is not proved by a state of the OAuth App", async () => {
    expect(await world.code(world.connect("8", "ann", "oauth", world.acme.id))).toBe("installation_not_yours");
    expect(await bindings("8")).toEqual([]);
  });

  it("is not looked at without a state of the same user", async () => {
    const { installationUrl } = await world.sdk.app.installUrl({ userId: "7", state: "anns" });
    const { code, installationId = 0 } = await world.box.installFrom(installationUrl, { login: "bea" });
    for (const state of ["", "guessed", "anns"]) {
      const completed = world.sdk.connections.complete({ userId: "8", state, code, installationId });
      expect(await world.code(completed)).toBe("invalid_state");
    }
    expect(await bindings("8")).toEqual([]);
  });
});

describe("what the user himself may do with a repository", () => {
  beforeEach(() => world.connect("7", "ann"));
  const trusting = () => world.startSdk({ app: { ...appOptions(), authorizeInstallation: async () => true } });

  it.each(["push", "sync"] as const)("reading is not enough for %s, whatever the installation may do", async (way) => {
    const sdk = trusting();
    world.infra.setPermission("eve", "read");
    await connect(sdk, "8", "eve");
    expect(await world.code(sdk.app[way](write("8")))).toBe("insufficient_permissions");
    expect((await world.infra.log()).length).toBe(1);
    expect(world.count(MINT)).toBe(0);

    // A refusal is not remembered.
    world.infra.setPermission("eve", "write");
    expect(await sdk.app[way](write("8"))).toMatchObject({ files: 1 });
  });

  it("a repository that the user does not see is not there", async () => {
    const sdk = trusting();
    await connect(sdk, "8", "eve");
    expect(await world.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("is asked as the account that is connected now", async () => {
    const sdk = trusting();
    await connect(sdk, "8", "bea");
    world.infra.setPermission("bea", "write");
    await sdk.app.push(write("8"));
    await connect(sdk, "8", "eve");
    expect(await world.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("of another owner by the same name is not written to", async () => {
    const own = await world.box.createRepository({ owner: "ann", name: "infra", private: true, autoInit: true });
    expect(await world.code(world.sdk.app.push(write("7", world.acme.id, "ann/infra")))).toBe("repository_not_found");
    expect([(await own.log()).length, (await world.infra.log()).length]).toEqual([1, 1]);
  });

  it("is written by its present name after it was renamed", async () => {
    world.box.renameRepository(world.infra, "platform");
    expect(await world.sdk.app.push(write("7"))).toMatchObject({ files: 1, repository: "acme/platform" });
  });
});

describe("a host's own policy", () => {
  it("decides in place of the proof, and is asked every time", async () => {
    const asked: unknown[] = [];
    const authorizeInstallation = async (claim: { userId: string; installationId: number }): Promise<boolean> => {
      asked.push(claim);
      return claim.userId === "8";
    };
    const sdk = world.startSdk({ app: { ...appOptions(), authorizeInstallation } });
    const { id: installationId } = world.acme;
    expect(await sdk.app.token({ userId: "8", installationId })).toHaveProperty("token");
    await connect(sdk, "9", "ann");
    expect(await world.code(sdk.app.token({ userId: "9", installationId }))).toBe("installation_not_yours");
    expect(asked).toEqual([
      { userId: "8", installationId },
      { userId: "9", installationId },
    ]);
  });

  it("that fails lets nobody in", async () => {
    const authorizeInstallation = () => Promise.reject(new Error("the host's database is down"));
    const sdk = world.startSdk({ app: { ...appOptions(), authorizeInstallation } });
    await expect(sdk.app.token({ userId: "8", installationId: world.acme.id })).rejects.toThrow("database");
    expect(world.count(MINT)).toBe(0);
  });
});

async function connected(userId: string, login: string) {
  const { id: githubUserId } = await world.connect(userId, login);
  return { githubUserId };
}

function appOptions() {
  const { id: appId, slug, clientId, clientSecret, privateKey } = world.gitHubApp;
  return { appId, slug, clientId, clientSecret, privateKey };
}

async function connect({ connections }: AppWorld["sdk"], userId: string, login: string): Promise<void> {
  const { url } = await connections.authorize({ userId, client: "app" });
  const { code, state = "" } = await world.box.authorize(url, { login });
  await connections.complete({ userId, code, state });
}
