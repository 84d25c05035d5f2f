import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folderFiles } from "../../src/folder/index.js";
import { temporaryFolder, writeFiles } from "./temporary-folder.js";

const path = (relativePath: string): string => fileURLToPath(new URL(relativePath, import.meta.url));
const INDEXES = Array.from({ length: 8 }, (_, index) => index);
const PATHS = INDEXES.flatMap((index) => [
  `replaced/${index}`,
  `kept/${index}`,
  `created/${index}/file`,
  `removed/${index}/file`,
]);

/** Runs a process that writes, and kills it before its `step`-th change. Resolves to true when it was killed. */
async function runWriter(root: string, step: number): Promise<boolean> {
  const child = fork(path("writing-process.ts"), [root, String(step)], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env: { PATH: process.env.PATH, TSX_TSCONFIG_PATH: path("../../../../tsconfig.json") },
  });
  const [code, signal] = await once(child, "exit");
  expect([code, signal]).toEqual(signal === "SIGKILL" ? [null, "SIGKILL"] : [0, null]);
  return signal === "SIGKILL";
}

async function filesIn(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const absolute = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(root, absolute), await readFile(absolute, "utf8"));
  }
  return files;
}

describe("FolderWriteSession in a process that is killed by SIGKILL", () => {
  // The process makes about 300 changes.
  it.each([20, 100, 180, 260])(
    "leaves each file old or new, none half and none missing, when it is killed before change %i",
    async (step) => {
      const root = await temporaryFolder();
      for (const index of INDEXES) {
        const old = `old ${index}`;
        await writeFiles(root, { [`replaced/${index}`]: old, [`kept/${index}`]: old, [`removed/${index}/file`]: old });
      }
      expect(await runWriter(root, step)).toBe(true);
      const session = await folderFiles(root).openToWrite({ userId: "1", projectId: "1" });
      await session.tidy("42/1", PATHS);
      await session.close();

      const files = await filesIn(root);
      for (const index of INDEXES) {
        expect([`old ${index}`, `new ${index}`]).toContain(files.get(`replaced/${index}`));
        expect([`old ${index}`, `new ${index}`]).toContain(files.get(`kept/${index}`));
        expect([undefined, `new ${index}`]).toContain(files.get(`created/${index}/file`));
        expect([`old ${index}`, undefined]).toContain(files.get(`removed/${index}/file`));
        const isReplaced = files.get(`kept/${index}`) === `new ${index}`;
        if (isReplaced) expect(files.get(`.infrajet/kept/42/kept/${index}`)).toBe(`old ${index}`);
      }
      const isRegular = (file: string): boolean => PATHS.includes(file) || file.startsWith(".infrajet/kept/42/kept/");
      expect([...files.keys()].filter((file) => !isRegular(file))).toEqual([]);
    },
    60_000,
  );
});
