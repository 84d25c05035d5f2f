import { createManualClock } from "@infrajet/github-testing/conformance";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { newSyncRecord } from "../../../src/domain/sync-record.js";
import { EventBus, type SyncProgress } from "../../../src/events.js";
import { silentLogger } from "../../../src/logger.js";
import { MemoryPubSub } from "../../../src/memory/memory-pub-sub.js";
import { ProgressReporter, syncEvent } from "../../../src/sync/record/progress.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import { TARGET } from "../plan/planned-sync.js";

const { options } = parseSyncRequest({ project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" });
const record = newSyncRecord(7, {
  userId: "ada",
  projectId: "infra",
  target: TARGET,
  repository: "ada/infra",
  options,
  createdAt: new Date(0),
});

const buses: EventBus[] = [];
afterEach(() => Promise.all(buses.splice(0).map((bus) => bus.close())));

function reporter() {
  const bus = new EventBus(new MemoryPubSub({ logger: silentLogger }), silentLogger);
  buses.push(bus);
  const told: SyncProgress[] = [];
  bus.on("sync.progress", (progress) => told.push(progress));
  const clock = createManualClock();
  return { clock, told, progress: new ProgressReporter(bus, clock, record) };
}

const call = fc.record({
  phase: fc.constantFrom("reading" as const, "comparing" as const, "writing" as const),
  done: fc.nat({ max: 30 }),
  total: fc.nat({ max: 25 }),
});

describe("ProgressReporter", () => {
  it("starts at 0, never falls, stays below 100 until the end, and finishes at 100", () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const { told, progress } = reporter();
        for (const { phase, done, total } of calls) progress.report(phase, done, total, "f");
        const running = told.map(({ percentage }) => percentage);
        expect(running[0]).toBe(0);
        expect(running).toEqual([...running].sort((a, b) => a - b));
        expect(Math.max(...running)).toBeLessThan(100);
        expect(running.every(Number.isInteger)).toBe(true);
        progress.finish();
        expect(told.at(-1)).toMatchObject({ percentage: 100, phase: "finished", currentFile: null });
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the percentage when the plan is made again", () => {
    const { told, progress } = reporter();
    progress.report("reading", 10, 10);
    progress.report("comparing", 0, 1);
    progress.report("writing", 5, 10);
    progress.report("comparing", 0, 1);
    progress.report("writing", 1, 10);
    progress.report("writing", 6, 10);
    expect(told.map(({ phase, percentage }) => [phase, percentage])).toEqual([
      ["reading", 0],
      ["reading", 60],
      ["comparing", 60],
      ["writing", 84],
      ["comparing", 84],
      ["writing", 84],
      ["writing", 87],
    ]);
  });

  it("emits one event per percent, not per file", () => {
    const { told, progress } = reporter();
    for (let done = 1; done <= 10_000; done++) progress.report("reading", done, 10_000, `f${done}`);
    expect(told.length).toBe(61);
    expect(told.at(-1)).toMatchObject({ filesCompleted: 10_000, totalFiles: 10_000, currentFile: "f10000" });
  });

  it("estimates the completion time from 5 percent on", async () => {
    const { told, progress, clock } = reporter();
    const start = clock.now();
    expect(told[0]?.estimatedCompletion).toBeNull();
    await clock.advance(1000);
    progress.report("reading", 1, 60);
    expect(told.at(-1)?.estimatedCompletion).toBeNull();
    await clock.advance(1000);
    progress.report("reading", 20, 60);
    expect(told.at(-1)?.estimatedCompletion).toBe(start + 10_000);
    await clock.advance(500);
    progress.finish();
    expect(told.at(-1)?.estimatedCompletion).toBe(start + 2500);
  });

  it("names the sync in every event", () => {
    const { told } = reporter();
    expect(told[0]).toMatchObject({
      syncId: 7,
      userId: "ada",
      projectId: "infra",
      repository: "ada/infra",
      branch: "main",
    });
    expect(syncEvent(record)).toEqual({
      syncId: 7,
      userId: "ada",
      projectId: "infra",
      repository: "ada/infra",
      branch: "main",
    });
  });
});
