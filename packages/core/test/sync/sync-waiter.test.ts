import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import type { SyncRecord } from "../../src/domain/sync-record.js";
import { EventBus } from "../../src/events.js";
import { silentLogger } from "../../src/logger.js";
import { MemoryPubSub } from "../../src/memory/memory-pub-sub.js";
import { MemorySyncRecordStore } from "../../src/memory/memory-sync-record-store.js";
import { syncEvent } from "../../src/sync/record/progress.js";
import { parseSyncRequest } from "../../src/sync/sync-request.js";
import { SyncWaiter } from "../../src/sync/sync-waiter.js";
import { nextTurn, PROJECT } from "./project/recorded-session.js";

async function waiting() {
  const clock = createManualClock();
  const records = new MemorySyncRecordStore();
  const bus = new EventBus(new MemoryPubSub(), silentLogger);
  const closing = new AbortController();
  const { options } = parseSyncRequest({ project: PROJECT, repository: "ada/infra" });
  const target = { apiUrl: "https://api.github.com", repositoryId: 1, branch: "main", source: "project:7/infra" };
  const draft = { ...PROJECT, repository: "ada/infra", options, createdAt: new Date(clock.now()) };
  const { id } = await records.create({ ...draft, target: { ...target, directory: "" } });
  const cancel = async (): Promise<SyncRecord> => {
    const record = await records.transition(id, { from: ["pending"], to: "cancelled" }, {});
    if (record === null) throw new Error("not pending");
    return record;
  };
  return { clock, bus, closing, id, cancel, waiter: new SyncWaiter({ records, bus, clock }, closing.signal) };
}

describe("SyncWaiter", () => {
  it("resolves as soon as the event of the sync's end arrives", async () => {
    const { bus, cancel, id, waiter } = await waiting();
    const waited = waiter.wait(id);
    await nextTurn();
    bus.emit("sync.cancelled", syncEvent(await cancel()));
    expect(await waited).toMatchObject({ status: "cancelled" });
  });

  it("finds the end within 2 seconds when the event is lost", async () => {
    const { cancel, clock, id, waiter } = await waiting();
    const waited = waiter.wait(id);
    await nextTurn();
    await cancel();
    await clock.advance(2_000);
    expect(await waited).toMatchObject({ status: "cancelled" });
  });

  it("resolves with the record as it is after timeoutMs", async () => {
    const { clock, id, waiter } = await waiting();
    let isResolved = false;
    const waited = waiter.wait(id, { timeoutMs: 5_000 }).finally(() => {
      isResolved = true;
    });
    await clock.advance(4_999);
    expect(isResolved).toBe(false);
    await clock.advance(1);
    expect(await waited).toMatchObject({ id, status: "pending" });
    expect(await waiter.wait(id, { timeoutMs: 0 })).toMatchObject({ status: "pending" });
  });

  it("rejects with the signal's reason, when the SDK is closed, and for an unknown sync", async () => {
    const { closing, id, waiter } = await waiting();
    const abort = new AbortController();
    const aborted = waiter.wait(id, { signal: abort.signal });
    abort.abort(new Error("the caller has left"));
    await expect(aborted).rejects.toThrow("the caller has left");
    await expect(waiter.wait(id + 1)).rejects.toMatchObject({ code: "sync_record_not_found" });
    const waited = waiter.wait(id);
    closing.abort();
    await expect(waited).rejects.toMatchObject({ code: "sync_interrupted" });
  });
});
