import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR, Host } from "./host.js";

const USER = "7";

let host: Host;
beforeAll(async () => {
  host = await Host.start();
});
afterAll(() => host.close());

const tokenOfUser = async () => (await host.sdk.connections.credential(USER)).token();

// One scenario: each test continues where the previous one ended.
describe("SDK from connect to disconnect", () => {
  it("connects a GitHub account", async () => {
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: false, login: null });
    expect(await host.connect(USER, "ann")).toMatchObject({ login: "ann" });
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: true, login: "ann" });
  });

  let acme = 0;
  let anns = 0;
  it("binds installations of the App in an organization and in the user's own account", async () => {
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

  it("creates a repository in each account, and lists and counts them", async () => {
    const { app, connections } = host.sdk;
    await app.createRepository({ userId: USER, installationId: acme, name: "infra" });
    await app.createRepository({ userId: USER, installationId: anns, name: "notes", private: false });
    const { repositories, totalCount } = await connections.repositories(USER);
    expect(repositories.map(({ fullName }) => fullName).sort()).toEqual(["acme/infra", "ann/notes"]);
    expect(totalCount).toBe(2);
    host.clock.putForward(HOUR / 60);
    expect(await connections.status(USER)).toMatchObject({ repositoriesCount: 2 });
  });

  it("refreshes an expired token once, after which the former token is invalid", async () => {
    const former = await tokenOfUser();
    host.clock.putForward(9 * HOUR);
    host.box.resetCounters();
    expect(await host.sdk.connections.repositories(USER)).toMatchObject({ totalCount: 2 });
    expect(host.box.count("POST /login/oauth/access_token")).toBe(1);
    expect([await host.statusFor(former), await host.statusFor(await tokenOfUser())]).toEqual([401, 200]);
  });

  it("returns an installation token for one repository and one permission", async () => {
    const narrowed = { repositories: ["infra"], permissions: { contents: "read" } };
    const { token } = await host.sdk.app.token({ userId: USER, installationId: acme, ...narrowed });
    expect(await host.statusFor(token, "repos/acme/infra")).toBe(200);
    expect(await host.statusFor(token, "repos/ann/notes/contents/README.md")).toBe(404);
  });

  it("pushes and syncs files, and reports a conflict without writing when a file was changed on the branch", async () => {
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
    const head = await repository?.commit({ files: { "a.tf": "other" } });
    const synced = await host.sdk.app.sync({ ...to, message: "Go on", files: { "a.tf": "3", "b.tf": "3" } });
    expect(synced).toMatchObject({ commitId: null, files: 0, conflicts: [{ path: "a.tf" }] });
    expect(await repository?.head()).toBe(head);
    expect(await files()).toEqual({ "a.tf": "other", "b.tf": "1" });
  });

  it("removes an installation that was uninstalled on GitHub", async () => {
    const events: unknown[] = [];
    host.sdk.on("installation.removed", (payload) => events.push(payload));
    const { token } = await host.sdk.app.token({ userId: USER, installationId: acme });
    host.box.installation(acme)?.remove();
    await host.box.deliveriesSettled();
    expect(events).toMatchObject([{ installationId: acme, account: "acme" }]);
    expect(await host.stores.installations.bindings(host.github.apiUrl, USER)).toMatchObject([
      { installationId: anns },
    ]);
    expect(await host.statusFor(token, "repos/acme/infra")).toBe(401);
    const claim = { userId: USER, installationId: acme };
    await expect(host.sdk.app.token(claim)).rejects.toMatchObject({ code: "installation_not_yours", status: 403 });
    const push = { ...claim, repository: "acme/infra", message: "Late", files: { "a.tf": "4" } };
    await expect(host.sdk.app.push(push)).rejects.toMatchObject({ code: "installation_not_yours" });
    expect((await host.sdk.app.token({ ...claim, installationId: anns })).repositorySelection).toBe("all");
  });

  it("disconnects, after which GitHub rejects the token", async () => {
    const token = await tokenOfUser();
    expect(await host.sdk.connections.disconnect(USER)).toEqual({ login: "ann", tokenRevoked: true });
    expect(await host.statusFor(token)).toBe(401);
    expect(await host.sdk.connections.status(USER)).toMatchObject({ connected: false, login: null });
    const claim = { userId: USER, installationId: anns };
    await expect(host.sdk.app.token(claim)).rejects.toMatchObject({ code: "installation_not_yours" });
    expect(new Set(host.deliveryStatuses)).toEqual(new Set([200]));
  });
});
