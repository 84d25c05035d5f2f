import { silentLogger } from "@infrajet/github";
import { MemoryPubSub } from "@infrajet/github/memory";
import { createManualClock, type ManualClock } from "@infrajet/github-testing/conformance";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EventBus, type SyncProgress } from "../../src/events.js";
import { SyncFixture } from "../sync/sync-fixture.js";
import { memoryInUse } from "./memory-in-use.js";
import { ServedRealtime } from "./served-fixture.js";
import type { SocketClient } from "./socket-client.js";

const PROGRESS: SyncProgress = {
  ...{ syncId: 1, userId: "7", projectId: "infra", repository: "ada/infra", branch: "main" },
  ...{
    phase: "reading",
    percentage: 0,
    currentFile: null,
    filesCompleted: 0,
    totalFiles: 0,
    estimatedCompletion: null,
  },
};
// Much more than the buffers of both ends hold.
const MESSAGES = 1_000;
const FILE = "f".repeat(32 * 1024);

let fixture: SyncFixture;
let served: ServedRealtime;
let clock: ManualClock;
let otherProcess: EventBus;
beforeEach(async () => {
  const pubSub = new MemoryPubSub();
  clock = createManualClock();
  fixture = await SyncFixture.create({ sdk: { pubSub, clock } });
  served = await ServedRealtime.start(fixture.sdk);
  otherProcess = new EventBus(pubSub, silentLogger);
});
afterEach(async () => {
  await otherProcess.close();
  await served.close();
  await fixture.close();
});

/** Emits progress from another process, each after a client could read the previous one. */
async function flood(quick: SocketClient): Promise<void> {
  const before = quick.messages.length;
  for (let count = 1; count <= MESSAGES; count += 1) {
    const percentage = Math.floor((count * 99) / MESSAGES);
    otherProcess.emit("sync.progress", { ...PROGRESS, percentage, filesCompleted: count, currentFile: FILE });
    await quick.count(before + count);
  }
}

it("a WebSocket client that stops reading does not delay others or use memory, and receives the latest progress later", async () => {
  const [slow, quick] = [await served.follow("token-7", "infra"), await served.follow("token-7", "infra")];
  slow.webSocket.pause();
  const before = memoryInUse();
  await flood(quick);
  // 32 MB were sent to it; 64 messages of 32 KB may be held, and the copies that the other client keeps in this process.
  quick.messages.length = 0;
  expect(memoryInUse() - before).toBeLessThan(12 * 1024 * 1024);
  slow.webSocket.resume();
  const told = await slow.until(({ data }) => data.files_completed === MESSAGES);
  expect(told.length).toBeLessThan(MESSAGES);
  const seen = told
    .filter(({ type }) => type === "github_sync_progress")
    .map(({ data }) => Number(data.files_completed));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

it("a WebSocket client that never reads again is disconnected, and others are not", async () => {
  const [stalled, quick] = [await served.follow("token-7", "infra"), await served.follow("token-7", "infra")];
  stalled.webSocket.pause();
  await flood(quick);
  for (let half = 0; half < 2; half += 1) {
    const ponged = new Promise((resolve) => quick.webSocket.once("ping", resolve));
    await clock.advance(30_000);
    await ponged;
    quick.send({ action: "heartbeat" });
    await quick.until(
      (message) => quick.messages.indexOf(message) >= MESSAGES + 1 + half && message.type === "heartbeat",
    );
  }
  stalled.webSocket.resume();
  await expect(stalled.closed).resolves.toMatchObject({ code: 1006 });
  otherProcess.emit("sync.progress", { ...PROGRESS, percentage: 99, filesCompleted: -1 });
  await quick.until(({ data }) => data.files_completed === -1);
});
