import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";

describe("createManualClock", () => {
  it("does not advance by itself", async () => {
    const clock = createManualClock({ now: 1_000 });
    expect(clock.now()).toBe(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(1_000);
    await clock.advance(5);
    expect(clock.now()).toBe(1_005);
  });

  it("ends sleeps in the order of their times", async () => {
    const clock = createManualClock({ now: 0 });
    const log: string[] = [];
    const sleep = async (name: string, milliseconds: number, background: boolean): Promise<void> => {
      await (background ? clock.idle(milliseconds) : clock.sleep(milliseconds));
      log.push(`${name} at ${clock.now()}`);
    };
    void sleep("late", 30, false);
    void sleep("early", 10, true);
    void sleep("middle", 20, false);
    void sleep("also middle", 20, false);
    await clock.advance(9);
    expect(log).toEqual([]);
    await clock.advance(11);
    expect(log).toEqual(["early at 10", "middle at 20", "also middle at 20"]);
    await clock.advance(1_000);
    expect(log.at(-1)).toBe("late at 30");
    expect(clock.now()).toBe(1_020);
  });

  it("ends sleeps that start while it advances", async () => {
    const clock = createManualClock({ now: 0 });
    const ticks: number[] = [];
    void (async () => {
      while (ticks.length < 10) {
        await clock.sleep(10);
        ticks.push(clock.now());
      }
    })();
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
  });

  it("rejects an aborted sleep immediately with the reason", async () => {
    const clock = createManualClock();
    await expect(clock.sleep(10, AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
    const controller = new AbortController();
    const sleeping = clock.idle(10, controller.signal);
    controller.abort(new Error("meanwhile"));
    await expect(sleeping).rejects.toThrow("meanwhile");
    await clock.advance(100);
  });

  it("ends a sleep of 0 ms immediately", async () => {
    const clock = createManualClock();
    await clock.sleep(0);
    await clock.idle(-5);
  });

  it("resolves sleeping(n) when n sleeps are pending", async () => {
    const clock = createManualClock();
    let told = false;
    const two = clock.sleeping(2).then(() => {
      told = true;
    });
    void clock.sleep(10);
    await clock.sleeping();
    expect(told).toBe(false);
    void clock.idle(10);
    await two;
    expect(told).toBe(true);
  });

  it("advances automatically when it is configured to, but only for foreground sleeps", async () => {
    const clock = createManualClock({ now: 0, autoAdvance: true });
    let upkeep = 0;
    void (async () => {
      for (;;) {
        await clock.idle(1_000);
        upkeep += 1;
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(0);
    await Promise.all([clock.sleep(60_000), clock.sleep(30_000)]);
    expect(clock.now()).toBe(60_000);
    await clock.sleep(2_500);
    expect(clock.now()).toBe(62_500);
    expect(upkeep).toBe(62);
  });
});
