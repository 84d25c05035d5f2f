import {
  appendFile,
  mkdir,
  open,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ProjectFile, ProjectFilesSession } from "../../src/adapters/index.js";
import { folderFiles } from "../../src/folder/index.js";
import { findFile, openSession, readText, temporaryFolder, writeFiles } from "./temporary-folder.js";

const failsWith = (code: string) => expect.objectContaining({ code });

const LARGE = Buffer.alloc(1_000_000, "a");
const LONG_AGO = new Date("2020-01-01T00:00:00Z");

describe("FolderSession.read during a write", () => {
  const changes: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ["appended to", (path) => appendFile(path, "more")],
    ["truncated", (path) => truncate(path, 10)],
    ["emptied", (path) => truncate(path, 0)],
    ["replaced by another file", (path) => writeFile(`${path}.new`, LARGE).then(() => rename(`${path}.new`, path))],
    ["deleted", (path) => rm(path)],
    ["written to in place", (path) => overwrite(path)],
  ];

  it.each(changes)("throws source_changed when the file was %s", async (_, change) => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "large.bin": LARGE });
    await utimes(join(folder, "large.bin"), LONG_AGO, LONG_AGO);
    const session = await openSession(folderFiles(folder));
    const { bytes } = await session.read(await findFile(session, "large.bin"));
    const reading = (async () => {
      let isFirst = true;
      for await (const _ of bytes) {
        if (isFirst) await change(join(folder, "large.bin"));
        isFirst = false;
      }
    })();
    await expect(reading).rejects.toEqual(failsWith("source_changed"));
  });

  it("throws source_changed when the directory was replaced during the read", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "sub/large.bin": LARGE });
    const session = await openSession(folderFiles(folder));
    const { bytes } = await session.read(await findFile(session, "sub/large.bin"));
    const reading = (async () => {
      let isFirst = true;
      for await (const _ of bytes) {
        if (isFirst) await rename(join(folder, "sub"), join(folder, "moved"));
        isFirst = false;
      }
    })();
    await expect(reading).rejects.toEqual(failsWith("source_changed"));
  });
});

describe("FolderSession.read after a change", () => {
  it.each([0, 1, 1_000_000])(
    "yields no byte of a file of %i bytes outside the project when a link replaced its directory",
    async (size) => {
      const outside = await temporaryFolder();
      const folder = await temporaryFolder();
      await writeFiles(outside, { "large.bin": LARGE.subarray(0, size) });
      await writeFiles(folder, { "sub/large.bin": LARGE.subarray(0, size) });
      const session = await openSession(folderFiles(folder));
      const file = await findFile(session, "sub/large.bin");
      await rename(join(folder, "sub"), join(folder, "moved"));
      await symlink(outside, join(folder, "sub"));
      const given: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of (await session.read(file)).bytes) given.push(chunk);
      })();
      await expect(reading).rejects.toEqual(failsWith("source_changed"));
      expect(given).toEqual([]);
    },
  );

  it("throws source_changed when the file became a link, a directory or executable", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "a.tf": "a" });
    const session = await openSession(folderFiles(folder));
    const file = await findFile(session, "a.tf");
    const asLink: ProjectFile = { ...file, mode: "120000" };
    await expect(session.read(asLink)).rejects.toEqual(failsWith("source_changed"));
    const asScript: ProjectFile = { ...file, versionTag: null, mode: "100755" };
    await expect(session.read(asScript)).rejects.toEqual(failsWith("source_changed"));
    await rm(join(folder, "a.tf"));
    await mkdir(join(folder, "a.tf"));
    await expect(session.read(file)).rejects.toEqual(failsWith("source_changed"));
  });
});

describe("open files of FolderSession", () => {
  it("are limited by maxOpenFiles", async () => {
    const folder = await temporaryFolder();
    const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    await writeFiles(folder, Object.fromEntries(names.map((name) => [name, LARGE.subarray(0, 300_000)])));
    const session = await openSession(folderFiles(folder, { maxOpenFiles: 3 }));
    let most = 0;
    const read = async (name: string): Promise<void> => {
      for await (const _ of (await session.read(await findFile(session, name))).bytes) {
        most = Math.max(most, await openBelow(folder));
      }
    };
    await Promise.all(names.map(read));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
    expect(await openBelow(folder)).toBe(0);
  });

  it("wait for a free slot until the signal is aborted", async () => {
    const { folder, session, files } = await twoFiles();
    const first = await session.read(files[0]);
    const controller = new AbortController();
    const stopped = session.read(files[1], { signal: controller.signal });
    const second = readText(session, files[1]);
    controller.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    expect(await openBelow(folder)).toBe(1);
    for await (const _ of first.bytes);
    expect(await second).toBe("second");
    expect(await openBelow(folder)).toBe(0);
  });

  it("are closed when a reader stops early, fails to open or closes the session", async () => {
    const { folder, session, files } = await twoFiles();
    for await (const _ of (await session.read(files[0])).bytes) break;
    expect(await openBelow(folder)).toBe(0);
    await expect(session.read({ ...files[0], mode: "100755" })).rejects.toEqual(failsWith("source_changed"));
    expect(await openBelow(folder)).toBe(0);
    const { bytes } = await session.read(files[0]);
    const waiting = session.read(files[1]);
    expect(await openBelow(folder)).toBe(1);
    await session.close();
    await expect(waiting).rejects.toEqual(failsWith("source_unavailable"));
    expect(await openBelow(folder)).toBe(0);
    const reading = (async () => {
      for await (const _ of bytes);
    })();
    await expect(reading).rejects.toEqual(failsWith("source_unavailable"));
    await expect(session.read(files[0])).rejects.toEqual(failsWith("source_unavailable"));
    await expect(findFile(session, "first")).rejects.toEqual(failsWith("source_unavailable"));
  });
});

async function twoFiles(): Promise<{
  readonly folder: string;
  readonly session: ProjectFilesSession;
  readonly files: readonly [ProjectFile, ProjectFile];
}> {
  const folder = await temporaryFolder();
  await writeFiles(folder, { first: LARGE, second: "second" });
  const session = await openSession(folderFiles(folder, { maxOpenFiles: 1 }));
  return { folder, session, files: [await findFile(session, "first"), await findFile(session, "second")] };
}

async function overwrite(path: string): Promise<void> {
  const handle = await open(path, "r+");
  await handle.write("b", 500_000);
  await handle.close();
}

// Counted by the targets of this process's descriptors.
async function openBelow(folder: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets.filter((target) => target.startsWith(`${folder}/`)).length;
}
