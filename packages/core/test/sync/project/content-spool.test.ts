import { EventEmitter, once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hashObject } from "../../../src/git/object-id.js";
import { ContentSpool } from "../../../src/sync/project/content-spool.js";
import { openFilesIn } from "./open-files.js";
import { nextTurn } from "./recorded-session.js";

const LINUX = process.platform === "linux";
let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "spool-test-"));
  // What the spool makes lies in a place of the test's own.
  vi.stubEnv("TMPDIR", scratch);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(scratch, { recursive: true });
});

beforeEach(() => expect(readdirSync(scratch)).toEqual([]));

async function* pieces(bytes: Uint8Array, length = 3): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    await nextTurn();
    yield bytes.subarray(at, at + length);
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const add = (spool: ContentSpool, text: string, size = text.length) => spool.add("f", size, pieces(bytesOf(text)));
const read = async (spool: ContentSpool, oid: string): Promise<string | null> => {
  const bytes = await spool.read(oid);
  return bytes === null ? null : Buffer.from(bytes).toString();
};

const openSpoolFiles = (): number => openFilesIn(scratch);

describe.each([
  ["in memory", 1024 * 1024],
  ["on disk", 0],
  ["in both", 20],
])("a spool %s", (_where, limit) => {
  it("returns contents by blob ID", async () => {
    const spool = new ContentSpool("sha1", limit);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), async (contents) => {
        const oids = await Promise.all(
          contents.map((bytes, index) => spool.add("f", bytes.length, pieces(bytes, 1 + index))),
        );
        for (const [index, bytes] of contents.entries()) {
          expect(oids[index]).toBe(hashObject("blob", bytes, "sha1"));
          expect(Buffer.from((await spool.read(oids[index] ?? "")) ?? []).equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
    await spool.dispose();
  });

  it("accepts the same content twice, also concurrently", async () => {
    const spool = new ContentSpool("sha1", limit);
    const oids = await Promise.all([
      add(spool, "same content here"),
      add(spool, "other"),
      add(spool, "same content here"),
    ]);
    expect(oids[0]).toBe(oids[2]);
    expect(await read(spool, oids[0])).toBe("same content here");
    expect(await read(spool, oids[1])).toBe("other");
    await spool.dispose();
  });

  it("returns content that was written next to content that was read before", async () => {
    const spool = new ContentSpool("sha1", limit);
    const large = Buffer.alloc(2 * 1024 * 1024, "large");
    const gate = new EventEmitter();
    async function* slowly(): AsyncIterable<Uint8Array> {
      yield large.subarray(0, 1000);
      await once(gate, "open");
      yield large.subarray(1000);
    }
    const first = await add(spool, "before the large one");
    const later = spool.add("f", large.length, slowly());
    await add(spool, "behind the large one");
    expect(await read(spool, first)).toBe("before the large one");
    gate.emit("open");
    expect(await read(spool, await later)).toBe(large.toString());
    expect(await read(spool, first)).toBe("before the large one");
    await spool.dispose();
  });

  it("rejects content that is longer or shorter than listed, and does not keep it", async () => {
    const spool = new ContentSpool("sha1", limit);
    for (const size of [3, 11, 0]) {
      await expect(add(spool, "ten bytes!", size)).rejects.toMatchObject({
        code: "source_changed",
        details: { path: "f" },
      });
    }
    expect(await spool.read(hashObject("blob", bytesOf("ten bytes!"), "sha1"))).toBeNull();
    expect(await read(spool, await add(spool, "the next one"))).toBe("the next one");
    await spool.dispose();
  });

  it("throws a source's error and stays usable", async () => {
    const spool = new ContentSpool("sha1", limit);
    const outage = new Error("outage");
    const broken = async function* () {
      yield bytesOf("begin");
      throw outage;
    };
    await expect(spool.add("f", 10, broken())).rejects.toBe(outage);
    expect(await read(spool, await add(spool, "after"))).toBe("after");
    await spool.dispose();
  });

  it("computes blob IDs in the repository's object format", async () => {
    const spool = new ContentSpool("sha256", limit);
    expect(await add(spool, "x")).toBe(hashObject("blob", bytesOf("x"), "sha256"));
    expect(await read(spool, spool.put(bytesOf("made here")))).toBe("made here");
    await spool.dispose();
  });

  it("is empty and rejects contents once it was disposed of", async () => {
    const spool = new ContentSpool("sha1", limit);
    const oid = await add(spool, "content of some length");
    await spool.dispose();
    await spool.dispose();
    expect(await spool.read(oid)).toBeNull();
    await expect(add(spool, "late")).rejects.toMatchObject({ code: "internal_error" });
    expect(openSpoolFiles()).toBe(0);
  });

  it("leaves no file behind when it is disposed of while contents are added", async () => {
    const spool = new ContentSpool("sha1", limit);
    await add(spool, "a content that is there already");
    const adding = Promise.allSettled([add(spool, "one that is on its way in"), add(spool, "and another one of them")]);
    await nextTurn();
    await spool.dispose();
    await adding;
    expect(await readdir(scratch)).toEqual([]);
    expect(openSpoolFiles()).toBe(0);
  });
});

describe("temporary file of a ContentSpool", () => {
  it.runIf(LINUX)("is not made while memory is enough, and cannot be found by name when it is", async () => {
    const spool = new ContentSpool("sha1", 40);
    await add(spool, "fifteen bytes..");
    expect(openSpoolFiles()).toBe(0);
    await add(spool, "and a few more bytes than fit");
    expect(openSpoolFiles()).toBe(1);
    expect(await readdir(scratch)).toEqual([]);
    await spool.dispose();
    expect(openSpoolFiles()).toBe(0);
  });

  it("is not created for duplicate or incomplete contents, whose memory is freed", async () => {
    // Fifteen bytes without repetitions are 23 when they are deflated.
    const spool = new ContentSpool("sha1", 46);
    for (let time = 0; time < 10; time++) await add(spool, "fifteen bytes..");
    for (let time = 0; time < 10; time++) await add(spool, "short", 15).catch(() => {});
    await add(spool, "fifteen others!");
    expect(openSpoolFiles()).toBe(0);
    await spool.dispose();
  });

  it("reports that it cannot be created, and the spool can still be disposed of", async () => {
    const spool = new ContentSpool("sha1", 0);
    vi.stubEnv("TMPDIR", join(scratch, "missing"));
    try {
      await expect(add(spool, "x")).rejects.toMatchObject({ code: "ENOENT" });
      await spool.dispose();
    } finally {
      vi.stubEnv("TMPDIR", scratch);
    }
  });
});
