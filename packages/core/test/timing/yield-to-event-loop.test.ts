import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isTurnOver, yieldingToEventLoop, yieldToEventLoop } from "../../src/timing/yield-to-event-loop.js";

const ITEMS = Array.from({ length: 100 }, (_, index) => index);
const SIGNAL = new AbortController().signal;

let now = 0;

beforeEach(() => void vi.spyOn(performance, "now").mockImplementation(() => now));
afterEach(() => void vi.restoreAllMocks());

/** Takes some milliseconds on the clock. */
function work(milliseconds: number): void {
  now += milliseconds;
}

describe("yieldingToEventLoop", () => {
  it("yields every item in order and lets other work run every 10 ms", async () => {
    const seen: number[] = [];
    let turns = 0;
    const count = (): void => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    for await (const item of yieldingToEventLoop(ITEMS, SIGNAL)) {
      seen.push(item);
      work(1);
    }
    clearImmediate(immediate);
    expect(seen).toEqual(ITEMS);
    expect(turns).toBe(9);
  });

  it("does not yield while items take no time", async () => {
    let turns = 0;
    await yieldToEventLoop(SIGNAL);
    const immediate = setImmediate(() => {
      turns += 1;
    });
    for await (const _item of yieldingToEventLoop([1, 2, 3], SIGNAL)) expect(turns).toBe(0);
    clearImmediate(immediate);
  });

  it("throws the reason of an abort", async () => {
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    setImmediate(() => controller.abort(reason));
    const seen: number[] = [];
    const goThrough = async (): Promise<void> => {
      for await (const item of yieldingToEventLoop(ITEMS, controller.signal)) {
        seen.push(item);
        work(2);
      }
    };
    await expect(goThrough()).rejects.toBe(reason);
    expect(seen.length).toBeLessThan(10);
  });
});

describe("isTurnOver", () => {
  it("measures the work of all callers in one turn of the event loop", async () => {
    await yieldToEventLoop(SIGNAL);
    expect(isTurnOver()).toBe(false);
    work(6);
    await Promise.resolve();
    work(6);
    expect(isTurnOver()).toBe(true);
    await yieldToEventLoop(SIGNAL);
    expect(isTurnOver()).toBe(false);
  });
});
