import { describe, expect, it } from "vitest";
import { yieldingToEventLoop } from "../../src/timing/yield-to-event-loop.js";

const ITEMS = Array.from({ length: 100 }, (_, index) => index);

describe("yieldingToEventLoop", () => {
  it("yields every item in order and lets other work run in between", async () => {
    const seen: number[] = [];
    let seenByOthers = -1;
    setImmediate(() => {
      seenByOthers = seen.length;
    });
    for await (const item of yieldingToEventLoop(ITEMS, new AbortController().signal)) seen.push(item);
    expect(seen).toEqual(ITEMS);
    expect(seenByOthers).toBeLessThan(20);
    expect(seenByOthers).not.toBe(-1);
  });

  it("throws the reason of an abort", async () => {
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    setImmediate(() => controller.abort(reason));
    const seen: number[] = [];
    const goThrough = async (): Promise<void> => {
      for await (const item of yieldingToEventLoop(ITEMS, controller.signal)) seen.push(item);
    };
    await expect(goThrough()).rejects.toBe(reason);
    expect(seen.length).toBeLessThan(20);
  });
});
