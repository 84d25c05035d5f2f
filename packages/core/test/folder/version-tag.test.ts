import { stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createManualClock } from "@infrajet/github-testing/conformance";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folderFiles } from "../../src/folder/index.js";
import { type FileStamp, versionTag } from "../../src/folder/version-tag.js";
import { findFile, openSession, readText, temporaryFolder } from "./temporary-folder.js";

const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
const NOW = 1_772_359_200_000n * MILLISECOND;

/** Time granularities of file systems and kernels: exact, 100 ns (NTFS), ticks of 4 or 10 ms, one second, two (FAT). */
const GRANULARITIES = [1n, 100n, 4n * MILLISECOND, 10n * MILLISECOND, SECOND, 2n * SECOND];

const after = (time: bigint) =>
  fc.oneof(
    fc.bigInt(0n, 30n * MILLISECOND).map((later) => time + later),
    fc.bigInt(0n, 5n * SECOND).map((later) => time + later),
  );

describe("versionTag", () => {
  it("differs after each later write, however coarse the times are", () => {
    const histories = fc
      .record({ granularity: fc.constantFrom(...GRANULARITIES), offset: fc.bigInt(0n, 3n * SECOND) })
      .chain(({ granularity, offset }) => fc.tuple(fc.constant(granularity), fc.constant(NOW + offset)))
      .chain(([granularity, written]) => fc.tuple(fc.constant(granularity), fc.constant(written), after(written)))
      .chain(([granularity, written, seen]) =>
        fc.record({
          granularity: fc.constant(granularity),
          written: fc.constant(written),
          seen: fc.constant(seen),
          rewritten: after(seen),
          // A tool may restore an old modification time, but not the change time.
          keptMtime: fc.option(fc.constantFrom(0n, NOW - 1_000n * SECOND, NOW + 7_777n), { nil: null }),
        }),
      );
    fc.assert(
      fc.property(histories, ({ granularity, written, seen, rewritten, keptMtime }) => {
        const before = versionTag(stamp(written, granularity, keptMtime), Number(seen / MILLISECOND));
        if (before === null) return;
        const later = versionTag(stamp(rewritten, granularity, keptMtime), Number.MAX_SAFE_INTEGER);
        expect(later).not.toBe(before);
      }),
      { numRuns: 5_000 },
    );
  });

  it("returns a tag once the file is older than its time granularity", () => {
    const fine = stamp(NOW + 123_456_789n, 1n, null);
    const fineTime = Number(NOW / MILLISECOND) + 123;
    expect(versionTag(fine, fineTime + 10)).toBeNull();
    expect(versionTag(fine, fineTime + 30)).not.toBeNull();
    const coarse = stamp(NOW, SECOND, null);
    expect(versionTag(coarse, Number(NOW / MILLISECOND) + 2_000)).toBeNull();
    expect(versionTag(coarse, Number(NOW / MILLISECOND) + 3_001)).not.toBeNull();
  });

  it("returns a tag when only the modification time is in the future, and null when the change time is", () => {
    const time = Number(NOW / MILLISECOND);
    expect(
      versionTag({ ...stamp(NOW - 10n * SECOND + 1n, 1n, null), mtimeNs: NOW + 900n * SECOND }, time),
    ).not.toBeNull();
    expect(versionTag(stamp(NOW + 900n * SECOND + 1n, 1n, null), time)).toBeNull();
  });

  it("depends on each part of the stamp", () => {
    const base = stamp(NOW + 1n, 1n, null);
    const tags = [
      base,
      { ...base, size: 2n },
      { ...base, ino: 8n },
      { ...base, mtimeNs: NOW },
      { ...base, ctimeNs: NOW },
    ];
    expect(new Set(tags.map((each) => versionTag(each, Number.MAX_SAFE_INTEGER))).size).toBe(tags.length);
  });
});

describe("version tags in FolderSession", () => {
  it("are null while a file is new, and set after its time granularity", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.tf"), "a");
    const { ctimeMs } = await stat(join(folder, "a.tf"));
    const clock = createManualClock({ now: Math.floor(ctimeMs) });
    const session = await openSession(folderFiles(folder, { clock }));
    const fresh = await findFile(session, "a.tf");
    expect(fresh.versionTag).toBeNull();
    expect((await session.read(fresh)).versionTag).toBeNull();
    await clock.advance(60_000);
    const settled = await findFile(session, "a.tf");
    expect(settled.versionTag).not.toBeNull();
    expect((await session.read(fresh)).versionTag).toBe(settled.versionTag);
    expect(await readText(session, settled)).toBe("a");
  });

  it("change after a write of the same size, also when the modification time is restored", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.tf");
    const time = new Date("2026-01-01T00:00:00.500Z");
    await writeFile(path, "before");
    await utimes(path, time, time);
    const { ctimeNs } = await stat(path, { bigint: true });
    const clock = createManualClock({ now: Date.now() + 3_600_000 });
    const session = await openSession(folderFiles(folder, { clock }));
    const before = await findFile(session, "a.tf");
    do {
      await writeFile(path, "after!");
      await utimes(path, time, time);
    } while ((await stat(path, { bigint: true })).ctimeNs === ctimeNs);
    const after = await findFile(session, "a.tf");
    expect(after.size).toBe(before.size);
    expect(after.versionTag).not.toBe(before.versionTag);
    expect((await session.read(before)).versionTag).toBe(after.versionTag);
  });
});

function stamp(written: bigint, granularity: bigint, keptMtime: bigint | null): FileStamp {
  const ctimeNs = written - (written % granularity);
  return { size: 1n, ino: 7n, ctimeNs, mtimeNs: keptMtime ?? ctimeNs };
}
