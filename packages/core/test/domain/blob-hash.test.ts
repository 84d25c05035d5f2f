import { expect, test } from "vitest";
import { BlobHasher, hasContent, hashBlobStream, isContent, verifiedContent } from "../../src/domain/blob-hash.js";

const TEXT = { oid: "8c7e5a667f1b771847fe88c01c3de34413a1b220", size: 1 };
const SHA256_TEXT = { oid: "c8c8c134138d356e5412fe143a62ccff706e787a5179ee26100ba1d571001a2a", size: 1 };

async function* stream(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test("hashBlobStream closes a stream that is too long", async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      while (true) yield new Uint8Array(1_000);
    } finally {
      closed = true;
    }
  }
  expect(await hashBlobStream(2_500, endless(), "sha1")).toEqual({ complete: false, declared: 2_500, received: 3_000 });
  expect(closed).toBe(true);
});

test("hashBlobStream throws the error of the stream", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error("connection reset");
  }
  await expect(hashBlobStream(20, broken(), "sha1")).rejects.toThrow("connection reset");
});

test("BlobHasher.update returns false beyond the declared size", () => {
  const hasher = new BlobHasher(3, "sha1");
  expect(hasher.update(Buffer.from("ab"))).toBe(true);
  expect(hasher.update(Buffer.from("cd"))).toBe(false);
  expect(hasher.digest()).toEqual({ complete: false, declared: 3, received: 4 });
});

test.each([TEXT, SHA256_TEXT])("isContent and hasContent recognize the content of $oid", async (blob) => {
  const texts = ["A", "B", "AA", ""];
  expect(texts.map((text) => isContent(blob, Buffer.from(text)))).toEqual([true, false, false, false]);
  const streamed = await Promise.all(texts.map((text) => hasContent(blob, stream(text))));
  expect(streamed).toEqual([true, false, false, false]);
});

test("verifiedContent yields the announced content and throws for any other", async () => {
  expect(await collect(verifiedContent(TEXT, stream("", "A")))).toBe("A");
  for (const texts of [["B"], ["A", "A"], []]) {
    await expect(collect(verifiedContent(TEXT, stream(...texts)))).rejects.toMatchObject({ code: "internal_error" });
  }
});
