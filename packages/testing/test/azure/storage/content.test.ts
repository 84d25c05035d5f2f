import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Content } from "../../../src/azure/storage/content.js";

const SIZE = 3000;

const operation = fc.oneof(
  fc.record({
    kind: fc.constant("write" as const),
    start: fc.nat(SIZE - 1),
    length: fc.integer({ min: 1, max: 1200 }),
  }),
  fc.record({
    kind: fc.constant("clear" as const),
    start: fc.nat(SIZE - 1),
    length: fc.integer({ min: 1, max: 1200 }),
  }),
  fc.record({ kind: fc.constant("resize" as const), start: fc.integer({ min: 1, max: SIZE }), length: fc.constant(0) }),
);

describe("Content", () => {
  it("has the bytes of a plain array after any writes, clears and resizes, and does not change earlier contents", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
        let content = Content.zeros(SIZE);
        let model = Buffer.alloc(SIZE);
        const history: [Content, Buffer][] = [];
        operations.forEach(({ kind, start, length }, index) => {
          const from = Math.min(start, content.size - 1);
          const end = Math.min(from + length, content.size);
          if (kind === "resize") {
            content = content.resize(start);
            model = Buffer.concat([model.subarray(0, start), Buffer.alloc(Math.max(0, start - model.length))]);
          } else {
            model = Buffer.from(model);
            model.fill(kind === "write" ? index + 1 : 0, from, end);
            content =
              kind === "write"
                ? content.write(from, Buffer.alloc(end - from, index + 1))
                : content.clear({ start: from, end: end - 1 });
          }
          history.push([content, model]);
        });
        for (const [then, bytes] of history) {
          expect(Buffer.from(then.bytes()).equals(bytes)).toBe(true);
          // Bytes outside of all ranges are zero. Ranges are whole pages, sorted and not adjacent.
          let at = 0;
          for (const { start, end } of then.ranges()) {
            expect(start % 512).toBe(0);
            expect((end + 1) % 512 === 0 || end === then.size - 1).toBe(true);
            expect(start === 0 || start > at).toBe(true);
            expect(bytes.subarray(at, start).every((byte) => byte === 0)).toBe(true);
            at = end + 1;
          }
          expect(bytes.subarray(at).every((byte) => byte === 0)).toBe(true);
        }
      }),
    );
  });

  it("omits cleared pages from the ranges", () => {
    const content = Content.of(Buffer.alloc(2048, 1)).clear({ start: 100, end: 1535 });
    expect(content.ranges()).toEqual([
      { start: 0, end: 511 },
      { start: 1536, end: 2047 },
    ]);
    expect([content.bytes()[99], content.bytes()[100], content.bytes()[1535], content.bytes()[1536]]).toEqual([
      1, 0, 0, 1,
    ]);
  });
});
