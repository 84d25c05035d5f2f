import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ObjectFormat } from "../../src/domain/repository.js";
import { deflateBytes, deflatedInMemory } from "../../src/git/deflated.js";
import { hashObject } from "../../src/git/object-id.js";
import { type PackObject, packSize, writePack } from "../../src/git/pack-writer.js";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.js";

let repository: ScratchRepository | undefined;
afterEach(() => repository?.remove());

const packed = async (bytes: Uint8Array): Promise<PackObject> => ({
  type: "blob",
  content: deflatedInMemory(bytes.length, await deflateBytes(bytes)),
});

async function piecesOf(objects: readonly PackObject[], format: ObjectFormat): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writePack(objects, format)) pieces.push(piece);
  return pieces;
}

describe.each(["sha1", "sha256"] as const)("writePack for a %s repository", (format) => {
  it("writes a pack that git reads, with the size of packSize", async () => {
    repository = scratchRepository(format);
    // Sizes around the limits of headers of one, two, three and four bytes.
    const sizes = [0, 1, 15, 16, 17, 2047, 2048, 2049, 70_000, 262_143, 262_144, 1_500_000];
    const contents = sizes.map((size) => Buffer.alloc(size, `${size} `));
    const objects = await Promise.all(contents.map(packed));
    const pack = Buffer.concat(await piecesOf(objects, format));
    expect(packSize(objects, format)).toBe(pack.length);
    repository.git(["index-pack", "--stdin", "--strict"], { input: pack });
    for (const bytes of contents) {
      const oid = hashObject("blob", bytes, format);
      expect(repository.git(["cat-file", "blob", oid]).equals(bytes)).toBe(true);
    }
  });

  it("writes the checksum as a separate last piece", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (contents) => {
        const objects = await Promise.all(contents.map(packed));
        const pieces = await piecesOf(objects, format);
        const last = Buffer.from(pieces.pop() ?? []);
        const checksum = createHash(format);
        for (const piece of pieces) checksum.update(piece);
        expect(last.equals(checksum.digest())).toBe(true);
        expect(packSize(objects, format)).toBe(pieces.reduce((sum, { length }) => sum + length, last.length));
      }),
      { numRuns: 50 },
    );
  });
});

it("writePack reports each object, and joins small ones", async () => {
  const objects = await Promise.all(Array.from({ length: 500 }, (_, index) => packed(Buffer.from(`object ${index}`))));
  const counts: number[] = [];
  let pieces = 0;
  for await (const _piece of writePack(objects, "sha1", (count) => counts.push(count))) pieces += 1;
  expect(counts).toEqual(objects.map((_, index) => index + 1));
  expect(pieces).toBe(2);
});
