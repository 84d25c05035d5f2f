import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FileVersion, isInQuietPeriod, isVersion, versionTag } from "../src/version-tag.js";

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

describe("versionTag", () => {
  it("returns equal tags for equal versions and different tags when any property differs", () => {
    fc.assert(
      fc.property(known, known, fc.constantFrom(...PARTS), (version, other, part) => {
        const changed = { ...version, [part]: other[part] };
        const isSame = String(version[part]) === String(other[part]) && timeOf(version[part]) === timeOf(other[part]);
        expect(versionTag(changed) === versionTag(version)).toBe(isSame);
        expect(isVersion(versionTag(version) ?? "", changed)).toBe(isSame);
      }),
    );
  });

  it("returns null without an etag or a size", () => {
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

  it("matches a version whose response omits optional properties", () => {
    fc.assert(
      fc.property(known, fc.constantFrom(...PARTS.slice(2)), (version, part) => {
        const less = { ...version, [part]: undefined };
        expect(isVersion(versionTag(version) ?? "", less)).toBe(true);
        expect(isVersion(versionTag(less) ?? "", version)).toBe(true);
      }),
    );
  });
});

describe("isInQuietPeriod", () => {
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

  it.each(["lastModified", "lastWriteTime", "changeTime"])("returns true while %s is within the period", (part) => {
    expect(isInQuietPeriod({ ...old, [part]: at(-4.9) }, now, 5)).toBe(true);
    expect(isInQuietPeriod({ ...old, [part]: at(-5) }, now, 5)).toBe(false);
  });

  it("returns true when a writer's clock is slightly ahead, and false for times far in the future", () => {
    expect(isInQuietPeriod({ ...old, lastWriteTime: at(3) }, now, 5)).toBe(true);
    expect(isInQuietPeriod({ ...old, lastWriteTime: at(100_000) }, now, 5)).toBe(false);
  });

  it("returns false when the period is 0", () => {
    expect(isInQuietPeriod({ ...old, lastWriteTime: now }, now, 0)).toBe(false);
  });
});

function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}
