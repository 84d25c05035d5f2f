import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { FolderLock } from "../src/database/folder-lock.js";

const holder = await compiledProgram(new URL("folder-holder.ts", import.meta.url));
let scratch: string;
let folder: string;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "infrajet-lock-"));
  folder = join(scratch, "database");
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map(end));
  await rm(scratch, { recursive: true });
});

/** Starts a process that takes the lock; gives back what it says then. */
async function start(): Promise<{ readonly child: ChildProcess; readonly said: unknown }> {
  const child = fork(holder, [folder], { execArgv: [] });
  processes.push(child);
  const [said] = await once(child, "message");
  return { child, said };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

it("refuses a folder that another process uses, and takes it over at once when that one died", async () => {
  const first = await start();
  expect(first.said).toBe("held");
  await expect(FolderLock.acquire(folder)).rejects.toMatchObject({
    code: "store_failed",
    message: expect.stringContaining(`is in use by process ${first.child.pid} on `),
  });
  expect((await start()).said).toContain(`is in use by process ${first.child.pid} on `);

  await end(first.child);
  const lock = await FolderLock.acquire(folder);
  await expect(FolderLock.acquire(folder)).rejects.toMatchObject({ code: "store_failed" });
  await lock.release();
  expect(await readdir(scratch)).toEqual([]);
});

it("lets one of several take over from a process that died", async () => {
  await end((await start()).child);
  const taken = await Promise.allSettled(Array.from({ length: 10 }, () => FolderLock.acquire(folder)));
  const locks = taken.filter((result) => result.status === "fulfilled");
  expect(locks).toHaveLength(1);
  await locks[0]?.value.release();
  expect(await readdir(scratch)).toEqual([]);
});
