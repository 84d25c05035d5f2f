import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { listAll, openSession, temporaryFolder, writeFiles } from "./temporary-folder.js";

// A kernel returns a large directory in pieces, and a file that is renamed between two of them can be in none. That depends
// on timing, so it is simulated: the mocked result lacks a file that was renamed in the meantime.
const reading = vi.hoisted(() => ({ meanwhile: null as null | (() => Promise<string>) }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  return {
    ...real,
    readdir: async (path: string, options: { encoding: "buffer"; withFileTypes: true }) => {
      const missed = await reading.meanwhile?.();
      const entries = await real.readdir(path, options);
      return entries.filter((entry) => entry.name.toString() !== missed);
    },
  };
});

// Other test files of the process have loaded the modules without the mock.
vi.resetModules();
const { folderFiles } = await import("../../src/folder/index.js");
afterAll(() => vi.resetModules());

describe("FolderSession.list of a directory that is read in pieces", () => {
  beforeEach(() => {
    reading.meanwhile = null;
  });

  it("reads the directory again when a file was renamed in the meantime", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { a: "", "other.tf": "" });
    const session = await openSession(folderFiles(folder));
    reading.meanwhile = async () => {
      reading.meanwhile = null;
      await rename(join(folder, "a"), join(folder, "b"));
      return "b";
    };
    expect((await listAll(session)).map(({ path }) => path)).toEqual(["b", "other.tf"]);
  });

  it("throws source_changed when the directory keeps changing", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { a: "" });
    const session = await openSession(folderFiles(folder));
    let count = 0;
    reading.meanwhile = async () => {
      count += 1;
      await writeFile(join(folder, `new-${count}`), "");
      return "none";
    };
    await expect(listAll(session)).rejects.toMatchObject({ code: "source_changed" });
    expect(count).toBe(5);
  });
});
