import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../../.ci/compiled-program.js";
import { FileLock, type FileLockHolder } from "../../src/folder/file-lock.js";

const holder = await compiledProgram(new URL("lock-holder.ts", import.meta.url));
let scratch: string;
let path: string;
const processes: ChildProcess[] = [];
const LONG_AGO = new Date(Date.now() - 120_000);

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "infrajet-lock-"));
  path = join(scratch, "database.lock");
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map(end));
  await rm(scratch, { recursive: true });
});

/** Starts a process that takes the lock; gives back what it says then. */
async function start(): Promise<{ readonly child: ChildProcess; readonly said: unknown }> {
  const child = fork(holder, [path], { execArgv: [] });
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

function acquire(): Promise<FileLock> {
  return FileLock.acquire(path, { held: (held) => new Error(`held by ${held?.pid}`) });
}

describe("FileLock", () => {
  it("refuses a lock that another process holds, and acquires it at once when that process died", async () => {
    const first = await start();
    expect(first.said).toBe("acquired");
    await expect(acquire()).rejects.toThrow(`held by ${first.child.pid}`);
    expect((await start()).said).toContain(`held by ${first.child.pid}`);

    await end(first.child);
    const lock = await acquire();
    await expect(acquire()).rejects.toThrow(`held by ${process.pid}`);
    await lock.release();
    expect(await readdir(scratch)).toEqual([]);
  });

  it("lets exactly one of several acquire the lock of a process that died", async () => {
    await end((await start()).child);
    const taken = await Promise.allSettled(Array.from({ length: 10 }, acquire));
    const locks = taken.filter((result) => result.status === "fulfilled");
    expect(locks).toHaveLength(1);
    await locks[0]?.value.release();
    expect(await readdir(scratch)).toEqual([]);
  });

  it("does not acquire the lock of a living process whose heartbeat is missing", async () => {
    const lock = await acquire();
    await utimes(path, LONG_AGO, LONG_AGO);
    await expect(acquire()).rejects.toThrow(`held by ${process.pid}`);
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
  });

  it("acquires the lock of another machine after a minute without a heartbeat, and tells its holder so", async () => {
    const lock = await acquire();
    await writeFile(path, (await readFile(path, "utf8")).replace(hostname(), "another-machine"));
    await expect(acquire()).rejects.toThrow(`held by ${process.pid}`);
    await utimes(path, LONG_AGO, LONG_AGO);
    const next = await acquire();
    expect([await lock.isHeld(), await next.isHeld()]).toEqual([false, true]);
    await lock.release();
    expect(await next.isHeld()).toBe(true);
    await next.release();
  });

  it("acquires the lock of an earlier process with the same process ID", async () => {
    const earlier: FileLockHolder = { nonce: "earlier", pid: process.pid, process: "1", host: hostname() };
    await writeFile(path, JSON.stringify(earlier));
    await (await acquire()).release();
  });
});
