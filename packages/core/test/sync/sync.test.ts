import { afterEach, describe, expect, it } from "vitest";
import { originOf } from "../../src/sync/record/own-commit.js";
import { SyncFixture, type SyncFixtureOptions } from "./sync-fixture.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";

let fixture: SyncFixture;
const start = async (options: SyncFixtureOptions = {}): Promise<SyncFixture> => {
  fixture = await SyncFixture.create(options);
  return fixture;
};
afterEach(() => fixture.close());

const onRef = async (method: "DELETE" | "PATCH", branch: string, body: object | null): Promise<void> => {
  const url = `${fixture.server.apiUrl}/repos/ada/infra/git/refs/heads/${branch}`;
  const headers = { authorization: `Bearer ${fixture.token}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body === null ? null : JSON.stringify(body) });
  expect(response.ok).toBe(true);
};
const deleteBranch = (branch: string): Promise<void> => onRef("DELETE", branch, null);
const moveBranch = (branch: string, sha: string | null): Promise<void> => onRef("PATCH", branch, { sha });

const newestMessage = async (): Promise<string> => (await fixture.repository.log())[0]?.message ?? "";

describe("first sync", () => {
  it("adds the project's files to the repository in one commit", async () => {
    await start({ files: { "main.tf": "a\n", "modules/net/main.tf": "b\n", "empty.txt": "", "ünïcode/ß.txt": "c\n" } });
    const record = await fixture.sync({ message: "Add infra" });
    expect(record).toMatchObject({ status: "completed", error: null, filesSynced: 4, filesDeleted: 0 });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "a\n", "modules/net/main.tf": "b\n", "empty.txt": "" });
    expect(await fixture.branch()).toHaveProperty("README.md");
    const [newest] = await fixture.repository.log();
    expect(newest).toMatchObject({ oid: record.commitId, parents: [expect.any(String)] });
    expect(newest?.message).toContain("Add infra");
    expect(await fixture.commits()).toBe(2);
    await fixture.repository.fsck();
  });

  it("opens the project's source once", async () => {
    await start({ files: { "main.tf": "a\n" } });
    expect(await fixture.sync()).toMatchObject({ status: "completed" });
    expect(fixture.opens).toBe(1);
  });

  it("keeps modes, links and binary content", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 256);
    await start({
      files: {
        "bin/run.sh": { content: "#!/bin/sh\n", mode: "100755" },
        link: { content: "bin/run.sh", mode: "120000" },
        "logo.bin": bytes,
      },
    });
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "push" });
    const files = await fixture.repository.files();
    expect(files.get("bin/run.sh")?.mode).toBe("100755");
    expect(files.get("link")).toMatchObject({ mode: "120000", content: Buffer.from("bin/run.sh") });
    expect(files.get("logo.bin")?.content).toEqual(Buffer.from(bytes));
    await fixture.repository.fsck();
  });

  it("initializes an empty repository with one commit", async () => {
    await start({ empty: true, files: { "a.txt": "a\n", "b.txt": "bb\n" } });
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "completed", writer: "push", filesSynced: 2, notes: [] });
    expect(await fixture.branch()).toEqual({ "a.txt": "a\n", "b.txt": "bb\n" });
    expect(await fixture.commits()).toBe(1);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("initializes an empty repository through the REST API and notes the extra commit", async () => {
    await start({ empty: true, files: { "a.txt": "a\n", "b.txt": "bb\n" } });
    const record = await fixture.sync({ writer: "git-data" });
    expect(record).toMatchObject({ status: "completed", filesSynced: 2 });
    expect(record.notes).toHaveLength(1);
    expect(await fixture.branch()).toEqual({ "a.txt": "a\n", "b.txt": "bb\n" });
    expect(await fixture.commits()).toBe(2);
  });

  it("creates a missing branch from the default branch", async () => {
    await start({ files: { "a.txt": "a\n" } });
    expect(await fixture.sync({ branch: "live" })).toMatchObject({ status: "completed" });
    expect(Object.keys(await fixture.branch("live"))).toEqual(["README.md", "a.txt"]);
    expect(Object.keys(await fixture.branch("main"))).toEqual(["README.md"]);
  });

  it("creates a missing branch even when the project has no changes", async () => {
    await start({ files: {} });
    await fixture.commit({ "a.txt": "a\n" });
    fixture.write("a.txt", "a\n");
    const record = await fixture.sync({ branch: "live" });
    expect(record).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.repository.head("live")).toBe(await fixture.repository.head());
    expect(record.commitId).toBe(await fixture.repository.head());
  });

  it("writes all files again to a branch that was deleted", async () => {
    await start({ files: { "a.txt": "a\n", "b.txt": "b\n" } });
    await fixture.sync({ branch: "dev" });
    await deleteBranch("dev");
    expect(await fixture.sync({ branch: "dev" })).toMatchObject({ status: "completed", filesSynced: 2 });
    expect(await fixture.branch("dev")).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n" });
  });

  it("reports a conflict when the start of a deleted branch has another version of a file", async () => {
    await start({ files: { "a.txt": "ours\n", "new.txt": "new\n" } });
    await fixture.commit({ "a.txt": "old\n" });
    await fixture.sync({ branch: "dev", strategy: "ours" });
    await deleteBranch("dev");
    const again = await fixture.sync({ branch: "dev" });
    expect(again).toMatchObject({ status: "failed", conflicts: [{ path: "a.txt" }] });
    expect(await fixture.repository.head("dev")).toBeNull();
    const ours = await fixture.sync({ branch: "dev", strategy: "ours" });
    expect(ours).toMatchObject({ status: "completed", filesSynced: 2 });
    expect(await fixture.branch("dev")).toMatchObject({ "a.txt": "ours\n", "new.txt": "new\n" });
  });

  it("continues from the default branch when the branch was merged and deleted", async () => {
    await start({ files: { "a.txt": "ours\n" } });
    await fixture.sync({ branch: "dev" });
    await moveBranch("main", await fixture.repository.head("dev"));
    await fixture.commit({ "a.txt": "theirs\n" });
    await deleteBranch("dev");
    fixture.write("b.txt", "b\n");
    expect(await fixture.sync({ branch: "dev" })).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch("dev")).toMatchObject({ "a.txt": "theirs\n", "b.txt": "b\n" });
  });

  it("fails with branch_protected when rules forbid the creation of a branch without changes", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.sync();
    fixture.repository.setRules("dev", [{ type: "creation" }]);
    expect(await fixture.sync({ branch: "dev" })).toMatchObject({
      status: "failed",
      error: { code: "branch_protected" },
    });
    expect(await fixture.repository.head("dev")).toBeNull();
  });

  it("reads the branch again when another user creates it first", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.sync();
    fixture.box.control.beforeRequest(async ({ route }) => {
      if (route !== "POST /repos/{owner}/{repo}/git/refs") return;
      await fixture.commit({ "a.txt": "a\n", "theirs.txt": "theirs\n" }, "dev");
    });
    const record = await fixture.sync({ branch: "dev" });
    expect(record).toMatchObject({ status: "completed", commitId: await fixture.repository.head("dev") });
    expect(await fixture.branch("dev")).toMatchObject({ "a.txt": "a\n", "theirs.txt": "theirs\n" });
  });

  it("mirrors the project in a directory and leaves all other files alone", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.commit({ "a.txt": "theirs\n", "infra/old.txt": "old\n" });
    expect(await fixture.sync({ directory: "infra" })).toMatchObject({ status: "completed" });
    expect(await fixture.branch()).toMatchObject({
      "a.txt": "theirs\n",
      "infra/a.txt": "a\n",
      "infra/old.txt": "old\n",
    });
  });
});

describe("requests of a sync", () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i % 40}/f${i}.txt`, `file ${i}\n`]));

  it.each([
    ["an empty repository", true, ["repository", "GET /{owner}/{repo}.git/info/refs", PUSH]],
    ["a repository", false, ["repository", "GET /repos/{owner}/{repo}/git/trees/{tree_sha}", PUSH]],
  ])("writes 2,000 files to %s with three requests and one commit", async (_name, empty, calls) => {
    await start({ empty, files: many(2_000) });
    const before = empty ? 0 : 1;
    fixture.box.resetCounters();
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "push", filesSynced: 2_000 });
    expect(fixture.box.requests.map(({ route, operation }) => operation ?? route)).toEqual(calls);
    expect((await fixture.commits()) - before).toBe(1);
    expect(fixture.reads).toBe(2_000);
    await fixture.repository.fsck();
  });

  it.each(["auto", "push"] as const)("writes 5 of 2,000 files with two requests (%s)", async (writer) => {
    await start({ files: many(2_000) });
    await fixture.sync();
    for (let i = 0; i < 5; i++) fixture.write(`d${i}/f${i}.txt`, `changed ${i}\n`);
    fixture.box.resetCounters();
    fixture.reads = 0;
    expect(await fixture.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 5 });
    expect(fixture.box.count()).toBe(2);
    expect(fixture.box.requests.reduce((sum, { bytesIn }) => sum + bytesIn, 0)).toBeLessThan(100_000);
    expect(fixture.reads).toBe(5);
  });

  it("reads the trees above a project's directory once", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.commit({ "apps/web/index.html": "web\n", "apps/infra/old.tf": "old\n" });
    const sync = () => fixture.sync({ writer: "push", directory: "apps/infra" });
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    for (const text of ["b\n", "c\n"]) {
      fixture.write("a.txt", text);
      fixture.box.resetCounters();
      expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1 });
      expect(fixture.routes()).toEqual(["GET /repos/{owner}/{repo}/git/ref/{ref}", PUSH]);
    }
    expect(await fixture.branch()).toMatchObject({
      "apps/web/index.html": "web\n",
      "apps/infra/old.tf": "old\n",
      "apps/infra/a.txt": "c\n",
    });
    fixture.remove("a.txt");
    fixture.write("b/c.txt", "c\n");
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 1 });
    await fixture.repository.fsck();
  });

  it("sends one conditional request for an unchanged project and reads no files", async () => {
    await start({ files: { "a.txt": "a\n", "b/c.txt": "c\n", ".gitignore": "*.log\n" } });
    await fixture.sync();
    for (let repeat = 0; repeat < 3; repeat++) {
      fixture.box.resetCounters();
      fixture.reads = 0;
      expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
      expect(fixture.box.count()).toBe(1);
      expect(fixture.reads).toBe(0);
    }
    expect(fixture.box.requests[0]?.status).toBe(304);
    expect(await fixture.commits()).toBe(2);
  });

  it("sends one request for an unchanged project in a new process", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.sync();
    fixture.sdks.push(fixture.startSdk());
    fixture.box.resetCounters();
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(fixture.box.count()).toBe(1);
  });

  it.each(["auto", "git-data"] as const)(
    "writes 5 changed files of 1,000 with at most 4 requests (%s)",
    async (writer) => {
      const files = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`d${i % 20}/f${i}.txt`, `file ${i}\n`]));
      await start({ files });
      expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1000 });
      for (let i = 0; i < 5; i++) fixture.write(`d${i}/f${i}.txt`, `changed ${i}\n`);
      fixture.box.resetCounters();
      fixture.reads = 0;
      expect(await fixture.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 5 });
      expect(fixture.box.count()).toBeLessThanOrEqual(4);
      expect(fixture.reads).toBe(5);
      expect(await fixture.branch()).toMatchObject({ "d4/f4.txt": "changed 4\n" });
    },
  );
});

describe("conflicts", () => {
  const base = { "main.tf": "one\ntwo\nthree\nfour\nfive\n" };
  const ours = "ONE\ntwo\nthree\nfour\nfive\n";
  const theirs = "one\ntwo\nthree\nfour\nFIVE\n";

  it("conflicts on different lines are merged, and the next sync does not revert the merge", async () => {
    await start({ files: base });
    await fixture.sync();
    await fixture.commit({ "main.tf": theirs });
    fixture.write("main.tf", ours);
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "completed", conflictsResolved: 1 });
    expect(record.conflicts).toMatchObject([{ path: "main.tf", resolved: true, resolution: "merge" }]);
    expect(await fixture.branch()).toMatchObject({ "main.tf": "ONE\ntwo\nthree\nfour\nFIVE\n" });
    const commits = await fixture.commits();
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.commits()).toBe(commits);
    // The base is the project's own version: its next edit is merged again.
    fixture.write("main.tf", "ONE\ntwo\nTHREE\nfour\nfive\n");
    await fixture.sync();
    expect(await fixture.branch()).toMatchObject({ "main.tf": "ONE\ntwo\nTHREE\nfour\nFIVE\n" });
  });

  it("a conflict that does not merge fails the sync without a write, and `ours` and `theirs` resolve it", async () => {
    await start({ files: base });
    await fixture.sync();
    await fixture.commit({ "main.tf": "theirs\n" });
    fixture.write("main.tf", "ours\n");
    fixture.write("other.tf", "other\n");
    const failed = await fixture.sync();
    expect(failed).toMatchObject({ status: "failed", error: { code: "conflicts" } });
    expect(failed.conflicts).toMatchObject([{ path: "main.tf", resolved: false, reason: "changed_on_both_sides" }]);
    expect(await fixture.branch()).toEqual({ "README.md": expect.any(String), "main.tf": "theirs\n" });
    expect(await fixture.sync({ strategy: "fail" })).toMatchObject({ status: "failed" });

    expect(await fixture.sync({ strategy: "theirs" })).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "theirs\n", "other.tf": "other\n" });
    // After `theirs` the project's file counts as unchanged, so that `ours` does not overwrite the branch.
    expect(await fixture.sync({ strategy: "ours" })).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "theirs\n" });

    fixture.write("main.tf", "ours again\n");
    expect(await fixture.sync({ strategy: "ours" })).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "ours again\n" });
  });

  it("conflicts of files that are too large to merge are reported without reading the files", async () => {
    const large = (text: string): Buffer => Buffer.alloc(5 * 1024 * 1024, text);
    await start({ files: { "large.txt": large("base\n") } });
    await fixture.sync();
    await fixture.commit({ "large.txt": large("theirs\n") });
    fixture.write("large.txt", large("ours\n"));
    fixture.box.resetCounters();
    const { conflicts } = await fixture.sync();
    expect(conflicts).toMatchObject([{ path: "large.txt", resolved: false, remoteSize: 5 * 1024 * 1024 }]);
    expect(fixture.routes()).not.toContain("GET /repos/{owner}/{repo}/git/blobs/{file_sha}");
  });

  it("a conflict between a change and a deletion keeps the change", async () => {
    await start({ files: { "a.txt": "a\n", "b.txt": "b\n" } });
    await fixture.sync();
    await fixture.commit({ "a.txt": "changed\n", "b.txt": null });
    fixture.remove("a.txt");
    fixture.write("b.txt", "changed\n");
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "completed", conflictsResolved: 2 });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "changed\n", "b.txt": "changed\n" });
    expect(await fixture.sync()).toMatchObject({ filesSynced: 0, filesDeleted: 0 });
  });

  it("the pull_request strategy opens a pull request and changes neither the branch nor the baseline", async () => {
    await start({ files: base });
    await fixture.sync();
    await fixture.commit({ "main.tf": "theirs\n" });
    fixture.write("main.tf", "ours\n");
    const head = await fixture.repository.head();
    const record = await fixture.sync({ strategy: "pull_request" });
    expect(record).toMatchObject({ status: "completed", pullRequestUrl: expect.stringContaining("/pull/1") });
    expect(await fixture.repository.head()).toBe(head);
    expect(
      await fixture.branch(`infrajet/sync-${record.id}-${record.createdAt.getTime().toString(36)}-to-main`),
    ).toMatchObject({ "main.tf": "ours\n" });
    expect(await fixture.sync()).toMatchObject({ status: "failed", error: { code: "conflicts" } });
  });
});

describe("files that are ignored after they were synced", () => {
  it("stay in the repository until a sync with deleteIgnored", async () => {
    await start({ files: { "a.txt": "a\n", "gen/b.txt": "b\n" } });
    await fixture.sync();
    fixture.write(".gitignore", "gen/\n");
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 0 });
    expect(await fixture.branch()).toMatchObject({ "gen/b.txt": "b\n" });
    expect(await fixture.sync({ deleteIgnored: true })).toMatchObject({ filesSynced: 0, filesDeleted: 1 });
    expect(Object.keys(await fixture.branch())).toEqual([".gitignore", "README.md", "a.txt"]);
  });
});

describe("files that .gitattributes assigns to a filter", () => {
  const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n";

  it("are named in the plan and in the notes, except LFS pointers", async () => {
    await start({
      files: {
        ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "a.bin": "binary",
        "pointer.bin": POINTER,
        "a.txt": "text\n",
      },
    });
    const plan = await fixture.sdk.sync.plan(fixture.request());
    expect(plan.filtered).toEqual(["a.bin"]);
    const { notes } = await fixture.sync();
    expect(notes).toEqual(["Written without the filter that .gitattributes assigns (such as Git LFS): a.bin."]);
    fixture.write("a.txt", "changed\n");
    expect(await fixture.sync()).toMatchObject({ notes: [], filesSynced: 1 });
  });

  it("are counted in the notes when there are many", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `${index}-${"x".repeat(200)}.bin`);
    const files = Object.fromEntries(names.map((name) => [name, "binary"]));
    await start({ files: { ".gitattributes": "*.bin filter=lfs\n", ...files } });
    const [note] = (await fixture.sync()).notes;
    expect(note).toMatch(/\.bin and 30 more\.$/);
    expect(note?.length).toBeLessThan(3_000);
  });

  it("are found by the branch's .gitattributes as well", async () => {
    await start({ files: { "sub/a.bin": "binary" } });
    await fixture.commit({ ".gitattributes": "*.bin filter=lfs\n" });
    expect((await fixture.sdk.sync.plan(fixture.request())).filtered).toEqual(["sub/a.bin"]);
  });
});

describe("files that are not ignored any more", () => {
  it("stay on the branch when the project deleted them while they were ignored", async () => {
    await start({ files: { "a.txt": "a\n", "big.bin": "big\n" } });
    await fixture.sync();
    fixture.write(".gitignore", "big.bin\n");
    fixture.remove("big.bin");
    expect(await fixture.sync()).toMatchObject({ filesSynced: 1, filesDeleted: 0 });
    fixture.write(".gitignore", "# nothing\n");
    const plan = await fixture.sdk.sync.plan(fixture.request({ deleteIgnored: true }));
    expect(plan.changes.map(({ path, action }) => [path, action])).toEqual([[".gitignore", "update"]]);
    expect(await fixture.sync()).toMatchObject({ filesSynced: 1, filesDeleted: 0 });
    expect(await fixture.branch()).toMatchObject({ "big.bin": "big\n" });
    expect(await fixture.sync()).toMatchObject({ filesSynced: 0, filesDeleted: 0 });
    expect(await fixture.branch()).toMatchObject({ "big.bin": "big\n" });
  });

  it("are compared without a base", async () => {
    await start({ files: { "a.txt": "a\n", "b.txt": "b\n" } });
    await fixture.sync();
    fixture.write(".gitignore", "a.txt\nb.txt\n");
    await fixture.sync();
    fixture.write("a.txt", "changed\n");
    fixture.write(".gitignore", "# nothing\n");
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "failed", conflicts: [{ path: "a.txt" }] });
    expect(record.conflicts[0]?.reason).toBe("different_without_common_base");
    expect(await fixture.sync({ strategy: "ours" })).toMatchObject({ status: "completed", filesSynced: 2 });
    fixture.remove("b.txt");
    expect(await fixture.sync()).toMatchObject({ filesSynced: 0, filesDeleted: 1 });
  });
});

describe("plan and apply", () => {
  it("apply writes exactly the plan, or fails with plan_stale when either side has moved", async () => {
    await start({ files: { "a.txt": "a\n" } });
    const plan = await fixture.sdk.sync.plan(fixture.request());
    expect(plan.changes).toMatchObject([{ path: "a.txt", action: "add" }]);
    expect(await fixture.commits()).toBe(1);

    await fixture.commit({ "README.md": "moved\n" });
    const stale = await fixture.sdk.sync.apply(fixture.request(), plan.hash);
    expect(stale).toMatchObject({ status: "failed", error: { code: "plan_stale" } });

    const again = await fixture.sdk.sync.plan(fixture.request());
    fixture.write("a.txt", "b\n");
    expect(await fixture.sdk.sync.apply(fixture.request(), again.hash)).toMatchObject({
      error: { code: "plan_stale" },
    });
    expect(await fixture.branch()).not.toHaveProperty("a.txt");

    const last = await fixture.sdk.sync.plan(fixture.request());
    expect(await fixture.sdk.sync.apply(fixture.request(), last.hash)).toMatchObject({ status: "completed" });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "b\n" });
  });
});

describe("a sync with filePaths", () => {
  it("writes only these paths, and deletes one that the project no longer has if an earlier sync wrote it", async () => {
    await start({ files: { "a.txt": "a\n", "b.txt": "b\n", "d/c.txt": "c\n" } });
    await fixture.sync();
    for (const path of ["a.txt", "b.txt", "d/c.txt"]) fixture.write(path, "new\n");
    fixture.remove("b.txt");
    expect(await fixture.sync({ filePaths: ["b.txt", "d/c.txt", "README.md"] })).toMatchObject({
      filesSynced: 1,
      filesDeleted: 1,
    });
    const branch = await fixture.branch();
    expect(branch).toMatchObject({ "a.txt": "a\n", "d/c.txt": "new\n" });
    expect(branch).not.toHaveProperty("b.txt");
    expect(branch).toHaveProperty("README.md");
    expect(await fixture.sync()).toMatchObject({ filesSynced: 1 });
  });
});

describe("originOf", () => {
  it("recognizes a sync's commit even when its message quotes another trailer, and not a copied message", async () => {
    await start({ files: { "a.txt": "a\n" } });
    const { commitId, target } = await fixture.sync();
    const quoted = await newestMessage();
    fixture.write("a.txt", "b\n");
    const again = await fixture.sync({ message: `Again\n\n${quoted}\n\nand more` });
    const origin = (id: string | null, message: string) =>
      originOf(fixture.stores.records, { repositoryId: target.repositoryId, commitId: id ?? "", message });
    expect(await origin(commitId, quoted)).toMatchObject({ target, direction: "push" });
    expect(await origin(again.commitId, await newestMessage())).toEqual({
      ...{ target, direction: "push" },
      parent: commitId,
    });
    const copy = await fixture.repository.commit({ files: { "a.txt": "c\n" }, message: quoted });
    expect(await origin(copy, quoted)).toBeNull();
    expect(await origin(copy, "Fix a typo")).toBeNull();
  });
});

describe("a sync to a renamed repository", () => {
  it("uses the same baseline under both names", async () => {
    await start({ files: { "a.txt": "a\n" } });
    await fixture.sync();
    fixture.repository.rename("renamed");
    await fixture.commit({ "a.txt": "theirs\n" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    fixture.write("b.txt", "b\n");
    expect(await fixture.sync({ repository: "ADA/renamed" })).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "theirs\n", "b.txt": "b\n" });
  });
});
