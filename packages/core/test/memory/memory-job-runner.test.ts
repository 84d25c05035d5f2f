import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../src/logger.js";
import { MemoryJobRunner } from "../../src/memory/index.js";

const DONE = { kind: "done" } as const;

/** A runner whose jobs end when the test says so. */
async function heldJobs(concurrency: number) {
  const runner = new MemoryJobRunner({ concurrency });
  const log: string[] = [];
  const ends = new Map<number, () => void>();
  await runner.start(async (syncId, signal) => {
    log.push(`begin ${syncId}`);
    await new Promise<void>((resolve) => {
      ends.set(syncId, resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    log.push(`end ${syncId}`);
    return DONE;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const submit = async (...ids: number[]) => {
    for (const id of ids) await runner.submit(id);
    await settle();
  };
  const end = async (id: number) => {
    ends.get(id)?.();
    await settle();
  };
  return { runner, log, submit, end };
}

describe("MemoryJobRunner", () => {
  it("runs syncs in the order of submission, at most `concurrency` at a time", async () => {
    const { log, submit, end } = await heldJobs(2);
    await submit(1, 2, 3, 4);
    expect(log).toEqual(["begin 1", "begin 2"]);
    await end(2);
    await end(1);
    expect(log).toEqual(["begin 1", "begin 2", "end 2", "begin 3", "end 1", "begin 4"]);
  });

  it("runs an ID once when it is submitted again while it is queued", async () => {
    const { log, submit, end } = await heldJobs(1);
    await submit(1, 2, 2, 2);
    await end(1);
    await end(2);
    expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  it("runs an ID once more after its end when it is submitted while it runs", async () => {
    const { log, submit, end } = await heldJobs(3);
    await submit(1);
    await submit(1, 1, 1, 2);
    expect(log).toEqual(["begin 1", "begin 2"]);
    await end(1);
    expect(log).toEqual(["begin 1", "begin 2", "end 1", "begin 1"]);
    await end(1);
    expect(log.filter((line) => line === "begin 1")).toHaveLength(2);
  });

  it("aborts running syncs, drops queued ones and accepts no new ones when it stops", async () => {
    const { runner, log, submit } = await heldJobs(1);
    await submit(1, 2, 1);
    await runner.stop();
    expect(log).toEqual(["begin 1", "end 1"]);
    await submit(3);
    await runner.stop();
    expect(log).toEqual(["begin 1", "end 1"]);
  });

  it("aborts a job with the reason sync_interrupted when it stops", async () => {
    const runner = new MemoryJobRunner();
    let reason: unknown;
    await runner.start(async (_, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      reason = signal.reason;
      return DONE;
    });
    await runner.submit(1);
    await new Promise((resolve) => setImmediate(resolve));
    await runner.stop();
    expect(reason).toMatchObject({ code: "sync_interrupted" });
  });

  it("runs syncs that were submitted before it started", async () => {
    const runner = new MemoryJobRunner();
    await runner.submit(5);
    const ran = new Promise<number>(
      (resolve) =>
        void runner.start(async (syncId) => {
          resolve(syncId);
          return DONE;
        }),
    );
    expect(await ran).toBe(5);
    await runner.stop();
  });

  it("runs a job that returned `again` after the hints that wait", async () => {
    const runner = new MemoryJobRunner({ concurrency: 1 });
    const log: number[] = [];
    for (const id of [1, 2, 3]) await runner.submit(id);
    const ended = new Promise<void>((resolve) => {
      void runner.start(async (syncId) => {
        log.push(syncId);
        if (log.length === 4) resolve();
        return log.length === 1 ? { kind: "again", delayMs: 0 } : DONE;
      });
    });
    await ended;
    expect(log).toEqual([1, 2, 3, 1]);
    await runner.stop();
  });

  it("waits for a delay that exceeds the longest timer", async () => {
    const clock = createManualClock();
    const runner = new MemoryJobRunner({ clock });
    const log: number[] = [];
    await runner.start(async (syncId) => {
      log.push(syncId);
      return DONE;
    });
    await runner.submit(1, { delayMs: 86_400_000 });
    await clock.advance(86_399_999);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual([1]);
    await runner.stop();
  });

  it("keeps a waiting ID with a delay when another one waits for less", async () => {
    const clock = createManualClock();
    const runner = new MemoryJobRunner({ clock });
    const log: number[] = [];
    await runner.start(async (syncId) => {
      log.push(syncId);
      return DONE;
    });
    await runner.submit(1, { delayMs: 2_000 });
    await runner.submit(2, { delayMs: 1_000 });
    await runner.submit(1, { delayMs: 5_000 });
    await clock.advance(1_000);
    expect(log).toEqual([2]);
    await clock.advance(1_000);
    expect(log).toEqual([2, 1]);
    await runner.stop();
  });

  it("logs the error of a job that rejects", async () => {
    const error = vi.fn();
    const runner = new MemoryJobRunner({ logger: { ...silentLogger, error } });
    const cause = new Error("on purpose");
    await runner.start(async () => Promise.reject(cause));
    await runner.submit(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(error).toHaveBeenCalledExactlyOnceWith("A sync job rejected.", { syncId: 1, error: cause });
  });

  it.each([0, -1, 1.5, Number.NaN])("rejects a concurrency of %s", (concurrency) => {
    expect(() => new MemoryJobRunner({ concurrency })).toThrow(expect.objectContaining({ code: "invalid_options" }));
  });
});
