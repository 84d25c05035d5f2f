import { randomUUID } from "node:crypto";
import { MemoryPubSub } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appEngine, connectionEngine } from "../sdk/engines.js";
import { signedHeaders } from "../webhooks/webhook-fixture.js";
import { AppFixture, MINT, MINUTE } from "./app-fixture.js";

const SECRET = "a webhook secret";
const STATE = "state-of-one-user";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
});
afterEach(() => fixture.close());

const write = (userId: string, installationId = fixture.acme.id, repository = "acme/infra") => ({
  ...{ userId, installationId, repository, message: "Write" },
  files: { "a.txt": "changed" },
});

/** Binds an installation as the callback does, with any token of the user. */
async function bind(userId: string, installationId: number): Promise<void> {
  const account = await fixture.sdk.connections.account(userId);
  const asApp = await fixture.sdk.connections.credential(userId, "app").catch(() => null);
  const credential = asApp ?? { key: "none", kind: "user", token: async () => "none" };
  const proven = { client: asApp === null ? "oauth" : "app", githubUserId: account?.githubUserId ?? 0 } as const;
  await appEngine(fixture.sdk).bind({ userId, installationId, credential, ...proven });
}

/** Every operation that uses an installation. */
const OPERATIONS: readonly [string, (userId: string, installationId: number) => Promise<unknown>][] = [
  ["token", (userId, installationId) => fixture.sdk.app.token({ userId, installationId })],
  [
    "createRepository",
    (userId, installationId) => fixture.sdk.app.createRepository({ userId, installationId, name: "x" }),
  ],
  ["push", (userId, installationId) => fixture.sdk.app.push(write(userId, installationId))],
  ["sync", (userId, installationId) => fixture.sdk.app.sync(write(userId, installationId))],
  ["bind", bind],
];

/** Checks that no token was created and nothing was written or stored for a rejected user. */
async function expectNothingDone(userId: string): Promise<void> {
  expect(fixture.count(MINT)).toBe(0);
  expect(fixture.box.contentCreatingRequests).toBe(0);
  expect(await fixture.installations.bindings(fixture.server.apiUrl, userId)).toEqual([]);
  expect(fixture.box.repository("acme", "x")).toBeUndefined();
  expect((await fixture.infra.log()).length).toBe(1);
}

describe.each(OPERATIONS)("%s with another user's installation", (_name, use) => {
  const rejects = async (userId: string, installationId = fixture.acme.id): Promise<void> => {
    fixture.box.resetCounters();
    const error = await fixture.failure(use(userId, installationId));
    expect(error).toMatchObject({ code: "installation_not_yours", status: 403 });
    expect(error.message).toContain(`${fixture.server.serverUrl}/apps/sync-it/installations/new`);
    await expectNothingDone(userId);
  };

  it("rejects a user without a connection", () => rejects("9"));

  it("rejects a user without access to the account, whether or not the installation exists", async () => {
    await fixture.connect("8", "eve");
    await rejects("8");
    await rejects("8", 999_999);
  });

  it("rejects a member of the organization who is not an owner", async () => {
    await fixture.connect("8", "max");
    expect((await fixture.sdk.app.installations({ userId: "8" })).map(({ account }) => account.login)).toEqual([
      "acme",
    ]);
    await rejects("8");
  });

  it("rejects a collaborator with admin rights to a repository", async () => {
    fixture.infra.setPermission("eve", "admin");
    fixture.box.repository("ann", "notes")?.setPermission("eve", "admin");
    await fixture.connect("8", "eve");
    expect(await fixture.sdk.app.installations({ userId: "8" })).toHaveLength(2);
    await rejects("8");
    await rejects("8", fixture.anns.id);
  });

  it("rejects an owner who is connected only through the OAuth App", async () => {
    await fixture.connect("8", "ann", "oauth");
    await rejects("8");
    await rejects("8", fixture.anns.id);
  });
});

describe("proof of ownership", () => {
  it("is stored and reused for the user who made it", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    expect(await fixture.installations.bindings(fixture.server.apiUrl, "7")).toMatchObject([
      { installationId: fixture.acme.id, userId: "7", proof: "user_token" },
    ]);
    fixture.box.resetCounters();
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id, repositories: ["infra"] });
    expect(fixture.box.requests.map(({ route }) => route)).toEqual([MINT]);
  });

  it("is not valid after the user connects a different GitHub account", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.push(write("7"));
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id });
    await fixture.connect("7", "eve");
    for (const [name, use] of OPERATIONS) {
      for (const { id } of [fixture.acme, fixture.anns]) {
        expect(await fixture.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
  });

  it("ends when the user disconnects", async () => {
    await fixture.connect("7", "ann");
    await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    await fixture.sdk.connections.disconnect("7");
    for (const [name, use] of OPERATIONS) {
      expect(await fixture.code(use("7", fixture.acme.id)), name).toBe("installation_not_yours");
    }
  });

  it("ends when the user revokes the authorization at GitHub, and is renewed after another sign-in", async () => {
    const { githubUserId } = await connected("7", "ann");
    for (const { id } of [fixture.acme, fixture.anns]) await fixture.sdk.app.token({ userId: "7", installationId: id });
    fixture.box.revokeGrant(fixture.gitHubApp, "ann");
    expect(await connectionEngine(fixture.sdk).revokedByGitHub({ githubUserId })).toMatchObject({ revoked: true });
    for (const [name, use] of OPERATIONS) {
      for (const { id } of [fixture.acme, fixture.anns]) {
        expect(await fixture.code(use("7", id)), name).toBe("installation_not_yours");
      }
    }
    await fixture.connect("7", "ann");
    expect(await fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id })).toHaveProperty("token");
  });

  it("is repeated for an organization's owner after 15 minutes, and fails when the user is no longer an owner", async () => {
    await fixture.connect("7", "ann");
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    await token();
    fixture.acme.account.members.set("ann", "member");
    fixture.clock.putForward(16 * MINUTE);
    expect(await fixture.code(token())).toBe("installation_not_yours");
    fixture.acme.account.members.set("ann", "admin");
    expect(await token()).toMatchObject({ repositorySelection: "all" });
  });

  it("lasts as long as the connection for a personal account", async () => {
    await fixture.connect("7", "ann");
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.anns.id });
    await token();
    fixture.clock.putForward(16 * MINUTE);
    fixture.box.resetCounters();
    await token();
    expect(fixture.count()).toBe(0);
  });

  it("fails with a message that names the permission to read members when the App does not have it", async () => {
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

  it("fails when the organization's login belongs to a different organization", async () => {
    await fixture.connect("7", "ann");
    const headers = { authorization: `Bearer ${await fixture.tokenOf("7")}` };
    const membership = await fetch(`${fixture.server.apiUrl}/user/memberships/orgs/acme`, { headers });
    const { organization, ...rest } = (await membership.json()) as { organization: { id: number } };
    const body = { ...rest, organization: { ...organization, id: organization.id + 1 } };
    const path = "/user/memberships/orgs/{org}";
    fixture.box.control.fault({ path, when: "before", respond: { status: 200, body } });
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    expect(await fixture.code(token())).toBe("installation_not_yours");
    expect(await token()).toHaveProperty("token");
  });

  it("fails for a suspended installation", async () => {
    await fixture.connect("7", "ann");
    fixture.acme.suspend();
    const error = await fixture.failure(fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id }));
    expect(error).toMatchObject({ code: "installation_not_yours", message: expect.stringContaining("suspended") });
  });

  it("fails with github_unavailable while GitHub does not respond", async () => {
    await fixture.connect("7", "ann");
    const respond = { status: 502 } as const;
    fixture.box.control.fault({ path: "/user/installations", when: "before", respond, times: 4 });
    const token = () => fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
    expect(await fixture.code(token())).toBe("github_unavailable");
    expect(await token()).toHaveProperty("token");
  });
});

describe("installation ID in a callback", () => {
  const bindings = async (userId: string) =>
    (await fixture.installations.bindings(fixture.server.apiUrl, userId)).map(({ installationId }) => installationId);

  it("binds an installation that the user owns", async () => {
    const { installationUrl, state } = await fixture.sdk.app.installUrl({ userId: "8", state: STATE });
    const back = await fixture.box.installFrom(installationUrl, { login: "bea" });
    expect(back.state).toBe(state);
    const { installationId = 0, code } = back;
    const profile = await fixture.sdk.connections.complete({ userId: "8", state: STATE, code, installationId });
    expect(profile.login).toBe("bea");
    expect(await bindings("8")).toEqual([installationId]);
    expect((await fixture.sdk.app.token({ userId: "8", installationId })).repositorySelection).toBe("all");
  });

  it.each(["eve", "max"])(
    "rejects another user's installation for %s, and connects the account nevertheless",
    async (login) => {
      expect(await fixture.code(fixture.connect("8", login, "app", fixture.acme.id))).toBe("installation_not_yours");
      expect(await fixture.sdk.connections.account("8")).toMatchObject({ login });
      expect(await bindings("8")).toEqual([]);
    },
  );

  it("does not prove ownership with a state of the OAuth App", async () => {
    expect(await fixture.code(fixture.connect("8", "ann", "oauth", fixture.acme.id))).toBe("installation_not_yours");
    expect(await bindings("8")).toEqual([]);
  });

  it("is ignored without a state of the same user", async () => {
    const { installationUrl } = await fixture.sdk.app.installUrl({ userId: "7", state: STATE });
    const { code, installationId = 0 } = await fixture.box.installFrom(installationUrl, { login: "bea" });
    for (const state of ["", "a guess of the state", STATE]) {
      const completed = fixture.sdk.connections.complete({ userId: "8", state, code, installationId });
      expect(await fixture.code(completed)).toBe("invalid_state");
    }
    expect(await bindings("8")).toEqual([]);
  });
});

describe("user's own right to the repository", () => {
  beforeEach(() => fixture.connect("7", "ann"));
  const withPolicy = () => fixture.startSdk({ app: { ...appOptions(), authorizeInstallation: async () => true } });

  it.each(["push", "sync"] as const)(
    "is required: %s is rejected with read access, regardless of the installation's permissions",
    async (way) => {
      const sdk = withPolicy();
      fixture.infra.setPermission("eve", "read");
      await connect(sdk, "8", "eve");
      expect(await fixture.code(sdk.app[way](write("8")))).toBe("insufficient_permissions");
      expect((await fixture.infra.log()).length).toBe(1);
      expect(fixture.count(MINT)).toBe(0);

      // A missing right is not cached.
      fixture.infra.setPermission("eve", "write");
      expect(await sdk.app[way](write("8"))).toMatchObject({ files: 1 });
    },
  );

  it("is required: a repository that the user cannot see is not found", async () => {
    const sdk = withPolicy();
    await connect(sdk, "8", "eve");
    expect(await fixture.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("is checked for the currently connected account", async () => {
    const sdk = withPolicy();
    await connect(sdk, "8", "bea");
    fixture.infra.setPermission("bea", "write");
    await sdk.app.push(write("8"));
    await connect(sdk, "8", "eve");
    expect(await fixture.code(sdk.app.push(write("8")))).toBe("repository_not_found");
  });

  it("does not allow writing to another owner's repository of the same name", async () => {
    const own = await fixture.box.createRepository({ owner: "ann", name: "infra", private: true, autoInit: true });
    expect(await fixture.code(fixture.sdk.app.push(write("7", fixture.acme.id, "ann/infra")))).toBe(
      "repository_not_found",
    );
    expect([(await own.log()).length, (await fixture.infra.log()).length]).toEqual([1, 1]);
  });

  it("is checked for the current name of a renamed repository", async () => {
    fixture.box.renameRepository(fixture.infra, "platform");
    expect(await fixture.sdk.app.push(write("7"))).toMatchObject({ files: 1, repository: "acme/platform" });
  });
});

describe("rights that are withdrawn while a write waits", () => {
  const policy = { authorizeInstallation: async () => true };

  it.each(["push", "sync"] as const)("prevent the commit of %s", async (operation) => {
    const sdk = fixture.startSdk({ app: { ...appOptions(), ...policy } });
    fixture.infra.setPermission("eve", "write");
    await connect(sdk, "8", "eve");
    const withdraw = fixture.box.control.beforeRequest(({ route }) => {
      if (route !== MINT) return;
      withdraw();
      fixture.infra.setPermission("eve", "read");
    });
    expect(await fixture.code(sdk.app[operation](write("8")))).toBe("insufficient_permissions");
    expect((await fixture.infra.log()).length).toBe(1);
  });

  it("prevent a new branch without a commit", async () => {
    const sdk = fixture.startSdk({ app: { ...appOptions(), ...policy } });
    fixture.infra.setPermission("eve", "write");
    await connect(sdk, "8", "eve");
    const withdraw = fixture.box.control.beforeRequest(({ route }) => {
      if (route !== MINT) return;
      withdraw();
      fixture.infra.setPermission("eve", "read");
    });
    const { "README.md": content = "" } = await fixture.branch();
    const request = { ...write("8"), files: { "README.md": content }, branch: "feature" };
    expect(await fixture.code(sdk.app.push(request))).toBe("insufficient_permissions");
    expect(await fixture.infra.log("feature")).toEqual([]);
  });

  it("prevent the commit when the host's policy withdraws the installation", async () => {
    let isAllowed = true;
    const app = { ...appOptions(), authorizeInstallation: async () => isAllowed };
    const sdk = fixture.startSdk({ app });
    fixture.infra.setPermission("eve", "write");
    await connect(sdk, "8", "eve");
    fixture.box.control.beforeRequest(({ route }) => {
      if (route === MINT) isAllowed = false;
    });
    expect(await fixture.code(sdk.app.push(write("8")))).toBe("installation_not_yours");
    expect((await fixture.infra.log()).length).toBe(1);
  });
});

describe("cached rights and tokens of several processes", () => {
  it("are discarded in every process when one receives a webhook", async () => {
    const pubSub = new MemoryPubSub();
    const shared = {
      app: { ...appOptions(), authorizeInstallation: async () => true, webhookSecrets: [SECRET] },
      pubSub,
    };
    const [receiving, other] = [fixture.startSdk(shared), fixture.startSdk(shared)];
    const body = (payload: object) => Buffer.from(JSON.stringify(payload));
    const deliver = async (event: string, payload: object): Promise<void> => {
      const headers = signedHeaders(event, randomUUID(), body(payload), SECRET);
      await receiving.webhooks.handle({ headers, body: body(payload) });
    };
    const installationId = fixture.acme.id;
    const { token } = await other.app.token({ userId: "8", installationId });
    await connect(other, "8", "ann");
    await other.app.push(write("8"));
    fixture.box.resetCounters();

    const repository = { full_name: "acme/infra" };
    await deliver("member", { action: "removed", member: { id: 1 }, repository, installation: { id: installationId } });
    await other.app.push({ ...write("8"), files: { "b.txt": "b" } });
    // One read because the cached right was discarded, one before the branch moves.
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(2);

    const { id, gitHubApp, acme } = { id: installationId, ...fixture };
    acme.permissions = { ...acme.permissions, contents: "read" };
    const installation = { id, app_id: gitHubApp.id, account: { id: acme.account.id } };
    await deliver("installation", { action: "new_permissions_accepted", installation, sender: { id: 1 } });
    await expect.poll(async () => (await other.app.token({ userId: "8", installationId })).token).not.toBe(token);
  });
});

describe("authorizeInstallation", () => {
  it("replaces the proof of ownership, and is called at every use", async () => {
    const claims: unknown[] = [];
    const authorizeInstallation = async (claim: { userId: string; installationId: number }): Promise<boolean> => {
      claims.push(claim);
      return claim.userId === "8";
    };
    const sdk = fixture.startSdk({ app: { ...appOptions(), authorizeInstallation } });
    const { id: installationId } = fixture.acme;
    expect(await sdk.app.token({ userId: "8", installationId })).toHaveProperty("token");
    await connect(sdk, "9", "ann");
    expect(await fixture.code(sdk.app.token({ userId: "9", installationId }))).toBe("installation_not_yours");
    expect(claims).toEqual([
      { userId: "8", installationId },
      { userId: "9", installationId },
    ]);
  });

  it("denies access when it rejects", async () => {
    const authorizeInstallation = () => Promise.reject(new Error("The host's database is down."));
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
