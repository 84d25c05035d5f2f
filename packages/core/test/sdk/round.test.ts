import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR, Host } from "./host.js";

const USER = "7";

let host: Host;
beforeAll(async () => {
  host = await Host.start();
});
afterAll(() => host.close());

const tokenOfUser = async () => (await host.sdk.connections.credential(USER)).token();

// One story: each chapter goes on where the one before ended.
describe("a user's time with the host", () => {
  it("begins with connecting a GitHub account", async () => {
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: false, login: null });
    expect(await host.connect(USER, "ann")).toMatchObject({ login: "ann" });
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: true, login: "ann" });
  });

  let acme = 0;
  let anns = 0;
  it("goes on with installing the App, in an organization and in the own account, each bound to the user", async () => {
    acme = await host.install(USER, "ann", "acme");
    anns = await host.install(USER, "ann", "ann");
    const listed = await host.sdk.app.installations({ userId: USER });
    expect(listed.map(({ installationId, account }) => [installationId, account.login])).toEqual([
      [acme, "acme"],
      [anns, "ann"],
    ]);
    const bindings = await host.stores.installations.bindings(host.github.apiUrl, USER);
    expect(bindings.map(({ installationId }) => installationId).sort()).toEqual([acme, anns].sort());
  });

  it("makes a repository in each, and lists and counts them", async () => {
    const { app, connections } = host.sdk;
    await app.createRepository({ userId: USER, installationId: acme, name: "infra" });
    await app.createRepository({ userId: USER, installationId: anns, name: "notes", private: false });
    const { repositories, totalCount } = await connections.repositories(USER);
    expect(repositories.map(({ fullName }) => fullName).sort()).toEqual(["acme/infra", "ann/notes"]);
    expect(totalCount).toBe(2);
    host.clock.putForward(HOUR / 60);
    expect(await connections.status(USER)).toMatchObject({ repositoriesCount: 2 });
  });

  it("outlasts the token: one refresh, and the former pair is worth nothing", async () => {
    const former = await tokenOfUser();
    host.clock.putForward(9 * HOUR);
    host.box.resetCounters();
    expect(await host.sdk.connections.repositories(USER)).toMatchObject({ totalCount: 2 });
    expect(host.box.count("POST /login/oauth/access_token")).toBe(1);
    expect([await host.answerTo(former), await host.answerTo(await tokenOfUser())]).toEqual([401, 200]);
  });

  it("gets a token of the installation, for one repository and one permission", async () => {
    const narrowed = { repositories: ["infra"], permissions: { contents: "read" } };
    const { token } = await host.sdk.app.token({ userId: USER, installationId: acme, ...narrowed });
    expect(await host.answerTo(token, "repos/acme/infra")).toBe(200);
    expect(await host.answerTo(token, "repos/ann/notes/contents/README.md")).toBe(404);
  });

  it("pushes files, and syncs them until somebody else has changed one: that is a conflict, and nothing is written", async () => {
    const repository = host.box.repository("acme", "infra");
    const files = async () =>
      Object.fromEntries([...((await repository?.files()) ?? [])].map(([p, f]) => [p, `${f.content}`]));
    const to = { userId: USER, installationId: acme, repository: "acme/infra" };
    const pushed = await host.sdk.app.push({ ...to, message: "Begin", files: { "a.tf": "1", "b.tf": "1" } });
    expect(pushed).toMatchObject({ commitId: await repository?.head(), files: 2 });
    expect(await host.sdk.app.sync({ ...to, message: "Go on", files: { "a.tf": "2" } })).toMatchObject({
      files: 1,
      conflicts: [],
    });
    const theirs = await repository?.commit({ files: { "a.tf": "theirs" } });
    const synced = await host.sdk.app.sync({ ...to, message: "Go on", files: { "a.tf": "3", "b.tf": "3" } });
    expect(synced).toMatchObject({ commitId: null, files: 0, conflicts: [{ path: "a.tf" }] });
    expect(await repository?.head()).toBe(theirs);
    expect(await files()).toEqual({ "a.tf": "theirs", "b.tf": "1" });
  });

  it("loses the installation when it is uninstalled on GitHub", async () => {
    const told: unknown[] = [];
    host.sdk.on("installation.removed", (payload) => told.push(payload));
    const { token } = await host.sdk.app.token({ userId: USER, installationId: acme });
    host.box.installation(acme)?.remove();
    await host.box.deliveriesSettled();
    expect(told).toMatchObject([{ installationId: acme, account: "acme" }]);
    expect(await host.stores.installations.bindings(host.github.apiUrl, USER)).toMatchObject([
      { installationId: anns },
    ]);
    expect(await host.answerTo(token, "repos/acme/infra")).toBe(401);
    const wish = { userId: USER, installationId: acme };
    await expect(host.sdk.app.token(wish)).rejects.toMatchObject({ code: "installation_not_yours", status: 403 });
    const push = { ...wish, repository: "acme/infra", message: "Late", files: { "a.tf": "4" } };
    await expect(host.sdk.app.push(push)).rejects.toMatchObject({ code: "installation_not_yours" });
    expect((await host.sdk.app.token({ ...wish, installationId: anns })).repositorySelection).toBe("all");
  });

  it("ends with disconnecting: GitHub takes the token no more", async () => {
    const token = await tokenOfUser();
    expect(await host.sdk.connections.disconnect(USER)).toEqual({ login: "ann", tokenRevoked: true });
    expect(await host.answerTo(token)).toBe(401);
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: false, login: null });
    const wish = { userId: USER, installationId: anns };
    await expect(host.sdk.app.token(wish)).rejects.toMatchObject({ code: "installation_not_yours" });
    expect(new Set(host.answers)).toEqual(new Set([200]));
  });
});
