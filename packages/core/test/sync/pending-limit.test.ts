import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "a.txt": "one\n" }, sdk: { maxPendingSyncs: 2 } });
});
afterEach(() => fixture.close());

/** Delays the commit of the first sync until it is released. */
function heldCommit(): { readonly arrived: Promise<unknown>; release(): void } {
  const steps = new EventEmitter();
  const [arrived, released] = [once(steps, "arrived"), once(steps, "released")];
  fixture.box.control.beforeRequest(async ({ operation }) => {
    if (operation !== "createCommitOnBranch") return;
    steps.emit("arrived");
    await released;
  });
  return { arrived, release: () => void steps.emit("released") };
}

describe("maxPendingSyncs", () => {
  it("rejects a sync of a user with the maximum number of pending syncs, and accepts one when they have ended", async () => {
    const commit = heldCommit();
    const running = await fixture.sdk.sync.submit(fixture.request());
    await commit.arrived;
    const pending = [
      await fixture.sdk.sync.submit(fixture.request()),
      await fixture.sdk.sync.submit(fixture.request()),
    ];
    await expect(fixture.sdk.sync.submit(fixture.request())).rejects.toMatchObject({
      code: "too_many_pending_syncs",
      status: 429,
      details: { maxPending: 2 },
    });
    expect((await fixture.sdk.sync.metrics("7")).totalSyncs).toBe(3);
    commit.release();
    for (const { id } of [running, ...pending])
      expect(await fixture.sdk.sync.wait(id)).toMatchObject({ status: "completed" });
    expect(await fixture.sync()).toMatchObject({ status: "completed" });
  });

  it("rejects a retry of a user with the maximum number of pending syncs", async () => {
    const commit = heldCommit();
    await fixture.sdk.sync.submit(fixture.request());
    await commit.arrived;
    const cancelled = await fixture.sdk.sync.submit(fixture.request());
    await fixture.sdk.sync.cancel(cancelled.id);
    for (let count = 0; count < 2; count += 1) await fixture.sdk.sync.submit(fixture.request());
    await expect(fixture.sdk.sync.resubmit(cancelled.id)).rejects.toMatchObject({ code: "too_many_pending_syncs" });
    expect(await fixture.sdk.sync.get(cancelled.id)).toMatchObject({ status: "cancelled", retryCount: 0 });
    commit.release();
  });
});
