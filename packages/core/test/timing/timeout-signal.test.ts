import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { timeoutSignal } from "../../src/timing/timeout-signal.js";
import { ManualClock } from "../github/manual-clock.js";

const late = new Error("late");

/** Lets the clock's resolved sleeps call their listeners. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("timeoutSignal", () => {
  it("aborts the signal with the error when the time is up", async () => {
    const clock = new ManualClock();
    const timeout = timeoutSignal(clock, 1000, late);
    clock.advance(999);
    await turn();
    expect([timeout.signal.aborted, timeout.timedOut]).toEqual([false, false]);
    clock.advance(1);
    await turn();
    expect([timeout.signal.reason, timeout.timedOut]).toEqual([late, true]);
  });

  it("starts the whole time again on restart", async () => {
    const clock = new ManualClock();
    const timeout = timeoutSignal(clock, 1000, late);
    clock.advance(900);
    timeout.restart();
    clock.advance(900);
    await turn();
    expect(timeout.signal.aborted).toBe(false);
    clock.advance(100);
    await turn();
    expect(timeout.signal.aborted).toBe(true);
  });

  it("aborts the signal with the reason of the outer signal, also when that was aborted before", () => {
    const outer = new AbortController();
    const timeout = timeoutSignal(new ManualClock(), 1000, late, outer.signal);
    outer.abort("stopped");
    const afterwards = timeoutSignal(new ManualClock(), 1000, late, outer.signal);
    expect([timeout.signal.reason, timeout.timedOut, afterwards.signal.reason]).toEqual(["stopped", false, "stopped"]);
  });

  it("leaves neither a timer nor a listener on the outer signal behind when cleared", async () => {
    const clock = new ManualClock();
    const outer = new AbortController();
    const timeout = timeoutSignal(clock, 1000, late, outer.signal);
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(1);
    timeout.clear();
    clock.advance(1000);
    await turn();
    expect(getEventListeners(outer.signal, "abort")).toHaveLength(0);
    expect(timeout.signal.aborted).toBe(false);
  });
});
