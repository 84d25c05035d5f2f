import { describe, expect, it } from "vitest";
import { CancellationGate } from "../../../src/sync/commit/cancellation-gate.js";

describe("CancellationGate", () => {
  it("forwards an abort with its reason while it is open", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    expect(gate.signal.aborted).toBe(false);
    const reason = new Error("cancelled");
    outer.abort(reason);
    expect(gate.signal.reason).toBe(reason);
    expect(() => gate.close()).toThrow(reason);
    expect(gate.closed).toBe(false);
  });

  it("forwards an abort from before it was created", () => {
    const reason = new Error("cancelled");
    const gate = new CancellationGate(AbortSignal.abort(reason));
    expect(gate.signal.reason).toBe(reason);
    expect(() => gate.close()).toThrow(reason);
  });

  it("does not forward an abort once it is closed, and can be closed twice", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    gate.close();
    expect(gate.closed).toBe(true);
    outer.abort();
    gate.close();
    expect(gate.signal.aborted).toBe(false);
  });

  it("stops listening to the outer signal when it is disposed of", () => {
    const outer = new AbortController();
    const gate = new CancellationGate(outer.signal);
    gate.dispose();
    outer.abort();
    expect(gate.signal.aborted).toBe(false);
    expect(gate.closed).toBe(false);
  });
});
