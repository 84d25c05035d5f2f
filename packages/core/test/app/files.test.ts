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
const commitAsOther = (tree: Parameters<typeof fixture.infra.commit>[0]["files"]) =>
  fixture.infra.commit({ files: tree });

describe("push", () => {
  it("overwrites the files in one commit of the App, and returns the commit", async () => {
    await commitAsOther({ "a.txt": "other", "untouched.txt": "other" });
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
    expect(await fixture.branch()).toMatchObject({ "a.txt": "ours", "deep/er/b.txt": "b", "untouched.txt": "other" });
    expect(await commits()).toBe(3);
    const [commit] = await fixture.infra.log();
    expect(commit?.message).toMatch(/^Write both\n\nBecause\./);
    expect(commit?.author.name).toBe("sync-it[bot]");
  });

  it("writes the same files again when they were changed or deleted on the branch", async () => {
    await push({ "a.txt": "ours", "b.txt": "ours" });
    await commitAsOther({ "a.txt": "other", "b.txt": null });
    expect(await push({ "a.txt": "ours", "b.txt": "ours" })).toMatchObject({ files: 2 });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "ours", "b.txt": "ours" });
  });

  it("makes no commit when the branch already has the files", async () => {
    await push({ "a.txt": "ours" });
    const head = await fixture.infra.head();
    expect(await push({ "a.txt": "ours", "README.md": (await fixture.branch())["README.md"] ?? "" })).toMatchObject({
      commitId: head,
      files: 0,
    });
    expect(await commits()).toBe(2);
  });

  it("deletes files given as null, including files of others, and ignores missing files", async () => {
    await push({ "ours.txt": "ours", "kept.txt": "kept" });
    await commitAsOther({ "theirs.txt": "other", "dir/theirs.txt": "other" });
    const deleted = await push({ "ours.txt": null, "theirs.txt": null, "nowhere.txt": null });
    expect(deleted).toMatchObject({ files: 2 });
    expect(Object.keys(await fixture.branch())).toEqual(["README.md", "dir/theirs.txt", "kept.txt"]);
  });

  it("sets file modes, and keeps the current mode when none is given", async () => {
    const run = { content: Buffer.from("#!/bin/sh\n"), mode: "100755" } as const;
    await push({ "run.sh": run, "plain.txt": "x" });
    await push({ "run.sh": "#!/bin/sh\nset -e\n", "plain.txt": { content: Buffer.from("x"), mode: "100755" } });
    const written = await fixture.infra.files();
    expect([written.get("run.sh")?.mode, written.get("plain.txt")?.mode]).toEqual(["100755", "100755"]);
    expect(written.get("run.sh")?.content.toString()).toBe("#!/bin/sh\nset -e\n");
    await push({ "run.sh": { content: Buffer.from("x"), mode: "100644" } });
    expect((await fixture.infra.files()).get("run.sh")?.mode).toBe("100644");
  });

  it("writes bytes unchanged, and applies no ignore rules", async () => {
    const bytes = Uint8Array.from({ length: 1_024 }, (_, index) => index % 256);
    await push({ "a.bin": bytes, "empty.txt": "", ".env": "A=1\n", "x.tfstate": "{}" });
    const written = await fixture.infra.files();
    expect(Buffer.compare(written.get("a.bin")?.content ?? Buffer.alloc(0), bytes)).toBe(0);
    expect([...written.keys()].sort()).toEqual([".env", "README.md", "a.bin", "empty.txt", "x.tfstate"]);
  });

  it("replaces a file by a folder and back", async () => {
    await push({ a: "file" });
    await push({ a: null, "a/b.txt": "b" });
    expect(await fixture.branch()).toMatchObject({ "a/b.txt": "b" });
    await push({ a: "file", "a/b.txt": null });
    expect(await fixture.branch()).toMatchObject({ a: "file" });
  });

  it("creates a missing branch, and initializes an empty repository", async () => {
    await push({ "a.txt": "a" }, { branch: "feature/x" });
    expect(await fixture.branch(fixture.infra, "feature/x")).toMatchObject({ "a.txt": "a" });
    expect(await fixture.branch()).not.toHaveProperty("a.txt");
    const empty = await fixture.box.createRepository({ owner: "acme", name: "empty", private: true });
    expect(await push({ "a.txt": "a" }, { repository: "acme/empty" })).toMatchObject({ files: 1 });
    expect(await fixture.branch(empty)).toEqual({ "a.txt": "a" });
  });

  it("rejects a workflow without the permission, and writes it once the permission is granted", async () => {
    const workflow = { ".github/workflows/ci.yml": "on: push\n" };
    const error = await fixture.failure(push(workflow));
    expect(error.code).toBe("workflow_permission_missing");
    fixture.gitHubApp.permissions = { ...fixture.gitHubApp.permissions, workflows: "write" };
    fixture.acme.acceptPermissions();
    expect(await push(workflow)).toMatchObject({ files: 1 });
  });

  it("writes once the contents permission is granted, even without a webhook", async () => {
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

  it("writes after the App lost a permission that writing does not require", async () => {
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

  it("uses a token that is restricted to the repository and to the permissions that writing requires", async () => {
    const other = await fixture.box.createRepository({ owner: "acme", name: "other", private: true, autoInit: true });
    await push({ "a.txt": "a" });
    const narrowing = { repositories: ["infra"], permissions: { contents: "write", metadata: "read" } };
    fixture.box.resetCounters();
    const { token } = await fixture.sdk.app.token({ userId: "7", installationId: fixture.acme.id, ...narrowing });
    // The cached token of the push was returned.
    expect(fixture.count()).toBe(0);
    const { status } = await fetch(`${fixture.server.apiUrl}/repos/${other.fullName}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(404);
  });

  it.each<[string, Tree, object, string]>([
    ["no files", {}, {}, "validation_failed"],
    ["no message", { a: "a" }, { message: " \n" }, "validation_failed"],
    ["a message that is too long", { a: "a" }, { message: "m".repeat(65_537) }, "validation_failed"],
    ["a path outside the repository", { "../a": "a" }, {}, "invalid_path"],
    ["the deletion of a path in .git", { ".git/config": null }, {}, "invalid_path"],
    ["a path that is both a file and a folder", { "a/b/c": "c", a: "a" }, {}, "path_collision"],
    ["names that differ only in case", { "a.txt": "a", "A.txt": "A" }, {}, "path_collision"],
    ["an invalid branch", { a: "a" }, { branch: "-x" }, "invalid_branch"],
    ["an invalid repository name", { a: "a" }, { repository: "acme" }, "invalid_repository_name"],
    ["a missing repository", { a: "a" }, { repository: "acme/none" }, "repository_not_found"],
  ])("rejects %s before anything is written", async (_name, tree, over, code) => {
    expect(await fixture.code(push(tree, over))).toBe(code);
    expect(await commits()).toBe(1);
  });

  it("commits two concurrent pushes", async () => {
    const both = await Promise.all([push({ "a.txt": "a" }), push({ "b.txt": "b" })]);
    expect(both.map(({ files: count }) => count)).toEqual([1, 1]);
    expect(await fixture.branch()).toMatchObject({ "a.txt": "a", "b.txt": "b" });
    expect(await commits()).toBe(3);
  });

  it("is aborted when the SDK is closed", async () => {
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
  it("writes new files, and files that it wrote before", async () => {
    expect(await sync({ "a.txt": "1", "b.txt": "1" })).toMatchObject({ files: 2, conflicts: [] });
    expect(await sync({ "a.txt": "2", "b.txt": null })).toMatchObject({ files: 2, conflicts: [] });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "2" });
    expect(await fixture.branch()).not.toHaveProperty("b.txt");
    expect(await commits()).toBe(3);
  });

  it("ignores changes of other files, and identical changes", async () => {
    await sync({ "a.txt": "1" });
    await commitAsOther({ "elsewhere.txt": "x", "a.txt": "2" });
    expect(await sync({ "a.txt": "2" })).toMatchObject({ files: 0, conflicts: [] });
    expect(await sync({ "a.txt": "3" })).toMatchObject({ files: 1, conflicts: [] });
  });

  it.each<[string, Tree, Parameters<typeof commitAsOther>[0], Tree, string]>([
    ["changed differently", { "a.txt": "1" }, { "a.txt": "other" }, { "a.txt": "2" }, "changed_on_both_sides"],
    [
      "changed while the given content is unchanged",
      { "a.txt": "1" },
      { "a.txt": "other" },
      { "a.txt": "1" },
      "changed_on_both_sides",
    ],
    ["deleted", { "a.txt": "1" }, { "a.txt": null }, { "a.txt": "2" }, "changed_locally_deleted_remotely"],
    [
      "deleted while the given content is unchanged",
      { "a.txt": "1" },
      { "a.txt": null },
      { "a.txt": "1" },
      "changed_locally_deleted_remotely",
    ],
    [
      "changed while it is deleted here",
      { "a.txt": "1" },
      { "a.txt": "other" },
      { "a.txt": null },
      "deleted_locally_changed_remotely",
    ],
    [
      "created without a common base",
      { "b.txt": "1" },
      { "a.txt": "other" },
      { "a.txt": "2" },
      "different_without_common_base",
    ],
    [
      "created while it is deleted here",
      { "b.txt": "1" },
      { "a.txt": "other" },
      { "a.txt": null },
      "deleted_locally_changed_remotely",
    ],
  ])(
    "reports a conflict and writes nothing when a file was %s on the branch; push overwrites it",
    async (_name, first, theirs, second, reason) => {
      await sync(first);
      await commitAsOther(theirs);
      const head = await fixture.infra.head();
      const stopped = await sync({ ...second, "new.txt": "new" });
      expect(stopped).toMatchObject({ commitId: null, commitUrl: null, repository: "acme/infra", files: 0 });
      expect(stopped.conflicts).toMatchObject([{ path: "a.txt", reason, resolved: false }]);
      expect(await fixture.infra.head()).toBe(head);
      // The conflict remains at the next attempt.
      expect((await sync({ ...second, "new.txt": "new" })).conflicts).toHaveLength(1);

      await push({ ...second, "new.txt": "new" });
      expect((await fixture.branch())["a.txt"]).toBe(second["a.txt"] ?? undefined);
      expect(await sync({ "a.txt": "after", "new.txt": "after" })).toMatchObject({ files: 2, conflicts: [] });
    },
  );

  it("recognizes files that push or another user of the installation wrote", async () => {
    await push({ "a.txt": "1" });
    fixture.box.addUser({ login: "cat" });
    fixture.acme.account.members.set("cat", "admin");
    await fixture.connect("9", "cat");
    const theirs = await fixture.sdk.app.sync({ ...request({ "a.txt": "2" }), userId: "9" });
    expect(theirs).toMatchObject({ files: 1, conflicts: [] });
    expect(await sync({ "a.txt": "3" })).toMatchObject({ files: 1, conflicts: [] });
  });

  it("reports a conflict for a change between reading and writing", async () => {
    await sync({ "a.txt": "1" });
    let isFirst = true;
    fixture.box.control.beforeRequest(async ({ operation }) => {
      if (operation !== "createCommitOnBranch" || !isFirst) return;
      isFirst = false;
      await commitAsOther({ "a.txt": "other" });
    });
    expect(await sync({ "a.txt": "2" })).toMatchObject({ commitId: null, conflicts: [{ path: "a.txt" }] });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "other" });
  });

  it("caches the user's right for two minutes, and reads it again before the branch moves", async () => {
    await sync({ "a.txt": "1" });
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(2);
    await sync({ "a.txt": "2" });
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(3);
    fixture.clock.putForward(3 * MINUTE);
    await sync({ "a.txt": "3" });
    expect(fixture.count("GET /repos/{owner}/{repo}")).toBe(5);
  });
});
