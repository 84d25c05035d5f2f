import type { SyncRequest } from "@infrajet/github";
import { afterEach, describe, expect, it } from "vitest";
import { World } from "./sync-fixture.js";

let world: World;
afterEach(() => world.close());

const CHANGES = { "a.txt": "changed\n", "new.txt": "new\n" };
const WRITERS = ["graphql", "git-data", "push"] as const;
const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
/** More positions than any of these syncs has requests: the loop ends by itself after the last one. */
const MOST_REQUESTS = 12;

async function changedProject(): Promise<World> {
  world = await World.create({ files: { "a.txt": "a\n", "b.txt": "b\n", "d/c.txt": "c\n" } });
  await world.sync();
  for (const [path, content] of Object.entries(CHANGES)) world.write(path, content);
  world.remove("b.txt");
  return world;
}

async function expectBothChanges(theirs: Record<string, string>): Promise<void> {
  const branch = await world.branch();
  expect(branch).toMatchObject({ ...CHANGES, ...theirs, "d/c.txt": "c\n" });
  expect(branch).not.toHaveProperty("b.txt");
  await world.repository.fsck();
}

describe.each(WRITERS)("somebody else's commit between two requests (%s)", (writer) => {
  it.each([
    ["on a known branch", false],
    ["in a new process", true],
  ])("loses neither change at any position, %s", async (_name, newProcess) => {
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      await changedProject();
      if (newProcess) world.sdks.push(world.startSdk());
      world.box.resetCounters();
      landed = false;
      world.box.control.beforeRequest(async (_request, index) => {
        if (index !== position || landed) return;
        landed = true;
        await world.commit({ "theirs.txt": "theirs\n", "README.md": "theirs, too\n" });
      });
      const record = await world.sync({ writer });
      expect(record, `position ${position}`).toMatchObject({ status: "completed", filesSynced: 2, filesDeleted: 1 });
      await expectBothChanges(landed ? { "theirs.txt": "theirs\n", "README.md": "theirs, too\n" } : {});
      expect(await world.commits(), `position ${position}`).toBe(landed ? 4 : 3);
      await world.close();
    }
    await changedProject();
  });

  it("loses neither change of one file at any position", async () => {
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      world = await World.create({ files: { "a.txt": "1\n2\n3\n4\n5\n" } });
      await world.sync();
      world.write("a.txt", "one\n2\n3\n4\n5\n");
      world.box.resetCounters();
      landed = false;
      world.box.control.beforeRequest(async (_request, index) => {
        if (index !== position || landed) return;
        landed = true;
        await world.commit({ "a.txt": "1\n2\n3\n4\nfive\n" });
      });
      expect(await world.sync({ writer }), `position ${position}`).toMatchObject({ status: "completed" });
      expect((await world.branch())["a.txt"]).toBe(landed ? "one\n2\n3\n4\nfive\n" : "one\n2\n3\n4\n5\n");
      await world.close();
    }
    await changedProject();
  });

  it("gives up after five rounds, with nothing written, when the branch never stands still", async () => {
    await changedProject();
    let commits = 0;
    world.box.control.beforeRequest(async ({ route, operation }) => {
      const moves = operation === "createCommitOnBranch" || operation === "updateRefs" || route === PUSH;
      if (moves) await world.commit({ "theirs.txt": `${++commits}\n` });
    });
    const record = await world.sync({ writer });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_moved" } });
    expect(commits).toBe(5);
    expect(await world.branch()).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n" });
  });
});

describe("a commit that lands in a repository that was empty", () => {
  it.each([
    ["push", 0],
    ["push", 1],
    ["push", 2],
    ["git-data", 3],
    ["git-data", 4],
  ] as const)("is not lost (%s, position %i)", async (writer, position) => {
    world = await World.create({ empty: true, files: { "a.txt": "a\n", "b.txt": "b\n" } });
    let landed = false;
    world.box.control.beforeRequest(async (_request, index) => {
      if (index !== position || landed) return;
      landed = true;
      await world.commit({ "theirs.txt": "theirs\n" });
    });
    expect(await world.sync({ writer })).toMatchObject({ status: "completed" });
    expect(landed).toBe(true);
    expect(await world.branch()).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n", "theirs.txt": "theirs\n" });
  });
});

describe("the answer is lost", () => {
  const MOVES: ReadonlyArray<
    [SyncRequest["writer"] & string, { readonly operation: string } | { readonly path: string }]
  > = [
    ["graphql", { operation: "createCommitOnBranch" }],
    ["git-data", { operation: "updateRefs" }],
    ["push", { path: PUSH }],
  ];

  it.each(MOVES)("after the effect: one commit, completed ($0)", async (writer, move) => {
    for (const respond of ["reset", { status: 502 }] as const) {
      await changedProject();
      world.box.control.fault({ ...move, when: "after", respond });
      const record = await world.sync({ writer });
      expect(record).toMatchObject({ status: "completed", commitId: await world.repository.head(), filesSynced: 2 });
      await expectBothChanges({});
      expect(await world.commits()).toBe(3);
      expect(await world.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
      await world.close();
    }
    await changedProject();
  });

  it.each(MOVES)("before the effect: written at the next round, once ($0)", async (writer, move) => {
    for (const respond of ["reset", { status: 502 }] as const) {
      await changedProject();
      world.box.control.fault({ ...move, when: "before", respond });
      expect(await world.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 2 });
      await expectBothChanges({});
      expect(await world.commits()).toBe(3);
      await world.close();
    }
    await changedProject();
  });

  it.each(MOVES)("and the branch goes on before anybody looks ($0)", async (writer, move) => {
    await changedProject();
    world.box.control.fault({ ...move, when: "after", respond: "reset" });
    world.box.control.afterRequest(async (request) => {
      const isMove = "path" in move ? request.route === move.path : request.operation === move.operation;
      if (isMove) await world.commit({ "theirs.txt": "theirs\n" });
    });
    const record = await world.sync({ writer });
    expect(record).toMatchObject({ status: "completed", filesSynced: 2 });
    expect(await world.commits()).toBe(4);
    // What somebody took back on the branch afterwards stays taken back.
    await world.commit({ "a.txt": "a\n" });
    expect(await world.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await world.branch()).toMatchObject({ "a.txt": "a\n" });
  });
});

describe("GitHub fails at any request", () => {
  it.each(WRITERS)("ends failed with nothing half written, and completes on retry (%s)", async (writer) => {
    for (let position = 0, failed = true; failed && position < MOST_REQUESTS; position++) {
      await changedProject();
      world.box.resetCounters();
      failed = false;
      // From that request on GitHub is down, until the sync has ended.
      world.box.control.beforeRequest((_request, index) => {
        if (index < position || failed) return;
        failed = true;
        world.box.control.fault({
          when: "before",
          respond: { status: 503, body: "<html>Unicorn!</html>" },
          times: 200,
        });
      });
      const record = await world.sync({ writer });
      if (!failed) break;
      expect(record, `position ${position}`).toMatchObject({ status: "failed", error: { code: "github_unavailable" } });
      expect(await world.commits()).toBe(2);
      world.box.control.faults.clear();
      const again = await world.sdk.sync.retry(record.id);
      expect(again).toMatchObject({ id: record.id, status: "completed", retryCount: 1, filesSynced: 2 });
      await expectBothChanges({});
      expect(await world.commits()).toBe(3);
      await world.close();
    }
    await changedProject();
  });
});
