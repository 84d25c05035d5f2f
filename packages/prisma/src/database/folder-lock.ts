import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";

const holderSchema = z.object({
  nonce: z.string(),
  pid: z.int(),
  /** Distinguishes the process from a later one with the same ID; `null` where the system does not provide it. */
  process: z.string().nullable(),
  host: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

const HEARTBEAT_MS = 10_000;
// Six missed heartbeats. A process on another machine can only be recognized by its heartbeat.
const STALE_AFTER_MS = 60_000;

/**
 * A lock on a folder that only one process may use: a file beside the folder. The lock of a dead process is stale at once, on
 * another machine after a minute without a heartbeat.
 */
export class FolderLock {
  readonly #path: string;
  readonly #nonce: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, nonce: string) {
    this.#path = path;
    this.#nonce = nonce;
    this.#heartbeat = setInterval(() => void touch(path).catch(() => undefined), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Acquires the lock. The parent folder must exist. @throws GitHubSdkError `store_failed` when a running process holds it */
  static async acquire(folder: string): Promise<FolderLock> {
    const path = join(dirname(folder), `${basename(folder)}.lock`);
    const nonce = randomUUID();
    if (await create(path, nonce)) return new FolderLock(path, nonce);
    if (await isStale(path)) {
      await removeStale(path);
      if (await create(path, nonce)) return new FolderLock(path, nonce);
    }
    throw held(folder, path, await holderOf(path));
  }

  /** Releases the lock. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    if ((await holderOf(this.#path))?.nonce === this.#nonce) await rm(this.#path, { force: true });
  }
}

/** Creates the lock file. Returns false when it exists. */
async function create(path: string, nonce: string): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (isCode(error, "EEXIST")) return null;
    throw new GitHubSdkError("store_failed", `The lock ${path} cannot be created.`, { cause: error });
  });
  if (file === null) return false;
  const holder: Holder = { nonce, pid: process.pid, process: await processName(process.pid), host: hostname() };
  try {
    await file.writeFile(JSON.stringify(holder));
  } finally {
    await file.close();
  }
  return true;
}

async function isStale(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === null) return !(await isFresh(path));
  if (holder.host !== hostname()) return !(await isFresh(path));
  if (!isAlive(holder.pid)) return true;
  const name = await processName(holder.pid);
  return name !== null && holder.process !== null && name !== holder.process;
}

/** Removes a stale lock. Only one process may do so at a time: another could remove the lock that was created after it. */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.remove`;
  if (!(await create(guard, randomUUID()))) {
    if (await isStale(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Returns the holder of the lock; `null` while the file is being written and when it does not exist. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

async function isFresh(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs < STALE_AFTER_MS;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is running and belongs to another user.
    return isCode(error, "EPERM");
  }
}

/**
 * Returns the start time of a process. It distinguishes the process from an earlier one with the same ID, which is common in
 * restarted containers. Linux has it for every process; elsewhere it is known for this process only.
 */
async function processName(pid: number): Promise<string | null> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    // Field 22, the start in ticks since boot. It is counted from the end of the name, which may contain spaces and parentheses.
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return pid === process.pid ? String(performance.timeOrigin) : null;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

function held(folder: string, path: string, holder: Holder | null): GitHubSdkError {
  const who = holder === null ? "another process" : `process ${holder.pid} on ${holder.host}`;
  return new GitHubSdkError(
    "store_failed",
    `The database folder ${folder} is in use by ${who}. An embedded database supports one process. Stop that process, or use a PostgreSQL server for several. If no process uses the folder, remove ${path}.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
