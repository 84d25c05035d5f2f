import fc from "fast-check";
import { expect, test } from "vitest";
import { shortestEdit } from "../../src/git/shortest-edit.js";

const lines = fc.array(fc.nat(3), { maxLength: 14 }).map((numbers) => Int32Array.from(numbers));

/** Returns the length of a longest common subsequence, by dynamic programming. */
function commonLength(left: Int32Array, right: Int32Array): number {
  let row = new Array<number>(right.length + 1).fill(0);
  for (const line of left) {
    const next = [0];
    right.forEach((other, index) => {
      const best = line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0);
      next.push(best);
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

test("shortestEdit keeps equal lines, in order, and as many as possible", () => {
  fc.assert(
    fc.property(lines, lines, (from, to) => {
      const kept = shortestEdit(from, to, 28) ?? new Int32Array();
      expect(kept).toHaveLength(from.length);
      const pairs = Array.from(kept.entries()).filter(([, line]) => line !== -1);
      for (const [index, line] of pairs) expect(to[line]).toBe(from[index]);
      expect(pairs.map(([, line]) => line)).toEqual(pairs.map(([, line]) => line).toSorted((a, b) => a - b));
      expect(new Set(pairs.map(([, line]) => line)).size).toBe(pairs.length);
      expect(pairs).toHaveLength(commonLength(from, to));
    }),
    { numRuns: 1_000 },
  );
});

test("shortestEdit returns null beyond the limit", () => {
  fc.assert(
    fc.property(lines, lines, fc.nat(28), (from, to, limit) => {
      const edits = from.length + to.length - 2 * commonLength(from, to);
      expect(shortestEdit(from, to, limit) === null).toBe(edits > limit);
    }),
  );
});
