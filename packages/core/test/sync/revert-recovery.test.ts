import type { SyncRecord } from "@infrajet/github/adapters";
import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

const MOST_REQUESTS = 40;

let fixture: SyncFixture;
afterEach(() => fixture.close());

/** A project whose last sync changed a file. Returns that sync. */
async function changedProject(writer: "graphql" | "git-data" | "push"): Promise<SyncRecord> {
  fixture = await SyncFixture.create({ files: { "a.txt": "1\n" } });
  await fixture.sync();
  fixture.write("a.txt", "2\n");
  return fixture.sync({ writer });
}

/** Breaks the connection at one request. The function tells if there was such a request. */
function breakAt(position: number, when: "before" | "after"): () => boolean {
  let isBroken = false;
  fixture.box.resetCounters();
  const off = fixture.box.control.beforeRequest((_request, index) => {
    if (index !== position) return;
    off();
    isBroken = true;
    fixture.box.control.fault({ when, respond: "reset" });
  });
  return () => isBroken;
}

describe.each(["graphql", "git-data", "push"] as const)("a sync that takes another one back (%s)", (writer) => {
  it.each(["before", "after"] as const)(
    "writes exactly one commit, at whichever request the connection breaks %s its effect",
    async (when) => {
      let position = 0;
      for (let isBroken = true; isBroken && position < MOST_REQUESTS; position++) {
        const wanted = await changedProject(writer);
        const commits = await fixture.commits();
        const { id } = await fixture.sdk.sync.submitRevert(wanted.id);
        const hasBroken = breakAt(position, when);
        const first = await fixture.sdk.sync.wait(id);
        isBroken = hasBroken();
        const record = first.status === "failed" ? await fixture.sdk.sync.retry(id) : first;
        const where = `position ${position}`;
        expect(record, where).toMatchObject({ status: "completed", error: null, filesSynced: 1, filesDeleted: 0 });
        expect(await fixture.commits(), where).toBe(commits + 1);
        expect(await fixture.branch(), where).toMatchObject({ "a.txt": "1\n" });
        expect(await fixture.sync(), where).toMatchObject({ status: "completed", filesSynced: 0, filesDeleted: 0 });
        await fixture.close();
      }
      expect(position).toBeGreaterThan(5);
    },
  );
});

describe("a sync that takes another one back", () => {
  it("is continued by another process after its process was shut down", async () => {
    const wanted = await changedProject("push");
    const commits = await fixture.commits();
    const [first] = fixture.sdks.splice(0);
    let closed: Promise<void> | undefined;
    const off = fixture.box.control.beforeRequest((_request, index) => {
      if (index < 2) return;
      off();
      closed = first?.close();
    });
    fixture.box.resetCounters();
    const submitted = await first?.sync.submitRevert(wanted.id);
    await expect.poll(() => closed !== undefined).toBe(true);
    await closed;
    fixture.sdks.push(fixture.startSdk());
    const record = await fixture.sdk.sync.wait(submitted?.id ?? 0);
    expect(record).toMatchObject({ status: "completed", error: null, filesSynced: 1 });
    expect(await fixture.commits()).toBe(commits + 1);
  });
});
