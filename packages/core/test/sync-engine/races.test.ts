import type { SyncRequest } from "@infrajet/github";
import { afterEach, describe, expect, it } from "vitest";
import { World } from "./world.js";

let world: World;
afterEach(() => world.close());

const WRITERS = ["graphql", "git-data"] as const;
/** More positions than any of these syncs has requests: the loop ends by itself after the last one. */
const MOST_REQUESTS = 12;

async function syncedProject(): Promise<void> {
  world = await World.create({ files: { "a.txt": "a\n", "0/b.txt": "b\n", "d/c.txt": "c\n" } });
  await world.sync();
}

/** A file is changed, one is new (which the next round takes away) and one is gone: of each round its own. */
function change(round: number): void {
  for (const [path, content] of Object.entries(changes(round))) world.write(path, content);
  world.remove(`${round}/b.txt`);
}

const changes = (round: number) => ({ "a.txt": `changed ${round}\n`, [`${round + 1}/b.txt`]: "new\n" });

async function changedProject(): Promise<void> {
  await syncedProject();
  change(0);
}

async function expectBothChanges(theirs: Record<string, string>, round = 0): Promise<void> {
  const branch = await world.branch();
  expect(branch).toMatchObject({ ...changes(round), ...theirs, "d/c.txt": "c\n" });
  expect(branch).not.toHaveProperty(`${round}/b.txt`);
  await world.repository.fsck();
}

/** Somebody else's commit lands just before that request of the run. Gives back whether the run came so far. */
async function landsAt(position: number, theirs: Record<string, string>, run: () => Promise<void>): Promise<boolean> {
  world.box.resetCounters();
  let landed = false;
  const off = world.box.control.beforeRequest(async (_request, index) => {
    if (index !== position || landed) return;
    landed = true;
    await world.commit(theirs);
  });
  await run();
  off();
  return landed;
}

describe.each(WRITERS)("somebody else's commit between two requests (%s)", (writer) => {
  it.each([
    ["on a known branch", false],
    ["in a new process", true],
  ])("loses neither change at any position, %s", async (_name, newProcess) => {
    await syncedProject();
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      if (newProcess) await world.restart();
      change(position);
      const commits = await world.commits();
      const theirs = { "theirs.txt": `theirs ${position}\n`, "README.md": `theirs ${position}, too\n` };
      landed = await landsAt(position, theirs, async () => {
        const record = await world.sync({ writer });
        expect(record, `position ${position}`).toMatchObject({ status: "completed", filesSynced: 2, filesDeleted: 1 });
      });
      await expectBothChanges(landed ? theirs : {}, position);
      expect(await world.commits(), `position ${position}`).toBe(commits + (landed ? 2 : 1));
    }
  });

  it("loses neither change of one file at any position", async () => {
    world = await World.create({ files: {} });
    for (let position = 0, landed = true; landed && position < MOST_REQUESTS; position++) {
      // A file of its own for each position, beside those of the positions before.
      const path = `${position}.txt`;
      world.write(path, "1\n2\n3\n4\n5\n");
      await world.sync();
      world.write(path, "one\n2\n3\n4\n5\n");
      landed = await landsAt(position, { [path]: "1\n2\n3\n4\nfive\n" }, async () => {
        expect(await world.sync({ writer }), `position ${position}`).toMatchObject({ status: "completed" });
      });
      expect((await world.branch())[path]).toBe(landed ? "one\n2\n3\n4\nfive\n" : "one\n2\n3\n4\n5\n");
    }
  });

  it("gives up after five rounds, with nothing written, when the branch never stands still", async () => {
    await changedProject();
    let commits = 0;
    world.box.control.beforeRequest(async ({ route, operation }) => {
      const moves = operation === "createCommitOnBranch" || operation === "updateRefs" || route.startsWith("PATCH ");
      if (moves) await world.commit({ "theirs.txt": `${++commits}\n` });
    });
    const record = await world.sync({ writer });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_moved" } });
    expect(commits).toBe(5);
    expect(await world.branch()).toMatchObject({ "a.txt": "a\n", "0/b.txt": "b\n" });
  });
});

describe("a commit that lands in a repository that was empty", () => {
  it.each([0, 1, 2, 3, 4])("is not lost at position %i", async (position) => {
    world = await World.create({ empty: true, files: { "a.txt": "a\n", "b.txt": "b\n" } });
    let landed = false;
    world.box.control.beforeRequest(async (_request, index) => {
      if (index !== position || landed) return;
      landed = true;
      await world.commit({ "theirs.txt": "theirs\n" });
    });
    expect(await world.sync()).toMatchObject({ status: "completed" });
    expect(landed).toBe(true);
    expect(await world.branch()).toMatchObject({ "a.txt": "a\n", "b.txt": "b\n", "theirs.txt": "theirs\n" });
  });
});

describe("the answer is lost", () => {
  const MOVES: ReadonlyArray<[SyncRequest["writer"] & string, string]> = [
    ["graphql", "createCommitOnBranch"],
    ["git-data", "updateRefs"],
  ];

  it.each(MOVES)("after the effect: one commit, completed (%s)", async (writer, operation) => {
    await syncedProject();
    for (const [round, respond] of (["reset", { status: 502 }] as const).entries()) {
      change(round);
      world.box.control.fault({ operation, when: "after", respond });
      const record = await world.sync({ writer });
      expect(record).toMatchObject({ status: "completed", commitId: await world.repository.head(), filesSynced: 2 });
      await expectBothChanges({}, round);
      expect(await world.commits()).toBe(3 + round);
      expect(await world.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    }
  });

  it.each(MOVES)("before the effect: written at the next round, once (%s)", async (writer, operation) => {
    await syncedProject();
    for (const [round, respond] of (["reset", { status: 502 }] as const).entries()) {
      change(round);
      world.box.control.fault({ operation, when: "before", respond });
      expect(await world.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 2 });
      await expectBothChanges({}, round);
      expect(await world.commits()).toBe(3 + round);
    }
  });

  it.each(MOVES)("and the branch goes on before anybody looks (%s)", async (writer, operation) => {
    await changedProject();
    world.box.control.fault({ operation, when: "after", respond: "reset" });
    world.box.control.afterRequest(async (request) => {
      if (request.operation === operation) await world.commit({ "theirs.txt": "theirs\n" });
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
    await syncedProject();
    for (let position = 0, failed = true; failed && position < MOST_REQUESTS; position++) {
      change(position);
      const commits = await world.commits();
      world.box.resetCounters();
      failed = false;
      // From that request on GitHub is down, until the sync has ended.
      const off = world.box.control.beforeRequest((_request, index) => {
        if (index < position || failed) return;
        failed = true;
        world.box.control.fault({
          when: "before",
          respond: { status: 503, body: "<html>Unicorn!</html>" },
          times: 200,
        });
      });
      const record = await world.sync({ writer });
      off();
      if (!failed) break;
      expect(record, `position ${position}`).toMatchObject({ status: "failed", error: { code: "github_unavailable" } });
      expect(await world.commits()).toBe(commits);
      world.box.control.faults.clear();
      const again = await world.sdk.sync.retry(record.id);
      expect(again).toMatchObject({ id: record.id, status: "completed", retryCount: 1, filesSynced: 2 });
      await expectBothChanges({}, position);
      expect(await world.commits()).toBe(commits + 1);
    }
  });
});
