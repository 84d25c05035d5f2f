import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture, type SyncFixtureOptions } from "./sync-fixture.js";

const LINES = "1\n2\n3\n4\n5\n6\n7\n";
const TOP = LINES.replace("1", "one");
const BOTTOM = LINES.replace("7", "seven");
const BOTH = TOP.replace("7", "seven");

let fixture: SyncFixture;

async function synced(files: NonNullable<SyncFixtureOptions["files"]>): Promise<SyncFixture> {
  fixture = await SyncFixture.create({ files, empty: true });
  expect((await fixture.sync()).error).toBeNull();
  return fixture;
}

afterEach(() => fixture.close());

const onRef = async (method: "DELETE" | "PATCH", branch: string, body: object | null): Promise<void> => {
  const url = `${fixture.server.apiUrl}/repos/ada/infra/git/refs/heads/${branch}`;
  const headers = { authorization: `Bearer ${fixture.token}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body === null ? null : JSON.stringify(body) });
  expect(response.ok).toBe(true);
};

describe("a sync with the direction pull", () => {
  it("brings edits, new files and deletions of the branch into the project, and leaves the branch alone", async () => {
    await synced({ "a.tf": "a", "b.tf": "b", "c.tf": "c" });
    const head = await fixture.commit({ "a.tf": "A", "new/d.tf": "d", "b.tf": null });
    fixture.write("c.tf", "mine");
    const record = await fixture.sync({ direction: "pull" });
    expect(record).toMatchObject({ status: "completed", direction: "pull", commitId: head, error: null });
    expect(record).toMatchObject({ filesPulled: 2, filesRemoved: 1, filesKept: 0, filesSynced: 0, filesDeleted: 0 });
    expect(await fixture.project()).toEqual({ "a.tf": "A", "c.tf": "mine", "new/d.tf": "d" });
    expect(await fixture.branch()).toEqual({ "a.tf": "A", "c.tf": "c", "new/d.tf": "d" });
    const again = await fixture.sync({ direction: "pull" });
    expect(again).toMatchObject({ status: "completed", filesPulled: 0, filesRemoved: 0 });
    // The next push writes what the project is ahead by, and nothing else.
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 0 });
    expect(await fixture.branch()).toEqual({ "a.tf": "A", "c.tf": "mine", "new/d.tf": "d" });
  });

  it("fills an empty project, and leaves ignored files of the branch alone", async () => {
    fixture = await SyncFixture.create();
    await fixture.commit({ "main.tf": "x", "run.sh": { content: "#!/bin/sh\n", mode: "100755" }, ".env": "SECRET" });
    const record = await fixture.sync({ direction: "pull" });
    expect(record).toMatchObject({ status: "completed", filesPulled: 3 });
    expect(await fixture.project()).toEqual({
      "README.md": expect.any(String),
      "main.tf": "x",
      "run.sh": "#!/bin/sh\n",
    });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0, filesDeleted: 0 });
  });

  it("merges into the project, and the branch stays behind until the next push", async () => {
    await synced({ "a.txt": LINES });
    fixture.write("a.txt", TOP);
    await fixture.commit({ "a.txt": BOTTOM });
    const record = await fixture.sync({ direction: "pull" });
    expect(record).toMatchObject({ status: "completed", filesPulled: 1, filesSynced: 0, conflictsResolved: 1 });
    expect([await fixture.project(), await fixture.branch()]).toEqual([{ "a.txt": BOTH }, { "a.txt": BOTTOM }]);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toEqual({ "a.txt": BOTH });
  });

  it("moves the project's own version aside when the branch's is taken", async () => {
    await synced({ "a.tf": "a" });
    fixture.write("a.tf", "mine");
    await fixture.commit({ "a.tf": "theirs" });
    const record = await fixture.sync({ direction: "pull", strategy: "theirs" });
    expect(record).toMatchObject({ status: "completed", filesPulled: 1, filesKept: 1 });
    expect(record.notes.join()).toContain("a.tf");
    expect(await fixture.project()).toEqual({ "a.tf": "theirs", [`.infrajet/kept/${record.id}/a.tf`]: "mine" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("fails when the branch does not exist, and creates no record", async () => {
    await synced({ "a.tf": "a" });
    await expect(fixture.sync({ direction: "pull", branch: "gone" })).rejects.toMatchObject({
      code: "branch_not_found",
    });
  });

  it("needs no right to write to the branch", async () => {
    await synced({ "a.tf": "a" });
    await fixture.commit({ "a.tf": "A" });
    fixture.repository.protect("main", { requiredPullRequestReviews: true });
    expect(await fixture.sync({ direction: "pull" })).toMatchObject({ status: "completed", filesPulled: 1 });
  });

  it("requires a source that can be written to", async () => {
    await synced({ "a.tf": "a" });
    const { files } = fixture;
    const sdk = fixture.startSdk({ projectFiles: { open: (...given) => files.open(...given) } });
    fixture.sdks.push(sdk);
    const request = fixture.request({ direction: "pull" });
    await expect(sdk.sync.run(request)).rejects.toMatchObject({ code: "capability_not_configured" });
    await expect(sdk.sync.plan(request)).rejects.toMatchObject({ code: "capability_not_configured" });
  });
});

describe("a sync with the direction two_way", () => {
  it("merges edits of both sides on both sides, and then rests", async () => {
    await synced({ "a.txt": LINES, "b.txt": "b", "c.txt": "c", "d.txt": "d" });
    fixture.write("a.txt", TOP);
    fixture.write("mine.txt", "m");
    fixture.remove("c.txt");
    await fixture.commit({ "a.txt": BOTTOM, "theirs.txt": "t", "b.txt": null });
    const record = await fixture.sync({ direction: "two_way" });
    expect(record).toMatchObject({
      status: "completed",
      filesSynced: 2,
      filesDeleted: 1,
      filesPulled: 2,
      filesRemoved: 1,
    });
    const both = { "a.txt": BOTH, "d.txt": "d", "mine.txt": "m", "theirs.txt": "t" };
    expect([await fixture.project(), await fixture.branch()]).toEqual([both, both]);
    const commits = await fixture.commits();
    const again = await fixture.sync({ direction: "two_way" });
    expect(again).toMatchObject({
      status: "completed",
      filesSynced: 0,
      filesDeleted: 0,
      filesPulled: 0,
      filesRemoved: 0,
    });
    expect(await fixture.commits()).toBe(commits);
  });

  it("writes nothing on either side when a conflict is left, unless conflicts are skipped", async () => {
    await synced({ "a.txt": "a", "b.txt": "b" });
    fixture.write("a.txt", "mine");
    fixture.write("new.txt", "n");
    await fixture.commit({ "a.txt": "theirs", "b.txt": "B" });
    const stopped = await fixture.sync({ direction: "two_way" });
    expect(stopped).toMatchObject({ status: "failed", error: { code: "conflicts" }, filesPulled: 0 });
    expect(await fixture.project()).toEqual({ "a.txt": "mine", "b.txt": "b", "new.txt": "n" });
    expect(await fixture.branch()).toEqual({ "a.txt": "theirs", "b.txt": "B" });
    for (const again of [1, 0]) {
      const skipped = await fixture.sync({ direction: "two_way", onConflict: "skip" });
      expect(skipped).toMatchObject({
        status: "completed",
        filesPulled: again,
        filesSynced: again,
        conflictsResolved: 0,
      });
      expect(skipped.conflicts).toMatchObject([{ path: "a.txt", resolved: false }]);
      expect(skipped.notes.join()).toContain("a.txt");
      expect(await fixture.project()).toEqual({ "a.txt": "mine", "b.txt": "B", "new.txt": "n" });
      expect(await fixture.branch()).toEqual({ "a.txt": "theirs", "b.txt": "B", "new.txt": "n" });
    }
  });

  it("brings files of one side to the other at the first sync, reports differing ones and deletes nothing", async () => {
    fixture = await SyncFixture.create({ files: { "same.tf": "s", "mine.tf": "m", "both.tf": "1" }, empty: true });
    await fixture.commit({ "same.tf": "s", "theirs.tf": "t", "both.tf": "2" });
    const record = await fixture.sync({ direction: "two_way", onConflict: "skip" });
    expect(record).toMatchObject({
      status: "completed",
      filesSynced: 1,
      filesPulled: 1,
      filesDeleted: 0,
      filesRemoved: 0,
    });
    expect(record.conflicts).toMatchObject([{ path: "both.tf", reason: "different_without_common_base" }]);
    expect(Object.keys(await fixture.project())).toEqual(["both.tf", "mine.tf", "same.tf", "theirs.tf"]);
  });

  it("applies exactly the plan, and fails when a side has changed since", async () => {
    await synced({ "a.txt": "a", "b.txt": "b" });
    fixture.write("a.txt", "A");
    await fixture.commit({ "b.txt": "B" });
    const request = fixture.request({ direction: "two_way" });
    const plan = await fixture.sdk.sync.plan(request);
    expect(plan.changes.map(({ path }) => path)).toEqual(["a.txt"]);
    expect(plan.projectChanges).toMatchObject([{ path: "b.txt", action: "update", size: 1 }]);
    expect(await fixture.sdk.sync.apply(request, plan.hash)).toMatchObject({ status: "completed", filesPulled: 1 });
    const stale = await fixture.sdk.sync.apply(request, plan.hash);
    expect(stale).toMatchObject({ status: "failed", error: { code: "plan_stale" } });
  });

  it("removes nothing from the project when the directory or the branch is gone", async () => {
    fixture = await SyncFixture.create({ files: { "a.txt": "a", "b.txt": "b" } });
    const request = { directory: "sub" } as const;
    await fixture.sync(request);
    await fixture.commit({ "sub/a.txt": null, "sub/b.txt": null });
    const pull = await fixture.sync({ ...request, direction: "pull" });
    expect(pull).toMatchObject({ status: "completed", filesRemoved: 0 });
    const both = await fixture.sync({ ...request, direction: "two_way" });
    expect(both).toMatchObject({ status: "completed", filesRemoved: 0, filesSynced: 2 });
    expect(await fixture.project()).toEqual({ "a.txt": "a", "b.txt": "b" });
    await fixture.sync({ branch: "side" });
    await onRef("DELETE", "side", null);
    expect(await fixture.sync({ branch: "side", direction: "two_way" })).toMatchObject({ filesRemoved: 0 });
    expect(Object.keys(await fixture.project())).toEqual(expect.arrayContaining(["a.txt", "b.txt"]));
  });

  it("rejects a mass deletion in the project", async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.tf`, `${index}`]));
    await synced({ ...files, "keep.tf": "k" });
    await fixture.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])));
    const refused = await fixture.sync({ direction: "two_way" });
    expect(refused).toMatchObject({ status: "failed", error: { code: "mass_deletion" } });
    expect(Object.keys(await fixture.project())).toHaveLength(13);
    const allowed = await fixture.sync({ direction: "two_way", allowMassDeletion: true });
    expect(allowed).toMatchObject({ status: "completed", filesRemoved: 12 });
  });

  it("leaves a file alone that changes just before it is replaced, and takes it at the next sync", async () => {
    await synced({ "a.txt": LINES, "b.txt": "b" });
    await fixture.commit({ "a.txt": BOTTOM, "b.txt": "B" });
    fixture.files.beforeWriteStep(() => {
      fixture.files.beforeWriteStep(null);
      fixture.write("a.txt", TOP);
    });
    const record = await fixture.sync({ direction: "two_way" });
    expect(record).toMatchObject({ status: "completed", filesPulled: 1 });
    expect(record.notes.join()).toContain("a.txt");
    expect(await fixture.project()).toEqual({ "a.txt": TOP, "b.txt": "B" });
    await fixture.sync({ direction: "two_way" });
    expect([await fixture.project(), await fixture.branch()]).toEqual([
      { "a.txt": BOTH, "b.txt": "B" },
      { "a.txt": BOTH, "b.txt": "B" },
    ]);
  });

  it("continues after a failure between two files", async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.txt`, "old"]));
    await synced(files);
    await fixture.commit(Object.fromEntries(Object.keys(files).map((path) => [path, `new ${path}`])));
    fixture.files.failAt(31);
    const failed = await fixture.sync({ direction: "two_way" });
    expect(failed).toMatchObject({ status: "failed" });
    // Meanwhile the branch moves on at a file that was written already, and at one that was not.
    const project = await fixture.project();
    const isNew = (path: string): boolean => project[path] === `new ${path}`;
    const [written, open] = [Object.keys(files).find(isNew), Object.keys(files).find((path) => !isNew(path))];
    await fixture.commit({ [written ?? "none"]: "newer", [open ?? "none"]: "newer" });
    const retried = await fixture.sdk.sync.retry(failed.id);
    expect(retried).toMatchObject({ status: "completed", error: null, filesPulled: 21, conflicts: [] });
    expect(await fixture.project()).toEqual(await fixture.branch());
  });

  it("requires a permission to follow a rewritten history, and keeps what it no longer contains", async () => {
    await synced({ "a.txt": "a" });
    fixture.write("a.txt", "lost on the branch");
    await fixture.sync();
    const [, first] = await fixture.repository.log();
    await onRef("PATCH", "main", { sha: first?.oid, force: true });
    const refused = await fixture.sync({ direction: "pull" });
    expect(refused).toMatchObject({ status: "failed", error: { code: "remote_history_rewritten" } });
    expect(await fixture.project()).toEqual({ "a.txt": "lost on the branch" });
    const allowed = await fixture.sync({ direction: "pull", allowRewrittenHistory: true });
    expect(allowed).toMatchObject({ status: "completed", filesPulled: 1, filesKept: 1 });
    expect(await fixture.project()).toMatchObject({ "a.txt": "a" });
  });
});
