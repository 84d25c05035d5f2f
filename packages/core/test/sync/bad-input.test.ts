import { isGitHubSdkError, type SyncRequest } from "@infrajet/github";
import type { MemoryFileTree } from "@infrajet/github/memory";
import { afterEach, describe, expect, it } from "vitest";
import { PROJECT, SyncFixture, type SyncFixtureOptions } from "./sync-fixture.js";

let fixture: SyncFixture;
afterEach(() => fixture.close());

const FILES = { "a.txt": "a\n" };

/** Returns the error of a sync, thrown or recorded, and checks that nothing was written. */
async function refusal(request: Partial<SyncRequest> = {}): Promise<{ code: string; message: string }> {
  const before = await fixture.repository.head();
  const result = await fixture.sync(request).catch((error: unknown) => error);
  expect(await fixture.repository.head()).toBe(before);
  if (isGitHubSdkError(result)) return { code: result.code, message: result.message };
  const { status, error } = result as Awaited<ReturnType<SyncFixture["sync"]>>;
  expect(status).toBe("failed");
  return { code: error?.code ?? "none", message: error?.message ?? "" };
}

async function withFiles(files: MemoryFileTree, options: Omit<SyncFixtureOptions, "files"> = {}): Promise<void> {
  fixture = await SyncFixture.create({ ...options, files });
}

describe("a sync with paths that git rejects", () => {
  it.each([
    ["a path with `..`", { "../up.txt": "x" }, "invalid_path", /\.\./],
    ["a `.git` directory in other case", { "sub/.GIT/config": "x" }, "invalid_path", /\.GIT/],
    ["a name that is too long", { [`${"n".repeat(300)}.txt`]: "x" }, "invalid_path", /nnnn/],
    [
      "two names that differ only in case",
      { "Main.tf": "x", "main.tf": "y" },
      "path_collision",
      /Main\.tf and main\.tf/,
    ],
    ["two names that differ only in Unicode form", { "\u00e9.tf": "x", "e\u0301.tf": "y" }, "path_collision", /Rename/],
    ["an empty project", {}, "project_empty", /no files/],
    ["a project with ignored files only", { ".env": "SECRET=1" }, "project_empty", /1 entries are ignored/],
  ])("fails before a write and names %s", async (_name, files, code, words) => {
    await withFiles(files as MemoryFileTree);
    const { code: actual, message } = await refusal();
    expect(actual).toBe(code);
    expect(message).toMatch(words);
  });

  it("fails for a name that differs only in case from one in the repository", async () => {
    await withFiles({ "readme.md": "mine" });
    expect(await refusal()).toMatchObject({ code: "path_collision", message: expect.stringContaining("README.md") });
  });

  it("reports conflicts between files and directories of the same name", async () => {
    await withFiles({ a: "file", "b/c": "file" });
    await fixture.commit({ "a/x": "theirs", b: "theirs" });
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "failed", error: { code: "conflicts" } });
    expect(record.conflicts.map(({ path, reason }) => [path, reason])).toEqual([
      ["a", "path_is_a_directory_in_the_repository"],
      ["b/c", "parent_is_a_file_in_the_repository"],
    ]);
    expect(record.error?.message).toContain("A directory on the branch: a; Below a file on the branch: b/c.");
  });

  it("reports the branch's size of conflicting files without a base, and of deleted and changed ones", async () => {
    await withFiles({ "a.txt": "mine\n", "gone.txt": "1\n" });
    await fixture.sync();
    await fixture.commit({ "new.txt": "theirs, longer\n", "gone.txt": "changed\n" });
    fixture.write("new.txt", "mine\n");
    fixture.remove("gone.txt");
    const record = await fixture.sync({ strategy: "fail" });
    expect(record.conflicts.map(({ path, remoteSize }) => [path, remoteSize])).toEqual([
      ["gone.txt", 8],
      ["new.txt", 15],
    ]);
    expect(record.error?.message).not.toContain("No earlier sync");
  });

  it("says that no earlier sync is known when the first sync has conflicts", async () => {
    await withFiles({ "README.md": "mine\n" });
    expect(await refusal()).toMatchObject({
      code: "conflicts",
      message: expect.stringContaining("README.md. No earlier sync of the project to this branch is known here"),
    });
  });

  it.each(["infra", "infra/deeper"])("fails when the directory %s is a file in the repository", async (directory) => {
    await withFiles(FILES);
    await fixture.commit({ infra: "a person's file\n" });
    expect(await refusal({ directory })).toMatchObject({
      code: "path_collision",
      message: expect.stringContaining('"infra" is a file'),
    });
  });

  it("fails for a file over GitHub's limit without reading it", async () => {
    await withFiles(FILES);
    const size = 101 * 1024 * 1024;
    const open = fixture.files.open.bind(fixture.files);
    fixture.files.open = async (project, options) => {
      const session = await open(project, options);
      return {
        ...session,
        close: () => session.close(),
        read: () => Promise.reject(new Error("read")),
        async *list() {
          yield { type: "file", path: "big.bin", size, versionTag: null };
        },
      };
    };
    expect(await refusal()).toMatchObject({
      code: "file_too_large",
      message: expect.stringMatching(/big\.bin \(101\.0 MB\)/),
    });
  });
});

describe("an invalid sync request", () => {
  it.each([
    ["branch", { branch: "a..b" }, "invalid_branch"],
    ["repository name", { repository: "no-slash" }, "invalid_repository_name"],
    ["repository name", { repository: "a/b/c" }, "invalid_repository_name"],
    ["directory", { directory: "../x" }, "invalid_path"],
    ["project id", { project: { userId: "7", projectId: "../8" } }, "validation_failed"],
    ["strategy", { strategy: "force" as "ours" }, "validation_failed"],
    ["unknown field", { branhc: "main" } as Partial<SyncRequest>, "validation_failed"],
    ["unknown project", { project: { ...PROJECT, projectId: "other" } }, "project_not_found"],
    ["unknown repository", { repository: "ada/other" }, "repository_not_found"],
    [
      "pull request to a branch that is not there",
      { branch: "x", strategy: "pull_request" as const },
      "branch_not_found",
    ],
  ])("is rejected without a record: %s", async (_name, request, code) => {
    await withFiles(FILES);
    expect(await refusal(request)).toMatchObject({ code, message: expect.stringMatching(/\w/) });
    expect(await fixture.sdk.sync.metrics("7")).toMatchObject({ totalSyncs: 0 });
  });
});

describe("a sync with a credential that lacks a permission", () => {
  it("fails with repository_not_found when it cannot read the repository", async () => {
    await withFiles(FILES);
    fixture.box.addUser({ login: "eve" });
    fixture.repository.private = true;
    fixture.sdks.push(fixture.startSdk({ auth: fixture.box.addToken({ login: "eve", scopes: ["repo"] }) }));
    expect(await refusal()).toMatchObject({ code: "repository_not_found" });
  });

  it("fails with insufficient_permissions when it cannot write to the repository", async () => {
    await withFiles(FILES);
    fixture.box.addUser({ login: "eve" });
    fixture.repository.setPermission("eve", "read");
    fixture.sdks.push(fixture.startSdk({ auth: fixture.box.addToken({ login: "eve", scopes: ["repo"] }) }));
    expect(await refusal()).toMatchObject({
      code: "insufficient_permissions",
      message: expect.stringContaining("ada/infra"),
    });
  });

  it("fails with reauth_required when the token is revoked", async () => {
    await withFiles(FILES);
    fixture.box.revokeToken(fixture.token);
    expect(await refusal()).toMatchObject({ code: "reauth_required" });
  });

  it("fails with workflow_permission_missing when it cannot write workflows", async () => {
    await withFiles({ ".github/workflows/ci.yml": "on: push\n" }, { scopes: ["repo"] });
    expect(await refusal()).toMatchObject({
      code: "workflow_permission_missing",
      message: expect.stringContaining(".github/workflows/ci.yml"),
    });
  });

  it("fails with repository_archived for an archived repository", async () => {
    await withFiles(FILES);
    fixture.repository.archived = true;
    expect(await refusal()).toMatchObject({ code: "repository_archived" });
  });

  it("fails with branch_protected when rules forbid pushes, and can open a pull request", async () => {
    await withFiles(FILES);
    fixture.repository.setRules("main", [{ type: "pull_request" }]);
    expect(await refusal()).toMatchObject({
      code: "branch_protected",
      message: expect.stringContaining("pull_request"),
    });
    expect(await fixture.sync({ strategy: "pull_request" })).toMatchObject({ status: "completed" });
  });
});

describe("a rejected sync", () => {
  it("succeeds as soon as the branch's rules allow it: the rejection is not cached", async () => {
    await withFiles(FILES);
    fixture.repository.setRules("main", [{ type: "pull_request" }]);
    expect(await refusal()).toMatchObject({ code: "branch_protected" });
    expect(await fixture.sync({ bypassRules: true })).toMatchObject({ status: "failed" });
    fixture.repository.setRules("main", []);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1 });
  });

  it("succeeds as soon as the conflict is resolved on the branch", async () => {
    await withFiles(FILES);
    await fixture.commit({ "a.txt": "other\n" });
    expect(await fixture.sync()).toMatchObject({ status: "failed", error: { code: "conflicts" } });
    await fixture.commit({ "a.txt": "a\n" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("is avoided by rejecting stores that do not belong together at start", async () => {
    await withFiles(FILES);
    const { records } = fixture.stores;
    expect(() => fixture.startSdk({ stores: { records } })).toThrow(/stores\.locks must be set together/);
  });
});

describe("a sync that would delete most files", () => {
  const many = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`f${index}.txt`, `${index}`]));

  it("fails with mass_deletion unless allowMassDeletion is set", async () => {
    await withFiles(many);
    await fixture.sync();
    for (let index = 0; index < 13; index++) fixture.remove(`f${index}.txt`);
    expect(await refusal()).toMatchObject({ code: "mass_deletion", message: expect.stringContaining("13 of 24") });
    expect(await fixture.sync({ allowMassDeletion: true })).toMatchObject({ status: "completed", filesDeleted: 13 });
  });

  it("does not treat an incomplete listing as deletions", async () => {
    await withFiles({ ...many, "d/x.txt": "x", "e/y.txt": "y" });
    await fixture.sync();
    const open = fixture.files.open.bind(fixture.files);
    fixture.files.open = async (project, options) => {
      const session = await open(project, options);
      return {
        close: () => session.close(),
        read: (file) => session.read(file),
        async *list(directory) {
          for await (const entry of session.list(directory)) {
            yield entry;
            if (directory === "e") throw new Error("the next page is missing");
          }
        },
      };
    };
    expect(await refusal()).toMatchObject({ code: "internal_error" });
  });

  it("leaves files that are ignored now in the repository", async () => {
    await withFiles({ ...FILES, "out.log": "1\n" });
    await fixture.sync();
    fixture.write(".gitignore", "*.log\n");
    fixture.write("out.log", "2\n");
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 0 });
    await fixture.commit({ "out.log": "theirs\n" });
    expect(await fixture.sync()).toMatchObject({ filesSynced: 0, filesDeleted: 0 });
    expect(await fixture.branch()).toMatchObject({ "out.log": "theirs\n" });
    const plan = await fixture.sdk.sync.plan(fixture.request());
    expect(plan).toMatchObject({ ignored: ["out.log"], ignoredInRepository: ["out.log"] });
  });
});
