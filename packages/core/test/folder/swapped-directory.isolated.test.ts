import { link, mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { ProjectFile } from "../../src/adapters/index.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { listAll, openSession, readText, temporaryFolder, writeFiles } from "./temporary-folder.js";

// Another process may replace a directory by a link and restore it between any two file system calls. Instead of racing with
// one, each call of the source is counted, and the directory is a link exactly during the calls of a chosen window.
const swaps = vi.hoisted(() => ({ beforeCall: null as null | (() => Promise<void>) }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  type Call = (...parameters: never[]) => Promise<unknown>;
  const counted =
    (call: Call): Call =>
    async (...parameters) => {
      await swaps.beforeCall?.();
      return call(...parameters);
    };
  const { lstat, open, readdir, readlink, realpath } = real;
  const calls = Object.entries({ lstat, open, readdir, readlink, realpath });
  return { ...real, ...Object.fromEntries(calls.map(([name, call]) => [name, counted(call as Call)])) };
});

// Other test files of the process have loaded the modules without the mock.
vi.resetModules();
const { folderFiles } = await import("../../src/folder/index.js");
afterAll(() => vi.resetModules());

afterEach(() => {
  swaps.beforeCall = null;
});

/** Makes the directory a link during the calls `from` to `to`, counted from now. Returns the number of calls so far. */
function swapDuring(directory: string, target: string, from: number, to: number): () => number {
  const aside = `${directory}.aside`;
  let calls = 0;
  let isBusy = false;
  swaps.beforeCall = async () => {
    if (isBusy) return;
    calls += 1;
    isBusy = true;
    if (calls === from) {
      await rename(directory, aside);
      await symlink(target, directory);
    }
    if (calls === to) {
      await rename(directory, `${directory}.link`);
      await rename(aside, directory);
    }
    isBusy = false;
  };
  return () => calls;
}

const secret = "secret of another user";

async function projectWithSecret() {
  const folder = await temporaryFolder();
  const others = await temporaryFolder();
  await writeFiles(folder, { "sub/a.txt": "own", "sub/deep/b.txt": "own" });
  await mkdir(join(folder, "sub/links"));
  await symlink("own target", join(folder, "sub/links/link"));
  await writeFiles(others, { "a.txt": secret, "deep/b.txt": secret, "hidden.txt": secret });
  await mkdir(join(others, "links"));
  await symlink(secret, join(others, "links/link"));
  return { folder, others };
}

/** Lists and reads the whole project and returns all that was seen, as far as the session got. */
async function readAll(folder: string): Promise<string[]> {
  const seen: string[] = [];
  try {
    const session = await openSession(folderFiles(folder));
    for (const directory of ["", "sub", "sub/deep", "sub/links"]) {
      for (const entry of await listAll(session, directory)) {
        seen.push(entry.path);
        if (entry.type === "file") seen.push(await readText(session, entry as ProjectFile));
      }
    }
  } catch (error) {
    if (!isGitHubSdkError(error)) throw error;
    seen.push(error.code);
  }
  return seen;
}

describe.runIf(process.platform === "linux")("FolderSession with a directory that is replaced by a link", () => {
  it.each([1, 2, 3, 5])(
    "yields no name and no byte of the link's target when the link exists for %i calls",
    async (length) => {
      let wasSwapped = false;
      for (let from = 1, total = from; from <= total; from += 1) {
        const { folder, others } = await projectWithSecret();
        const calls = swapDuring(join(folder, "sub"), others, from, from + length);
        const seen = await readAll(folder);
        total = Math.max(total, Math.min(calls(), 200));
        swaps.beforeCall = null;
        wasSwapped ||= calls() > from;
        expect(seen.filter((text) => text.includes("hidden") || text.includes(secret))).toEqual([]);
      }
      expect(wasSwapped).toBe(true);
    },
    60_000,
  );
});

describe("hard links in FolderSession.list", () => {
  it("are reported with their path and count", async () => {
    const folder = await temporaryFolder();
    const others = await temporaryFolder();
    await writeFiles(others, { "secret.txt": secret });
    await writeFiles(folder, { "own.txt": "own" });
    await link(join(others, "secret.txt"), join(folder, "linked.txt"));
    const warnings: unknown[] = [];
    const log = (): void => {};
    const warn = (_: string, fields?: object): void => void warnings.push(fields);
    const session = await openSession(folderFiles(folder, { logger: { debug: log, info: log, error: log, warn } }));
    await listAll(session);
    expect(warnings).toEqual([{ path: "linked.txt", links: 2 }]);
  });
});
