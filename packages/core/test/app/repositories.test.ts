import type { CreateRepositoryRequest } from "@infrajet/github";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppFixture, MINT } from "./app-fixture.js";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
});
afterEach(() => fixture.close());

const create = (over: { userId?: string; installationId?: number; name?: string; owner?: string } = {}) =>
  fixture.sdk.app.createRepository({ userId: "7", installationId: fixture.acme.id, name: "made", ...over });
const requests = () => fixture.box.requests.map(({ route, login }) => `${login ?? "the App"}: ${route}`);

describe("createRepository in an organization", () => {
  beforeEach(() => fixture.connect("7", "ann"));

  it("creates a private repository as the App by default", async () => {
    const created = await create();
    expect(created).toEqual({
      id: fixture.box.repository("acme", "made")?.id,
      name: "made",
      fullName: "acme/made",
      description: null,
      private: true,
      htmlUrl: `${fixture.server.serverUrl}/acme/made`,
      cloneUrl: `${fixture.server.serverUrl}/acme/made.git`,
      createdAt: expect.any(Date),
      updatedAt: expect.any(Date),
    });
    expect(requests().at(-1)).toBe("sync-it[bot]: POST /orgs/{org}/repos");
  });

  it("applies the description and visibility, and compares the owner case-insensitively", async () => {
    const request = { userId: "7", installationId: fixture.acme.id, name: "Open.repo-1", owner: "ACME" };
    const created = await fixture.sdk.app.createRepository({ ...request, description: "Ours", private: false });
    expect(created).toMatchObject({ fullName: "acme/Open.repo-1", description: "Ours", private: false });
  });

  it("rejects the name of an existing repository", async () => {
    await create();
    const error = await fixture.failure(create({ name: "MADE" }));
    expect(error).toMatchObject({ code: "repository_exists", status: 422, message: expect.stringContaining("acme") });
  });

  it.each(["", ".", "..", "a b", "a/b", "x".repeat(101), "made.git", "é"])("rejects the name %j", async (name) => {
    expect(await fixture.code(create({ name }))).toBe("invalid_repository_name");
    expect(fixture.count("POST /orgs/{org}/repos")).toBe(0);
  });

  it("rejects an owner other than the installation's account", async () => {
    const error = await fixture.failure(create({ owner: "ann" }));
    expect(error).toMatchObject({ code: "validation_failed", message: expect.stringContaining("acme") });
    expect(fixture.count(MINT)).toBe(0);
  });

  it("requires the administration permission", async () => {
    const other = await AppFixture.create({ permissions: { contents: "write", members: "read" } });
    try {
      await other.connect("7", "ann");
      const made = other.sdk.app.createRepository({ userId: "7", installationId: other.acme.id, name: "made" });
      expect(await other.code(made)).toBe("insufficient_permissions");
    } finally {
      await other.close();
    }
  });

  it("reports GitHub's validation error as validation_failed", async () => {
    const respond = {
      status: 422,
      body: { message: "Validation Failed", errors: [{ message: "no control characters" }] },
    };
    fixture.box.control.fault({ method: "POST", path: "/orgs/{org}/repos", when: "before", respond });
    expect(await fixture.code(create())).toBe("validation_failed");
  });
});

describe("createRepository with ifExists: use", () => {
  beforeEach(() => fixture.connect("7", "ann"));
  const use = (over: Partial<CreateRepositoryRequest> = {}) =>
    fixture.sdk.app.createRepository({
      ...{ userId: "7", installationId: fixture.acme.id, name: "infra", ifExists: "use", ...over },
    });

  it("returns the existing repository without a request to create one", async () => {
    expect(await use({ name: "INFRA" })).toMatchObject({ id: fixture.infra.id, fullName: "acme/infra" });
    expect(fixture.count("POST /orgs/{org}/repos")).toBe(0);
  });

  it("needs no permission to create repositories for an existing one", async () => {
    const other = await AppFixture.create({ permissions: { contents: "write", members: "read" } });
    try {
      await other.connect("7", "ann");
      const request = { userId: "7", installationId: other.acme.id, name: "infra", ifExists: "use" } as const;
      expect(await other.sdk.app.createRepository(request)).toMatchObject({ id: other.infra.id });
    } finally {
      await other.close();
    }
  });

  it("returns a repository that was created after the search", async () => {
    const undo = fixture.box.control.beforeRequest(async ({ route }) => {
      if (route !== "POST /orgs/{org}/repos") return;
      undo();
      await fixture.box.createRepository({ owner: "acme", name: "race" });
    });
    expect(await use({ name: "race" })).toMatchObject({ id: fixture.box.repository("acme", "race")?.id });
  });

  it("creates a repository with the former name of a renamed one", async () => {
    fixture.infra.rename("platform");
    const created = await use();
    expect(created).toMatchObject({ fullName: "acme/infra" });
    expect(created.id).not.toBe(fixture.infra.id);
  });

  it("sets topics where there are none and keeps existing ones", async () => {
    await use({ topics: ["terraform"] });
    await use({ topics: ["azure"] });
    expect(fixture.infra.topics).toEqual(["terraform"]);
  });

  it("does not return a repository of another account in which the App is installed", async () => {
    expect(await use({ name: "notes" })).toMatchObject({ fullName: "acme/notes" });
  });
});

describe("createRepository with topics", () => {
  const PUT = { method: "PUT", path: "/repos/{owner}/{repo}/topics", when: "before" } as const;
  beforeEach(() => fixture.connect("7", "ann"));
  const createWithTopics = () =>
    fixture.sdk.app.createRepository({
      ...{ userId: "7", installationId: fixture.acme.id, name: "made", topics: ["terraform"] },
    });

  it("waits until GitHub knows the new repository everywhere", async () => {
    fixture.box.control.fault({ ...PUT, times: 2, respond: { status: 404, body: { message: "Not Found" } } });
    await createWithTopics();
    expect(fixture.box.repository("acme", "made")?.topics).toEqual(["terraform"]);
  });

  it("says that the repository exists when its topics cannot be set", async () => {
    fixture.box.control.fault({ ...PUT, respond: { status: 403, body: { message: "Forbidden" } } });
    const error = await fixture.failure(createWithTopics());
    expect(error).toMatchObject({
      code: "insufficient_permissions",
      message: expect.stringContaining("acme/made exists"),
    });
  });
});

describe("createRepository in a personal account", () => {
  it.each(["app", "oauth"] as const)(
    "creates the repository as its owner, connected through the client %s",
    async (client) => {
      await fixture.connect("7", "ann");
      if (client === "oauth") await fixture.connect("7", "ann", "oauth");
      expect(await create({ installationId: fixture.anns.id })).toMatchObject({ fullName: "ann/made", private: true });
      expect(requests().at(-1)).toBe("ann: POST /user/repos");
      expect(fixture.count(MINT)).toBe(0);
    },
  );

  it("rejects the name of an existing repository", async () => {
    await fixture.connect("7", "ann");
    const error = await fixture.failure(create({ installationId: fixture.anns.id, name: "notes" }));
    expect(error.code).toBe("repository_exists");
  });

  it.each([
    ["a user without a connection", null],
    ["a user with another account", "eve"],
  ])("rejects %s, and names the required account", async (_name, login) => {
    const { id: appId, slug, clientId, clientSecret, privateKey } = fixture.gitHubApp;
    const app = { appId, slug, clientId, clientSecret, privateKey, authorizeInstallation: async () => true };
    const sdk = fixture.startSdk({ app });
    if (login !== null) {
      const { url } = await sdk.connections.authorize({ userId: "8", client: "app" });
      const { code, state = "" } = await fixture.box.authorize(url, { login });
      await sdk.connections.complete({ userId: "8", code, state });
    }
    const made = sdk.app.createRepository({ userId: "8", installationId: fixture.anns.id, name: "made" });
    const error = await fixture.failure(made);
    expect(error).toMatchObject({ code: "github_not_connected", status: 400 });
    expect(error.message).toContain("Connect the GitHub account ann first");
    expect(fixture.box.repository("eve", "made")).toBeUndefined();
  });
});

it("createRepository uses the account's current login instead of the stored one", async () => {
  await fixture.connect("7", "ann");
  await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
  const key = { apiUrl: fixture.server.apiUrl, installationId: fixture.acme.id };
  const known = await fixture.installations.find(key);
  if (known === null) throw new Error("The installation is not stored.");
  const former = { ...known, account: { ...known.account, login: "former-acme" } };
  await fixture.installations.save(former, new Date(fixture.clock.now()));
  expect(await create({ owner: "acme" })).toMatchObject({ fullName: "acme/made" });
});

it("createRepository rejects a removed installation", async () => {
  await fixture.connect("7", "ann");
  await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id });
  fixture.acme.remove();
  expect(await fixture.code(create())).toBe("installation_not_found");
});
