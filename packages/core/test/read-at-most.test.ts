import { describe, expect, it } from "vitest";
import { readAtMost } from "../src/read-at-most.js";

const tooLarge = (): Error => new Error("too large");

async function* pieces(count: number, bytes = 1): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield new Uint8Array(bytes).fill(index % 256);
}

describe("readAtMost", () => {
  it("returns the bytes of a stream in order, also from thousands of small pieces", async () => {
    const bytes = await readAtMost(pieces(5000), 5000, tooLarge);
    expect(bytes).toHaveLength(5000);
    expect([bytes[0], bytes[255], bytes[256], bytes[4999]]).toEqual([0, 255, 0, 4999 % 256]);
  });

  it("accepts exactly the limit and throws the given error for one byte more", async () => {
    await expect(readAtMost(new Uint8Array(10), 10, tooLarge)).resolves.toHaveLength(10);
    await expect(readAtMost(new Uint8Array(11), 10, tooLarge)).rejects.toThrow("too large");
    await expect(readAtMost(pieces(10), 10, tooLarge)).resolves.toHaveLength(10);
    await expect(readAtMost(pieces(11), 10, tooLarge)).rejects.toThrow("too large");
  });

  it("stops reading an endless stream at the limit", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1;
        yield new Uint8Array(100);
      }
    }
    await expect(readAtMost(endless(), 1000, tooLarge)).rejects.toThrow("too large");
    expect(read).toBe(11);
  });

  it("returns an empty array for a stream without pieces", async () => {
    await expect(readAtMost(pieces(0), 10, tooLarge)).resolves.toHaveLength(0);
  });
});
