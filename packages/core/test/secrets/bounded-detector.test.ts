import { type Clock, systemClock } from "@infrajet/github/adapters";
import { describe, expect, it } from "vitest";
import { boundedDetector } from "../../src/secrets/bounded-detector.js";

const FILE = { path: "a.tf", text: "x" };
const never = () => new Promise<never>(() => {});

/** A clock on which pauses of this length are over at once and others never. */
function clockWith(length: number): Clock {
  return { ...systemClock, sleep: (milliseconds) => (milliseconds === length ? Promise.resolve() : never()) };
}

describe("boundedDetector", () => {
  it("fails when the detector does not end within 30 seconds, and aborts its signal", async () => {
    let given: AbortSignal | undefined;
    const detector = boundedDetector(
      {
        find: (_file, { signal }) => {
          given = signal;
          return never();
        },
      },
      clockWith(30_000),
    );
    const { signal } = new AbortController();
    await expect(detector.find(FILE, { signal })).rejects.toMatchObject({
      code: "internal_error",
      message: expect.stringMatching(/`secretDetector`.*"a\.tf".*30 seconds/),
    });
    expect(given?.aborted).toBe(true);
  });

  it("ends with the reason of its signal", async () => {
    const detector = boundedDetector({ find: never }, clockWith(0));
    const reason = new Error("cancelled");
    await expect(detector.find(FILE, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("returns at most 100 findings, with names of one line and lines from 1", async () => {
    const findings = Array.from({ length: 200 }, (_, line) => ({ rule: `a\n${"b".repeat(200)}`, line: line - 1 }));
    const detector = boundedDetector({ find: async () => findings }, clockWith(0));
    const found = await detector.find(FILE, { signal: new AbortController().signal });
    expect(found).toHaveLength(100);
    expect(found.slice(0, 4).map(({ line }) => line)).toEqual([1, 1, 1, 2]);
    expect(found[0]?.rule).toBe(`a ${"b".repeat(98)}`);
  });
});
