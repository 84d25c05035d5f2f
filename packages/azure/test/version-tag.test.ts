import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FileVersion, isSettling, isVersion, versionTag } from "../src/version-tag.js";

const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") });
const known: fc.Arbitrary<FileVersion> = fc.record({
  etag: fc.stringMatching(/^"0x8D[0-9A-F]{12}"$/),
  size: fc.nat(),
  lastModified: time,
  fileId: fc.bigInt({ min: 1n, max: 2n ** 64n }).map(String),
  lastWriteTime: time,
  changeTime: time,
});
const PARTS = ["etag", "size", "lastModified", "fileId", "lastWriteTime", "changeTime"] as const;

describe("a version tag", () => {
  test("is the same for the same version, and another one when any part differs", () => {
    fc.assert(
      fc.property(known, known, fc.constantFrom(...PARTS), (version, other, part) => {
        const changed = { ...version, [part]: other[part] };
        const isSame = String(version[part]) === String(other[part]) && timeOf(version[part]) === timeOf(other[part]);
        expect(versionTag(changed) === versionTag(version)).toBe(isSame);
        expect(isVersion(versionTag(version) ?? "", changed)).toBe(isSame);
      }),
    );
  });

  test("needs an etag and a size", () => {
    fc.assert(
      fc.property(known, (version) => {
        for (const unknown of [{ etag: undefined }, { etag: "" }, { size: undefined }]) {
          const less = { ...version, ...unknown };
          expect(versionTag(less)).toBeNull();
          expect(isVersion(versionTag(version) ?? "", less)).toBe(false);
        }
      }),
    );
  });

  test("does not differ for what an answer leaves out", () => {
    fc.assert(
      fc.property(known, fc.constantFrom(...PARTS.slice(2)), (version, part) => {
        const less = { ...version, [part]: undefined };
        expect(isVersion(versionTag(version) ?? "", less)).toBe(true);
        expect(isVersion(versionTag(less) ?? "", version)).toBe(true);
      }),
    );
  });
});

describe("a file is settling", () => {
  const now = new Date("2026-05-01T12:00:00Z");
  const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
  const old: FileVersion = {
    etag: '"1"',
    size: 1,
    fileId: "1",
    lastModified: at(-1_000),
    lastWriteTime: at(-1_000),
    changeTime: at(-1_000),
  };

  test.each(["lastModified", "lastWriteTime", "changeTime"])("while its %s is as recent as that", (part) => {
    expect(isSettling({ ...old, [part]: at(-4.9) }, now, 5)).toBe(true);
    expect(isSettling({ ...old, [part]: at(-5) }, now, 5)).toBe(false);
  });

  test("when a writer's clock is ahead, but not for ever when its times were set by hand", () => {
    expect(isSettling({ ...old, lastWriteTime: at(3) }, now, 5)).toBe(true);
    expect(isSettling({ ...old, lastWriteTime: at(100_000) }, now, 5)).toBe(false);
  });

  test("never when nothing needs to settle", () => {
    expect(isSettling({ ...old, lastWriteTime: now }, now, 0)).toBe(false);
  });
});

function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}
