import { GitHubSdkError, type SyncRequest } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture, type SyncFixtureOptions } from "./sync-fixture.js";

const LINES = "1\n2\n3\n4\n5\n6\n7\n";
const TOP = LINES.replace("1", "one");
const BOTTOM = LINES.replace("7", "seven");
const WRITERS = ["graphql", "git-data", "push"] as const;

let fixture: SyncFixture;

async function synced(files: NonNullable<SyncFixtureOptions["files"]>): Promise<void> {
  fixture = await SyncFixture.create({ files, empty: true });
  expect((await fixture.sync()).error).toBeNull();
}

async function completed(request: Partial<SyncRequest> = {}): Promise<SyncRecord> {
  const record = await fixture.sync(request);
  expect(record).toMatchObject({ status: "completed", error: null });
  return record;
}

afterEach(() => fixture.close());

describe("sync.revert", () => {
  for (const writer of WRITERS) {
    it(`takes exactly one sync back in one commit, and keeps later edits, with the writer ${writer}`, async () => {
      await synced({ "a.txt": LINES, "b.txt": "b", "c.txt": "c", "other.txt": "1" });
      fixture.write("a.txt", TOP);
      fixture.write("dir/new.txt", "new");
      fixture.remove("b.txt");
      const wanted = await completed({ writer });
      await fixture.commit({ "a.txt": TOP.replace("7", "seven"), "other.txt": "2" });
      const commits = await fixture.commits();
      const reverted = await fixture.sdk.sync.revert(wanted.id);
      expect(reverted).toMatchObject({ status: "completed", error: null, filesSynced: 2, filesDeleted: 1, writer });
      expect(reverted).toMatchObject({ direction: "push", conflictsResolved: 1, runsFrom: 3 });
      expect(await fixture.commits()).toBe(commits + 1);
      const branch = { "a.txt": BOTTOM, "b.txt": "b", "c.txt": "c", "other.txt": "2" };
      expect(await fixture.branch()).toEqual(branch);
      const [commit] = await fixture.repository.log();
      expect(commit?.message).toContain(`Revert sync ${wanted.id}\n\nThis reverts commit ${wanted.commitId}.`);
      // The project is behind: a push writes nothing back.
      const project = { "a.txt": TOP, "c.txt": "c", "dir/new.txt": "new", "other.txt": "1" };
      expect(await fixture.project()).toEqual(project);
      expect(await completed()).toMatchObject({ filesSynced: 0, filesDeleted: 0, conflicts: [] });
      expect(await fixture.branch()).toEqual(branch);
      // A two-way sync brings the branch's versions, and drops nothing that the history has not.
      expect(await completed({ direction: "two_way" })).toMatchObject({
        filesSynced: 0,
        filesDeleted: 0,
        filesKept: 0,
      });
      expect([await fixture.project(), await fixture.branch()]).toEqual([branch, branch]);
    });
  }

  it("sends no content that the repository has, with the writer push", async () => {
    await synced({ "a.bin": "old" });
    fixture.write("a.bin", "new");
    const wanted = await completed({ writer: "push" });
    const before = fixture.box.requests.length;
    expect(await fixture.sdk.sync.revert(wanted.id)).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(
      fixture
        .routes()
        .slice(before)
        .filter((route) => route.includes("blobs")),
    ).toEqual([]);
    expect(await fixture.branch()).toEqual({ "a.bin": "old" });
  });

  it("restores modes and files below the sync's directory only", async () => {
    await synced({ "run.sh": { content: "#!", mode: "100755" } });
    await completed({ directory: "infra/prod" });
    fixture.write("run.sh", { content: "#!", mode: "100644" });
    fixture.write("x.tf", "x");
    const wanted = await completed({ directory: "infra/prod" });
    await fixture.commit({ "run.sh": "root" });
    expect(await fixture.sdk.sync.revert(wanted.id)).toMatchObject({
      status: "completed",
      filesSynced: 1,
      filesDeleted: 1,
    });
    const files = await fixture.repository.files();
    expect(files.get("infra/prod/run.sh")?.mode).toBe("100755");
    expect([...files.keys()].sort()).toEqual(["infra/prod/run.sh", "run.sh"]);
  });

  it("takes back the first sync, and itself", async () => {
    fixture = await SyncFixture.create({ files: { "a.tf": "a" } });
    const first = await completed();
    const undone = await fixture.sdk.sync.revert(first.id);
    expect(undone).toMatchObject({ status: "completed", filesDeleted: 1 });
    expect(Object.keys(await fixture.branch())).toEqual(["README.md"]);
    const redone = await fixture.sdk.sync.revert(undone.id);
    expect(redone).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toMatchObject({ "a.tf": "a" });
    expect(await completed()).toMatchObject({ filesSynced: 0, filesDeleted: 0 });
  });

  it("stops with conflicts, and writes nothing, when later edits overlap", async () => {
    await synced({ "a.txt": "1\n", "b.txt": "1\n", "d.txt": "1\n" });
    fixture.write("a.txt", "2\n");
    fixture.write("b.txt", "2\n");
    fixture.write("c.txt", "2\n");
    fixture.write("d.txt", "2\n");
    const wanted = await completed();
    const head = await fixture.commit({ "a.txt": "3\n", "c.txt": "3\n", "d.txt": null });
    const failed = await fixture.sdk.sync.revert(wanted.id);
    expect(failed).toMatchObject({ status: "failed", error: { code: "conflicts" }, filesSynced: 0, commitId: null });
    expect(failed.error?.message).toContain(`Sync ${wanted.id} cannot be taken back`);
    expect(failed.conflicts.map(({ path, resolved }) => [path, resolved])).toEqual([
      ["a.txt", false],
      ["c.txt", false],
      ["d.txt", false],
    ]);
    expect(await fixture.repository.head()).toBe(head);
    // They are not conflicts of the project.
    const target = { project: { userId: "7", projectId: "infra" }, repository: "ada/infra" };
    expect(await fixture.sdk.sync.conflicts(target)).toEqual([]);
    // Once the edits are gone, the same record can be retried.
    await fixture.commit({ "a.txt": "2\n", "c.txt": "2\n", "d.txt": "2\n" });
    expect(await fixture.sdk.sync.retry(failed.id)).toMatchObject({
      status: "completed",
      filesSynced: 3,
      filesDeleted: 1,
    });
    expect(await fixture.branch()).toEqual({ "a.txt": "1\n", "b.txt": "1\n", "d.txt": "1\n" });
  });

  it("writes nothing when the changes are taken back already", async () => {
    await synced({ "a.txt": "1\n" });
    fixture.write("a.txt", "2\n");
    const wanted = await completed();
    await fixture.sdk.sync.revert(wanted.id);
    const head = await fixture.repository.head();
    const again = await fixture.sdk.sync.revert(wanted.id);
    expect(again).toMatchObject({ status: "completed", filesSynced: 0, filesDeleted: 0, commitId: head });
    expect(again.notes).toEqual([`The branch has none of the changes of sync ${wanted.id} any more.`]);
    // It wrote no commit, so it cannot be taken back itself.
    await expect(fixture.sdk.sync.revert(again.id)).rejects.toMatchObject({ code: "sync_not_revertible" });
  });

  it("leaves the changes of a project that an earlier pull did not finish to the next pull", async () => {
    await synced({ "a.txt": "1\n", "b.txt": "1\n" });
    fixture.write("a.txt", "2\n");
    const wanted = await completed();
    await fixture.commit({ "b.txt": "theirs\n", "new.txt": "theirs\n" });
    const full = fixture.startSdk({
      projectFiles: {
        open: (...given) => fixture.files.open(...given),
        openToWrite: async (...given) => {
          const session = await fixture.files.openToWrite(...given);
          const replace = () => Promise.reject(new GitHubSdkError("source_unavailable", "The disk is full."));
          return {
            traits: session.traits,
            replace,
            remove: replace,
            tidy: async () => {},
            close: () => session.close(),
          };
        },
      },
    });
    fixture.sdks.unshift(full);
    const unfinished = await full.sync.run(fixture.request({ direction: "pull" }));
    expect(unfinished).toMatchObject({ status: "failed", error: { code: "source_unavailable" } });
    expect(await fixture.sdk.sync.revert(wanted.id)).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.project()).toEqual({ "a.txt": "2\n", "b.txt": "1\n" });
    expect(await completed({ direction: "two_way" })).toMatchObject({ filesPulled: 3, filesSynced: 0, filesKept: 0 });
    expect(await fixture.project()).toEqual({ "a.txt": "1\n", "b.txt": "theirs\n", "new.txt": "theirs\n" });
    expect(await fixture.branch()).toEqual(await fixture.project());
  });

  it("merges a later edit of the project with what was taken back", async () => {
    await synced({ "a.txt": LINES });
    fixture.write("a.txt", TOP);
    const wanted = await completed();
    await fixture.sdk.sync.revert(wanted.id);
    fixture.write("a.txt", TOP.replace("7", "seven"));
    expect(await completed()).toMatchObject({ filesSynced: 1, conflictsResolved: 1 });
    expect(await fixture.branch()).toEqual({ "a.txt": BOTTOM });
  });

  it("rejects syncs without a commit on the branch, and leaves no record", async () => {
    await synced({ "a.txt": "1\n" });
    const { sync } = fixture.sdk;
    const refused = { code: "sync_not_revertible", status: 400 };
    await expect(sync.revert((await completed()).id)).rejects.toMatchObject(refused);
    fixture.write("a.txt", "2\n");
    const proposed = await completed({ strategy: "pull_request" });
    await expect(sync.revert(proposed.id)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("/pull/"),
    });
    await fixture.commit({ "a.txt": "theirs\n" });
    const failed = await fixture.sync({ strategy: "fail" });
    await expect(sync.revert(failed.id)).rejects.toMatchObject(refused);
    const pulled = await completed({ direction: "pull", strategy: "theirs" });
    await expect(sync.revert(pulled.id)).rejects.toMatchObject(refused);
    await expect(sync.revert(99_999)).rejects.toMatchObject({ code: "sync_record_not_found" });
    expect((await fixture.stores.records.history({ userId: "7", projectId: "infra" }, 50, null)).records).toHaveLength(
      5,
    );
  });

  it("rejects a branch that was protected since, and names what is possible", async () => {
    await synced({ "a.txt": "1\n" });
    fixture.repository.protect("main", { requiredPullRequestReviews: true });
    // The rules of a branch are cached for minutes.
    await fixture.restart();
    const [first] = (await fixture.stores.records.history({ userId: "7", projectId: "infra" }, 1, null)).records;
    await expect(fixture.sdk.sync.revert(first?.id ?? 0)).rejects.toMatchObject({
      code: "branch_protected",
      message: expect.stringMatching(/forbids direct pushes\. Revert the sync's commit in a pull request on GitHub\.$/),
    });
  });

  it("rejects a sync whose commit a force-push removed from the branch", async () => {
    await synced({ "a.txt": "1\n" });
    const before = await fixture.repository.head();
    fixture.write("a.txt", "2\n");
    const wanted = await completed();
    const url = `${fixture.server.apiUrl}/repos/ada/infra/git/refs/heads/main`;
    const headers = { authorization: `Bearer ${fixture.token}`, "content-type": "application/json" };
    const moved = await fetch(url, { method: "PATCH", headers, body: JSON.stringify({ sha: before, force: true }) });
    expect(moved.ok).toBe(true);
    await expect(fixture.sdk.sync.revert(wanted.id)).rejects.toMatchObject({
      code: "sync_not_revertible",
      message: expect.stringContaining("no longer contains"),
    });
  });
});
