import { describe, expect, it } from "vitest";
import { RecentValues } from "../../src/timing/recent-values.js";
import { ManualClock } from "../github/manual-clock.js";

describe("RecentValues", () => {
  it("returns a value until it is older than the maximum age", () => {
    const clock = new ManualClock();
    const values = new RecentValues<string>(clock, { maxAgeMs: 1000 });
    values.put("key", "value");
    clock.advance(1000);
    expect(values.get("key")).toBe("value");
    clock.advance(1);
    expect(values.get("key")).toBeNull();
  });

  it("evicts the oldest values when there are too many", () => {
    const values = new RecentValues<number>(new ManualClock(), { maxAgeMs: Number.POSITIVE_INFINITY, maxCount: 2 });
    values.put("a", 1);
    values.put("b", 2);
    values.put("a", 3);
    values.put("c", 4);
    expect(["a", "b", "c"].map((key) => values.get(key))).toEqual([3, null, 4]);
  });

  it("keeps a value that is not evictable, and evicts it once it is", () => {
    const pinned = new Set([1]);
    const isEvictable = (value: number): boolean => !pinned.has(value);
    const values = new RecentValues<number>(new ManualClock(), {
      maxAgeMs: Number.POSITIVE_INFINITY,
      maxCount: 1,
      isEvictable,
    });
    values.put("a", 1);
    values.put("b", 2);
    expect([values.get("a"), values.get("b")]).toEqual([1, 2]);
    pinned.clear();
    values.put("c", 3);
    expect(["a", "b", "c"].map((key) => values.get(key))).toEqual([null, null, 3]);
  });

  it("deletes the values of one key, of a prefix, and all", () => {
    const values = new RecentValues<number>(new ManualClock(), { maxAgeMs: 1000 });
    for (const [index, key] of ["a1", "a2", "b", "c"].entries()) values.put(key, index);
    values.deletePrefix("a");
    values.delete("b");
    expect(["a1", "a2", "b", "c"].map((key) => values.get(key))).toEqual([null, null, null, 3]);
    values.clear();
    expect(values.get("c")).toBeNull();
  });
});
