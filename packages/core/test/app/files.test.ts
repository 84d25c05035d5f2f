import { type FilesToWrite, isGitHubSdkError } from "@infrajet/github";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppFixture, MINUTE } from "./app-fixture.js";

let fixture: AppFixture;
beforeEach(async () => {
  fixture = await AppFixture.create();
  await fixture.connect("7", "ann");
});
afterEach(() => fixture.close());

type Tree = FilesToWrite;

const request = (tree: Tree, over: { repository?: string; branch?: string; message?: string } = {}) => ({
  ...{ userId: "7", installationId: fixture.acme.id, repository: "acme/infra", message: "Write" },
  files: tree,
  ...over,
});
const push = (tree: Tree, over: Parameters<typeof request>[1] = {}) => fixture.sdk.app.push(request(tree, over));
const sync = (tree: Tree, over: Parameters<typeof request>[1] = {}) => fixture.sdk.app.sync(request(tree, over));
const commits = async () => (await fixture.infra.log()).length;
const somebody = (tree: Parameters<typeof fixture.infra.commit>[0]["files"]) => fixture.infra.commit({ files: tree });

describe("push", () => {
  it("writes over whatever is there, in one commit of the App, and answers with it", async () => {
    await somebody({ "a.txt": "theirs", "untouched.txt": "theirs" });
    const written = await push({ "a.txt": "ours", "deep/er/b.txt": "b" }, { message: "Write both\n\nBecause." });
    const head = await fixture.infra.head();
    expect(written).toEqual({
      commitId: head,
      commitUrl: `${fixture.server.serverUrl}/acme/infra/commit/${head}`,
      repository: "acme/infra",
      repositoryUrl: `${fixture.server.serverUrl}/acme/infra`,
      files: 2,
      conflicts: expect.anything(),
    });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "ours", "deep/er/b.txt": "b", "untouched.txt": "theirs" });
    expect(await commits()).toBe(3);
    const [commit] = await fixture.infra.log();
    expect(commit?.message).toMatch(/^Write both\n\nBecause\./);
    expect(commit?.author.name).toBe("sync-it[bot]");
  });

  it("writes once more what it wrote before, when somebody changed or deleted it meanwhile", async () => {
    await push({ "a.txt": "ours", "b.txt": "ours" });
    await somebody({ "a.txt": "theirs", "b.txt": null });
    expect(await push({ "a.txt": "ours", "b.txt": "ours" })).toMatchObject({ files: 2 });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "ours", "b.txt": "ours" });
  });

  it("of what the branch has already is no commit", async () => {
    await push({ "a.txt": "ours" });
    const head = await fixture.infra.head();
    expect(await push({ "a.txt": "ours", "README.md": (await fixture.branch())["README.md"] ?? "" })).toMatchObject({
      commitId: head,
      files: 0,
    });
    expect(await commits()).toBe(2);
  });

  it("deletes with null, foreign files too, and a file that is nowhere is no failure", async () => {
    await push({ "ours.txt": "ours", "kept.txt": "kept" });
    await somebody({ "theirs.txt": "theirs", "dir/theirs.txt": "theirs" });
    const deleted = await push({ "ours.txt": null, "theirs.txt": null, "nowhere.txt": null });
    expect(deleted).toMatchObject({ files: 2 });
    expect(Object.keys(await fixture.branch())).toEqual(["README.md", "dir/theirs.txt", "kept.txt"]);
  });

  it("sets modes, and keeps the one that is there when none is given", async () => {
    const run = { content: Buffer.from("#!/bin/sh\n"), mode: "100755" } as const;
    await push({ "run.sh": run, "plain.txt": "x" });
    await push({ "run.sh": "#!/bin/sh\nset -e\n", "plain.txt": { content: Buffer.from("x"), mode: "100755" } });
    const written = await fixture.infra.files();
    expect([written.get("run.sh")?.mode, written.get("plain.txt")?.mode]).toEqual(["100755", "100755"]);
    expect(written.get("run.sh")?.content.toString()).toBe("#!/bin/sh\nset -e\n");
    await push({ "run.sh": { content: Buffer.from("x"), mode: "100644" } });
    expect((await fixture.infra.files()).get("run.sh")?.mode).toBe("100644");
  });

  it("takes bytes as they are", async () => {
    const bytes = Uint8Array.from({ length: 1_024 }, (_, index) => index % 256);
    await push({ "a.bin": bytes, "empty.txt": "", ".env": "A=1\n", "x.tfstate": "{}" });
    const written = await fixture.infra.files();
    expect(Buffer.compare(written.get("a.bin")?.content ?? Buffer.alloc(0), bytes)).toBe(0);
    // Nothing that was given is ignored.
    expect([...written.keys()].sort()).toEqual([".env", "README.md", "a.bin", "empty.txt", "x.tfstate"]);
  });

  it("turns a file into a folder and back", async () => {
    await push({ a: "file" });
    await push({ a: null, "a/b.txt": "b" });
    expect(await fixture.branch()).toMatchObject({ "a/b.txt": "b" });
    await push({ a: "file", "a/b.txt": null });
    expect(await fixture.branch()).toMatchObject({ a: "file" });
  });

  it("makes the branch when there is none, and begins an empty repository", async () => {
    await push({ "a.txt": "a" }, { branch: "feature/x" });
    expect(await fixture.branch(fixture.infra, "feature/x")).toMatchObject({ "a.txt": "a" });
    expect(await fixture.branch()).not.toHaveProperty("a.txt");
    const empty = await fixture.box.createRepository({ owner: "acme", name: "empty", private: true });
    expect(await push({ "a.txt": "a" }, { repository: "acme/empty" })).toMatchObject({ files: 1 });
    expect(await fixture.branch(empty)).toEqual({ "a.txt": "a" });
  });

  it("writes a workflow once the permission was accepted, and says what is missing before", async () => {
    const workflow = { ".github/workflows/ci.yml": "on: push\n" };
    const error = await fixture.failure(push(workflow));
    expect(error.code).toBe("workflow_permission_missing");
    fixture.gitHubApp.permissions = { ...fixture.gitHubApp.permissions, workflows: "write" };
    fixture.acme.acceptPermissions();
    expect(await push(workflow)).toMatchObject({ files: 1 });
  });

  it("writes once the permission to write was accepted, whether or not a webhook told of it", async () => {
    const other = await AppFixture.create({ permissions: { contents: "read", members: "read" } });
    try {
      await other.connect("7", "ann");
      const wish = { userId: "7", installationId: other.acme.id, repository: "acme/infra", message: "Write" };
      const write = () => other.sdk.app.push({ ...wish, files: { "a.txt": "a" } });
      expect(await other.code(write())).toBe("insufficient_permissions");
      other.gitHubApp.permissions = { ...other.gitHubApp.permissions, contents: "write" };
      other.acme.acceptPermissions();
      expect(await write()).toMatchObject({ files: 1 });
    } finally {
      await other.close();
    }
  });

  it("goes on writing when the App lost a permission that writing does not take", async () => {
    const permissions = { contents: "write", members: "read", metadata: "read" };
    const other = await AppFixture.create({ permissions: { ...permissions, workflows: "write" } });
    try {
      await other.connect("7", "ann");
      const wish = { userId: "7", installationId: other.anns.id, repository: "ann/notes", message: "Write" };
      await other.sdk.app.push({ ...wish, files: { "a.txt": "a" } });
      other.anns.permissions = permissions;
      other.clock.putForward(60 * MINUTE);
      expect(await other.sdk.app.push({ ...wish, files: { "a.txt": "b" } })).toMatchObject({ files: 1 });
    } finally {
      await other.close();
    }
  });

  it("asks for a token of this repository and of what writing takes", async () => {
    const other = await fixture.box.createRepository({ owner: "acme", name: "other", private: true, autoInit: true });
    await push({ "a.txt": "a" });
    const narrowing = { repositories: ["infra"], permissions: { contents: "write", metadata: "read" } };
    fixture.box.resetCounters();
    const { token } = await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id, ...narrowing });
    // The very token that the push was made with.
    expect(fixture.count()).toBe(0);
    const { status } = await fetch(`${fixture.server.apiUrl}/repos/${other.fullName}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(404);
  });

  it.each<[string, Tree, object, string]>([
    ["no files", {}, {}, "validation_failed"],
    ["no message", { a: "a" }, { message: " \n" }, "validation_failed"],
    ["an endless message", { a: "a" }, { message: "m".repeat(65_537) }, "validation_failed"],
    ["a path that leads out", { "../a": "a" }, {}, "invalid_path"],
    ["a path into .git, to be deleted", { ".git/config": null }, {}, "invalid_path"],
    ["a file that is a folder, too", { "a/b/c": "c", a: "a" }, {}, "path_collision"],
    ["names that differ only in case", { "a.txt": "a", "A.txt": "A" }, {}, "path_collision"],
    ["a branch that is none", { a: "a" }, { branch: "-x" }, "invalid_branch"],
    ["a repository that is none", { a: "a" }, { repository: "acme" }, "invalid_repository_name"],
    ["a repository that there is none of", { a: "a" }, { repository: "acme/none" }, "repository_not_found"],
  ])("refuses %s before anything is written", async (_name, tree, over, code) => {
    expect(await fixture.code(push(tree, over))).toBe(code);
    expect(await commits()).toBe(1);
  });

  it("two at the same moment both land", async () => {
    const both = await Promise.all([push({ "a.txt": "a" }), push({ "b.txt": "b" })]);
    expect(both.map(({ files: count }) => count)).toEqual([1, 1]);
    expect(await fixture.branch()).toMatchObject({ "a.txt": "a", "b.txt": "b" });
    expect(await commits()).toBe(3);
  });

  it("ends with the SDK", async () => {
    fixture.box.control.fault({ path: "/repos/{owner}/{repo}", when: "before", respond: "hang" });
    const arrived = new Promise<void>((resolve) => {
      fixture.box.control.beforeRequest(({ route }) => void (route === "GET /repos/{owner}/{repo}" && resolve()));
    });
    const pushing = push({ "a.txt": "a" }).catch((error: unknown) => error);
    await arrived;
    await fixture.sdk.close();
    expect(isGitHubSdkError(await pushing, "cancelled")).toBe(true);
  });
});

describe("sync", () => {
  it("writes new files, and its own again", async () => {
    expect(await sync({ "a.txt": "1", "b.txt": "1" })).toMatchObject({ files: 2, conflicts: [] });
    expect(await sync({ "a.txt": "2", "b.txt": null })).toMatchObject({ files: 2, conflicts: [] });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "2" });
    expect(await fixture.branch()).not.toHaveProperty("b.txt");
    expect(await commits()).toBe(3);
  });

  it("does not mind what somebody changed elsewhere, nor the same change", async () => {
    await sync({ "a.txt": "1" });
    await somebody({ "elsewhere.txt": "x", "a.txt": "2" });
    expect(await sync({ "a.txt": "2" })).toMatchObject({ files: 0, conflicts: [] });
    expect(await sync({ "a.txt": "3" })).toMatchObject({ files: 1, conflicts: [] });
  });

  it.each<[string, Tree, Parameters<typeof somebody>[0], Tree, string]>([
    ["changed otherwise", { "a.txt": "1" }, { "a.txt": "theirs" }, { "a.txt": "2" }, "changed_on_both_sides"],
    [
      "changed, and given as before",
      { "a.txt": "1" },
      { "a.txt": "theirs" },
      { "a.txt": "1" },
      "changed_on_both_sides",
    ],
    ["deleted", { "a.txt": "1" }, { "a.txt": null }, { "a.txt": "2" }, "changed_locally_deleted_remotely"],
    [
      "deleted, and given as before",
      { "a.txt": "1" },
      { "a.txt": null },
      { "a.txt": "1" },
      "changed_locally_deleted_remotely",
    ],
    [
      "changed, and deleted by us",
      { "a.txt": "1" },
      { "a.txt": "theirs" },
      { "a.txt": null },
      "deleted_locally_changed_remotely",
    ],
    ["never written by us", { "b.txt": "1" }, { "a.txt": "theirs" }, { "a.txt": "2" }, "different_without_common_base"],
    [
      "foreign, and deleted by us",
      { "b.txt": "1" },
      { "a.txt": "theirs" },
      { "a.txt": null },
      "deleted_locally_changed_remotely",
    ],
  ])(
    "stops at a file that somebody has %s, with nothing written; push goes on",
    async (_name, first, theirs, second, reason) => {
      await sync(first);
      await somebody(theirs);
      const head = await fixture.infra.head();
      const stopped = await sync({ ...second, "new.txt": "new" });
      expect(stopped).toMatchObject({ commitId: null, commitUrl: null, repository: "acme/infra", files: 0 });
      expect(stopped.conflicts).toMatchObject([{ path: "a.txt", reason, resolved: false }]);
      expect(await fixture.infra.head()).toBe(head);
      // And so it stays, however often it is tried.
      expect((await sync({ ...second, "new.txt": "new" })).conflicts).toHaveLength(1);

      await push({ ...second, "new.txt": "new" });
      expect((await fixture.branch())["a.txt"]).toBe(second["a.txt"] ?? undefined);
      expect(await sync({ "a.txt": "after", "new.txt": "after" })).toMatchObject({ files: 2, conflicts: [] });
    },
  );

  it("knows what push wrote, and what another user of the installation did", async () => {
    await push({ "a.txt": "1" });
    fixture.box.addUser({ login: "cat" });
    fixture.acme.account.members.set("cat", "admin");
    await fixture.connect("9", "cat");
    const theirs = await fixture.sdk.app.sync({ ...request({ "a.txt": "2" }), userId: "9" });
    expect(theirs).toMatchObject({ files: 1, conflicts: [] });
    expect(await sync({ "a.txt": "3" })).toMatchObject({ files: 1, conflicts: [] });
  });

  it("a change that lands between reading and writing is a conflict", async () => {
    await sync({ "a.txt": "1" });
    let isFirst = true;
    fixture.box.control.beforeRequest(async ({ operation }) => {
      if (operation !== "createCommitOnBranch" || !isFirst) return;
      isFirst = false;
      await somebody({ "a.txt": "theirs" });
    });
    expect(await sync({ "a.txt": "2" })).toMatchObject({ commitId: null, conflicts: [{ path: "a.txt" }] });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "theirs" });
  });

  it("asks the user's right once for some minutes", async () => {
    await sync({ "a.txt": "1" });
    await sync({ "a.txt": "2" });
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(1);
    fixture.clock.putForward(3 * MINUTE);
    await sync({ "a.txt": "3" });
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(2);
  });
});
