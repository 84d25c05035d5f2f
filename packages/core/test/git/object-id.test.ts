import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { hashBlobStream } from "../../src/domain/blob-hash.js";
import type { ObjectFormat } from "../../src/domain/repository.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { EMPTY_TREE, hashObject, isObjectId, objectFormatOf } from "../../src/git/object-id.js";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.js";

const FORMATS: readonly ObjectFormat[] = ["sha1", "sha256"];

/** Returns git's ids of blobs with these contents. */
function gitBlobIds(repository: ScratchRepository, contents: readonly Uint8Array[]): string[] {
  const script = contents.flatMap((content, index) => [
    Buffer.from(`blob\nmark :${index + 1}\ndata ${content.length}\n`),
    content,
    Buffer.from("\n"),
  ]);
  repository.git(["fast-import", "--quiet", "--export-marks=marks"], { input: Buffer.concat(script) });
  const ids: string[] = [];
  for (const [, mark, oid] of readFileSync(join(repository.directory, "marks"), "utf8").matchAll(/^:(\d+) (\w+)$/gm)) {
    ids[Number(mark) - 1] = oid ?? "";
  }
  return ids;
}

async function* inPieces(content: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const size of sizes) {
    yield content.subarray(offset, offset + size);
    offset += size;
  }
  yield content.subarray(offset);
}

describe.each(FORMATS)("object ids in %s", (format) => {
  const repository = scratchRepository(format);
  afterAll(() => repository.remove());

  test("hashObject and BlobHasher return git's blob ids", async () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 2_000, size: "max" }), { minLength: 300, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(contents, fc.array(fc.nat(900)), async (blobs, sizes) => {
        const expected = gitBlobIds(repository, blobs);
        expect(blobs.map((blob) => hashObject("blob", blob, format))).toEqual(expected);
        const hashes = await Promise.all(
          blobs.map((blob) => hashBlobStream(blob.length, inPieces(blob, sizes), format)),
        );
        expect(hashes).toEqual(expected.map((oid) => ({ complete: true, oid })));
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  test("EMPTY_TREE is git's, and objectFormatOf returns the format of an id", () => {
    const oid = repository.git(["write-tree"]).toString().trim();
    expect(EMPTY_TREE[format]).toBe(oid);
    expect(hashObject("tree", new Uint8Array(), format)).toBe(oid);
    expect(isObjectId(oid)).toBe(true);
    expect(objectFormatOf(oid)).toBe(format);
  });

  test("BlobHasher returns no id for content of another size", async () => {
    const content = Buffer.from("resource");
    const wrongSize = fc.nat(20).filter((size) => size !== content.length);
    await fc.assert(
      fc.asyncProperty(wrongSize, fc.array(fc.nat(4)), async (declared, sizes) => {
        const hash = await hashBlobStream(declared, inPieces(content, sizes), format);
        if (hash.complete) throw new Error("complete");
        expect(hash.declared).toBe(declared);
        if (declared > content.length) expect(hash.received).toBe(content.length);
        else expect(hash.received).toBeGreaterThan(declared);
      }),
    );
  });
});

test.each(["", "a".repeat(39), "a".repeat(41), "A".repeat(40), "g".repeat(40), `${"a".repeat(40)}\n`, 7, null])(
  "isObjectId rejects %j",
  (value) => {
    expect(isObjectId(value)).toBe(false);
  },
);

test("objectFormatOf throws for an invalid id", () => {
  expect(() => objectFormatOf("main")).toThrow(expect.toSatisfy((error) => isGitHubSdkError(error, "internal_error")));
});
