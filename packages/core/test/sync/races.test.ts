import type { SyncRequest } from "@infrajet/github";
import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
afterEach(() => fixture.close());

const CHANGES = { "a.txt": "changed\n", "new.txt": "new\n" };
const WRITERS = ["graphql", "git-data", "push"] as const;
const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
/** More than the requests of any of these syncs: the loops end after the last request. */
const MOST_REQUESTS = 12;

async function changedProject(): Promise<SyncFixture> {
  fixture = await SyncFixture.create({ files: { "a.txt": "a\n", "b.txt": "b\n", "d/c.txt": "c\n" } });
  await fixture.sync();
  for (const [path, content] of Object.entries(CHANGES)) fixture.write(path, content);
  fixture.remove("b.txt");
  return fixture;
}

async function expectBothChanges(theirs: Record<string, string>): Promise<void> {
  const branch = await fixture.branch();
  expect(branch).toMatchObject({ ...CHANGES, ...theirs, "d/c.txt": "c\n" });
  expect(branch).not.toHaveProperty("b.txt");
  await fixture.repository.fsck();
}

describe.each(WRITERS)("a commit of another user between two requests of a sync (%s)", (writer) => {
  it.each([
    ["on a known branch", false],
    ["in a new process", true],
  ])("keeps the changes of both sides at every position, %s", async (_name, newProcess) => {
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      await changedProject();
      if (newProcess) fixture.sdks.push(fixture.startSdk());
      fixture.box.resetCounters();
      landed = false;
      fixture.box.control.beforeRequest(async (_request, index) => {
        if (index !== position || landed) return;
        landed = true;
        await fixture.commit({ "theirs.txt": "theirs\n", "README.md": "theirs, too\n" });
      });
      const record = await fixture.sync({ writer });
      expect(record, `position ${position}`).toMatchObject({ status: "completed", filesSynced: 2, filesDeleted: 1 });
      await expectBothChanges(landed ? { "theirs.txt": "theirs\n", "README.md": "theirs, too\n" } : {});
      expect(await fixture.commits(), `position ${position}`).toBe(landed ? 4 : 3);
      await fixture.close();
    }
    await changedProject();
  });

  it("merges changes of one file at every position", async () => {
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      fixture = await SyncFixture.create({ files: { "a.txt": "1\n2\n3\n4\n5\n" } });
      await fixture.sync();
      fixture.write("a.txt", "one\n2\n3\n4\n5\n");
      fixture.box.resetCounters();
      landed = false;
      fixture.box.control.beforeRequest(async (_request, index) => {
        if (index !== position || landed) return;
        landed = true;
        await fixture.commit({ "a.txt": "1\n2\n3\n4\nfive\n" });
      });
      expect(await fixture.sync({ writer }), `position ${position}`).toMatchObject({ status: "completed" });
      expect((await fixture.branch())["a.txt"]).toBe(landed ? "one\n2\n3\n4\nfive\n" : "one\n2\n3\n4\n5\n");
      await fixture.close();
    }
    await changedProject();
  });

  it("fails with branch_moved after five rounds when the branch keeps moving", async () => {
    await changedProject();
    let commits = 0;
    fixture.box.control.beforeRequest(async ({ route, operation }) => {
      const moves = operation === "createCommitOnBranch" || operation === "updateRefs" || route === PUSH;
      if (moves) await fixture.commit({ "theirs.txt": `${++commits}\n` });
    });
    const record = await fixture.sync({ writer });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_moved" } });
    expect(commits).toBe(5);
    expect(await fixture.branch()).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n" });
  });
});

describe("a commit of another user to an empty repository during a sync", () => {
  it.each([
    ["push", 0],
    ["push", 1],
    ["push", 2],
    ["git-data", 3],
    ["git-data", 4],
  ] as const)("is kept (%s, position %i)", async (writer, position) => {
    fixture = await SyncFixture.create({ empty: true, files: { "a.txt": "a\n", "b.txt": "b\n" } });
    let landed = false;
    fixture.box.control.beforeRequest(async (_request, index) => {
      if (index !== position || landed) return;
      landed = true;
      await fixture.commit({ "theirs.txt": "theirs\n" });
    });
    expect(await fixture.sync({ writer })).toMatchObject({ status: "completed" });
    expect(landed).toBe(true);
    expect(await fixture.branch()).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n", "theirs.txt": "theirs\n" });
  });
});

describe("a sync whose response is lost", () => {
  const MOVES: ReadonlyArray<
    [SyncRequest["writer"] & string, { readonly operation: string } | { readonly path: string }]
  > = [
    ["graphql", { operation: "createCommitOnBranch" }],
    ["git-data", { operation: "updateRefs" }],
    ["push", { path: PUSH }],
  ];

  it.each(MOVES)("completes with one commit when the branch has moved ($0)", async (writer, move) => {
    for (const respond of ["reset", { status: 502 }] as const) {
      await changedProject();
      fixture.box.control.fault({ ...move, when: "after", respond });
      const record = await fixture.sync({ writer });
      expect(record).toMatchObject({ status: "completed", commitId: await fixture.repository.head(), filesSynced: 2 });
      await expectBothChanges({});
      expect(await fixture.commits()).toBe(3);
      expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
      await fixture.close();
    }
    await changedProject();
  });

  it.each(MOVES)("writes the commit in the next round when the branch has not moved ($0)", async (writer, move) => {
    for (const respond of ["reset", { status: 502 }] as const) {
      await changedProject();
      fixture.box.control.fault({ ...move, when: "before", respond });
      expect(await fixture.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 2 });
      await expectBothChanges({});
      expect(await fixture.commits()).toBe(3);
      await fixture.close();
    }
    await changedProject();
  });

  it.each(MOVES)("finds its commit when another user has moved the branch since ($0)", async (writer, move) => {
    await changedProject();
    fixture.box.control.fault({ ...move, when: "after", respond: "reset" });
    fixture.box.control.afterRequest(async (request) => {
      const isMove = "path" in move ? request.route === move.path : request.operation === move.operation;
      if (isMove) await fixture.commit({ "theirs.txt": "theirs\n" });
    });
    const record = await fixture.sync({ writer });
    expect(record).toMatchObject({ status: "completed", filesSynced: 2 });
    expect(await fixture.commits()).toBe(4);
    // A revert on the branch afterwards is not overwritten.
    await fixture.commit({ "a.txt": "a\n" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.branch()).toMatchObject({ "a.txt": "a\n" });
  });
});

describe("a sync during an outage of GitHub", () => {
  it.each(WRITERS)("fails without a partial write at every request, and completes on retry (%s)", async (writer) => {
    for (let position = 0, failed = true; failed && position < MOST_REQUESTS; position++) {
      await changedProject();
      fixture.box.resetCounters();
      failed = false;
      // GitHub is down from that request until the sync has ended.
      fixture.box.control.beforeRequest((_request, index) => {
        if (index < position || failed) return;
        failed = true;
        fixture.box.control.fault({
          when: "before",
          respond: { status: 503, body: "<html>Unicorn!</html>" },
          times: 200,
        });
      });
      const record = await fixture.sync({ writer });
      if (!failed) break;
      expect(record, `position ${position}`).toMatchObject({ status: "failed", error: { code: "github_unavailable" } });
      expect(await fixture.commits()).toBe(2);
      fixture.box.control.faults.clear();
      const again = await fixture.sdk.sync.retry(record.id);
      expect(again).toMatchObject({ id: record.id, status: "completed", retryCount: 1, filesSynced: 2 });
      await expectBothChanges({});
      expect(await fixture.commits()).toBe(3);
      await fixture.close();
    }
    await changedProject();
  });
});
