import { describe, expect, it } from "vitest";
import { CancellationGate } from "../../../src/sync/commit/cancellation-gate.js";

describe("the gate before a branch moves", () => {
  it("passes an abort on, with its reason, as long as it is open", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    expect(gate.signal.aborted).toBe(false);
    const reason = new Error("cancelled");
    outer.abort(reason);
    expect(gate.signal.reason).toBe(reason);
    expect(() => gate.close()).toThrow(reason);
    expect(gate.closed).toBe(false);
  });

  it("passes on an abort that came before it", () => {
    const reason = new Error("cancelled");
    const gate = new CancellationGate(AbortSignal.abort(reason));
    expect(gate.signal.reason).toBe(reason);
    expect(() => gate.close()).toThrow(reason);
  });

  it("lets no abort through once it is closed, and may be closed again", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    gate.close();
    expect(gate.closed).toBe(true);
    outer.abort();
    gate.close();
    expect(gate.signal.aborted).toBe(false);
  });

  it("lets go of the outer signal", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    gate.dispose();
    outer.abort();
    expect(gate.signal.aborted).toBe(false);
    expect(gate.closed).toBe(false);
  });
});
