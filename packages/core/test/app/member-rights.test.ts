import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppFixture, MINT } from "./app-fixture.js";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create({ app: { installationMembers: "repository" } });
  fixture.infra.setPermission("max", "write");
  await fixture.connect("8", "max");
});
afterEach(() => fixture.close());

const write = (repository = "acme/infra") => ({
  ...{ userId: "8", installationId: fixture.acme.id, repository, message: "Write" },
  files: { "a.txt": "changed" },
});
const token = (over: object) => fixture.sdk.app.token({ userId: "8", installationId: fixture.acme.id, ...over });
const rejected = async (attempt: Promise<unknown>): Promise<void> => {
  expect(await fixture.failure(attempt)).toMatchObject({ code: "installation_not_yours", status: 403 });
};

describe("installationMembers: repository", () => {
  it("lets a member write files to a repository that the member may write to", async () => {
    await expect(fixture.sdk.app.push(write())).resolves.toMatchObject({ repository: "acme/infra", files: 1 });
    expect(await fixture.installations.bindings(fixture.server.apiUrl, "8")).toEqual([]);
  });

  it("rejects repositories to which the member has no right, and those outside of the installation", async () => {
    await fixture.box.createRepository({ owner: "acme", name: "secret", private: true });
    await rejected(fixture.sdk.app.push(write("acme/secret")));
    fixture.infra.setPermission("max", "read");
    await rejected(fixture.sdk.app.push(write()));
    await rejected(fixture.sdk.app.push(write("ann/notes")));
  });

  it("gives a member tokens for such repositories that allow no more than reading and pushing", async () => {
    const repositories = ["infra"];
    const given = await token({ repositories, permissions: { contents: "write" } });
    expect(given).toMatchObject({ repositorySelection: "selected", permissions: { contents: "write" } });
    fixture.box.resetCounters();
    for (const request of [
      {},
      { repositories },
      { permissions: { contents: "read" } },
      { repositories, permissions: { contents: "write", administration: "write" } },
      { repositories, permissions: { members: "read" } },
      { repositories: ["infra", "unknown"], permissions: { contents: "read" } },
    ]) {
      await rejected(token(request));
    }
    expect(fixture.count(MINT)).toBe(0);
  });

  it("rejects everything else: repository creation and the list of repositories", async () => {
    const { app } = fixture.sdk;
    await rejected(app.createRepository({ userId: "8", installationId: fixture.acme.id, name: "x" }));
    await rejected(app.repositories({ userId: "8", installationId: fixture.acme.id }));
  });

  it("rejects a suspended installation and users without a token of the App", async () => {
    await rejected(fixture.sdk.app.push({ ...write(), userId: "9" }));
    fixture.acme.suspend();
    await rejected(fixture.sdk.app.push(write()));
  });

  it("rejects a member whose right ends while the files are prepared", async () => {
    const stop = fixture.box.control.beforeRequest(async ({ operation, path }) => {
      if (operation === "createCommitOnBranch" || path.endsWith("/git-receive-pack")) expect.fail("The branch moved.");
      if (operation === "repository") fixture.infra.setPermission("max", "read");
    });
    expect(await fixture.failure(fixture.sdk.app.push(write()))).toMatchObject({ status: 403 });
    stop();
  });
});
