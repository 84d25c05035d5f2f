import type { ConflictDecision } from "@infrajet/github";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT, SyncFixture } from "./sync-fixture.js";

const TARGET = { project: PROJECT, repository: "ada/infra" };

let fixture: SyncFixture;

beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "a.tf": "one\n" }, empty: true });
  expect((await fixture.sync()).error).toBeNull();
});

afterEach(() => fixture.close());

/** Changes the file on both sides, so that it is in conflict. */
async function conflicting(mine = "mine\n", theirs = "theirs\n"): Promise<void> {
  fixture.write("a.tf", mine);
  await fixture.commit({ "a.tf": theirs });
}

/** Resolves the file's conflict with the versions that the last sync listed. */
async function resolve(decision: ConflictDecision): Promise<void> {
  const [conflict] = await fixture.sdk.sync.conflicts(TARGET);
  if (conflict === undefined) throw new Error("There is no conflict.");
  const { localOid: oursOid, remoteOid: theirsOid } = conflict;
  await fixture.sdk.sync.resolve(TARGET, "a.tf", decision, { oursOid, theirsOid });
}

const failing = async (direction: "push" | "pull" | "two_way") => {
  expect(await fixture.sync({ direction })).toMatchObject({ status: "failed", error: { code: "conflicts" } });
};

describe("sync.resolve", () => {
  it("lets a push write a content, and keeps the project's version aside when a pull brings it", async () => {
    await conflicting();
    await failing("push");
    await resolve({ content: "both\n" });
    const pushed = await fixture.sync();
    expect(pushed).toMatchObject({ status: "completed", filesSynced: 1, conflictsResolved: 1 });
    expect(pushed.conflicts).toMatchObject([{ path: "a.tf", resolved: true, resolution: "content" }]);
    expect([await fixture.project(), await fixture.branch()]).toEqual([{ "a.tf": "mine\n" }, { "a.tf": "both\n" }]);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0, conflicts: [] });
    const pulled = await fixture.sync({ direction: "pull" });
    expect(pulled).toMatchObject({ status: "completed", filesPulled: 1, filesKept: 1 });
    expect(await fixture.project()).toEqual({ "a.tf": "both\n", [`.infrajet/kept/${pulled.id}/a.tf`]: "mine\n" });
  });

  it("lets a pull write a content to the project only, which a later push brings to the branch", async () => {
    await conflicting();
    await failing("pull");
    await resolve({ content: "both\n" });
    const pulled = await fixture.sync({ direction: "pull" });
    expect(pulled).toMatchObject({ status: "completed", filesPulled: 1, filesKept: 1, filesSynced: 0 });
    expect(await fixture.branch()).toEqual({ "a.tf": "theirs\n" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1, conflicts: [] });
    expect(await fixture.branch()).toEqual({ "a.tf": "both\n" });
  });

  it("lets a pull take theirs, and stay ahead with ours", async () => {
    await conflicting();
    await failing("pull");
    await resolve({ choice: "ours" });
    expect(await fixture.sync({ direction: "pull" })).toMatchObject({ status: "completed", filesPulled: 0 });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toEqual({ "a.tf": "mine\n" });
    await conflicting("mine 2\n", "theirs 2\n");
    await failing("pull");
    await resolve({ choice: "theirs" });
    expect(await fixture.sync({ direction: "pull" })).toMatchObject({ status: "completed", filesPulled: 1 });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("is used by the plan, and changes its hash", async () => {
    await conflicting();
    await failing("push");
    const before = await fixture.sdk.sync.plan(fixture.request());
    await resolve({ choice: "ours" });
    const plan = await fixture.sdk.sync.plan(fixture.request());
    expect(plan.changes).toMatchObject([{ path: "a.tf", action: "update" }]);
    expect(plan.hash).not.toBe(before.hash);
    expect(await fixture.sdk.sync.apply(fixture.request(), plan.hash)).toMatchObject({ status: "completed" });
    expect(await fixture.branch()).toEqual({ "a.tf": "mine\n" });
  });

  it("is void once a version has changed, and the sync says so and forgets it", async () => {
    await conflicting();
    await failing("push");
    await resolve({ choice: "ours" });
    await fixture.commit({ "a.tf": "theirs again\n" });
    const failed = await fixture.sync();
    expect(failed).toMatchObject({ status: "failed", error: { code: "conflicts" } });
    expect(failed.notes).toEqual([expect.stringMatching(/Resolved for versions that have changed since.*: a\.tf/)]);
    // The earlier versions return, but not the resolution.
    await fixture.commit({ "a.tf": "theirs\n" });
    await failing("push");
  });

  it("replaces an earlier resolution of the same file", async () => {
    await conflicting();
    await failing("push");
    await resolve({ choice: "theirs" });
    await resolve({ content: Buffer.from([0, 1]) });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ resolution: "content", isDecided: true }]);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.branch()).toEqual({ "a.tf": "\0\u0001" });
  });

  it("stays for the next sync when this one was limited to other files", async () => {
    await conflicting();
    await failing("push");
    await resolve({ choice: "ours" });
    fixture.write("b.tf", "b");
    expect(await fixture.sync({ filePaths: ["b.tf"] })).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 1, conflictsResolved: 1 });
    expect(await fixture.branch()).toEqual({ "a.tf": "mine\n", "b.tf": "b" });
  });

  it("refuses the merge of versions that do not merge cleanly or are binary", async () => {
    await conflicting();
    await failing("push");
    const refused = { code: "validation_failed", message: expect.stringContaining("do not merge cleanly") };
    await expect(resolve({ choice: "merged" })).rejects.toMatchObject(refused);
    await conflicting("a\0b", "a\0c");
    await failing("push");
    await expect(resolve({ choice: "merged" })).rejects.toMatchObject({
      message: expect.stringContaining("not text"),
    });
  });

  it("validates its arguments", async () => {
    const { sync } = fixture.sdk;
    const versions = { oursOid: null, theirsOid: null };
    for (const decision of [{}, { choice: "both" }, { content: "x".repeat(1024 * 1024 + 1) }, { content: 1 }]) {
      await expect(sync.resolve(TARGET, "a.tf", decision as ConflictDecision, versions)).rejects.toMatchObject({
        code: "validation_failed",
      });
    }
    await expect(sync.resolve(TARGET, "../a", { choice: "ours" }, versions)).rejects.toMatchObject({
      code: "invalid_path",
    });
    await expect(
      sync.resolve(TARGET, "a.tf", { choice: "ours" }, { ...versions, oursOid: "main" }),
    ).rejects.toMatchObject({ code: "validation_failed" });
    await expect(sync.resolve(TARGET, "a.tf", { choice: "ours" }, versions)).rejects.toMatchObject({
      code: "resolution_stale",
    });
  });
});

describe("sync.conflicts", () => {
  it("lists the conflicts that a sync skipped, until they are resolved", async () => {
    await conflicting();
    expect(await fixture.sync({ onConflict: "skip" })).toMatchObject({ status: "completed" });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ path: "a.tf", isDecided: false }]);
    await resolve({ choice: "theirs" });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ path: "a.tf", isDecided: true }]);
    expect(await fixture.sync()).toMatchObject({ status: "completed", conflictsResolved: 1 });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toEqual([]);
  });

  it("passes over syncs that failed before they compared, and syncs to other branches", async () => {
    await conflicting();
    await failing("push");
    const plan = await fixture.sdk.sync.plan(fixture.request({ strategy: "ours" }));
    fixture.write("b.tf", "b");
    const stale = await fixture.sdk.sync.apply(fixture.request({ strategy: "ours" }), plan.hash);
    expect(stale).toMatchObject({ status: "failed", error: { code: "plan_stale" } });
    expect(await fixture.sync({ branch: "other", strategy: "ours" })).toMatchObject({ status: "completed" });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ path: "a.tf" }]);
    expect(await fixture.sdk.sync.conflicts({ ...TARGET, branch: "other" })).toEqual([]);
  });

  it("finds the directory of the last sync by itself", async () => {
    expect(await fixture.sync({ directory: "infra" })).toMatchObject({ status: "completed" });
    fixture.write("a.tf", "mine\n");
    await fixture.commit({ "infra/a.tf": "theirs\n" });
    expect(await fixture.sync({ directory: "infra" })).toMatchObject({ status: "failed" });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ path: "a.tf" }]);
    const theirs = await fixture.sdk.sync.conflictContent(TARGET, "a.tf", "theirs");
    expect(Buffer.from(theirs.bytes ?? []).toString()).toBe("theirs\n");
    expect(await fixture.sdk.sync.conflicts({ ...TARGET, directory: "" })).toEqual([]);
  });

  it("tells binary files by GitHub's knowledge, also of a file that is deleted there", async () => {
    fixture.write("b.bin", "\0one");
    expect(await fixture.sync()).toMatchObject({ status: "completed" });
    fixture.write("b.bin", "\0mine");
    await fixture.commit({ "b.bin": null });
    await fixture.sync({ strategy: "fail" });
    expect(await fixture.sdk.sync.conflicts(TARGET)).toMatchObject([{ path: "b.bin", isBinary: true }]);
  });
});

describe("sync.conflictContent", () => {
  it("reads the base after the branch no longer has it", async () => {
    await conflicting();
    const base = await fixture.sdk.sync.conflictContent(TARGET, "a.tf", "base");
    expect(base).toMatchObject({ size: 4, isTruncated: false });
    expect(Buffer.from(base.bytes ?? []).toString()).toBe("one\n");
  });

  it("returns no ignored file of the project, and no content above the limit", async () => {
    fixture.write(".infrajetignore", "secret.tf\n");
    fixture.write("secret.tf", "secret");
    const secret = await fixture.sdk.sync.conflictContent(TARGET, "secret.tf", "ours");
    expect(secret).toMatchObject({ oid: null, bytes: null });
    const limited = await fixture.sdk.sync.conflictContent(TARGET, "a.tf", "ours", { maxBytes: 3 });
    expect(limited).toMatchObject({ size: 4, bytes: null, isTruncated: true });
  });
});
