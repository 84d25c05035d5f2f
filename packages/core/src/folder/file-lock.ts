import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import * as z from "zod";
import { systemClock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import { errorCode } from "./file-error.js";

const holderSchema = z.object({
  nonce: z.string(),
  pid: z.int(),
  process: z.string().nullable(),
  host: z.string(),
});

/** The holder of a lock. */
export interface FileLockHolder {
  /** Identifies this acquisition of the lock. */
  readonly nonce: string;
  readonly pid: number;
  /** Distinguishes the process from a later one with the same ID; `null` where the system does not provide it. */
  readonly process: string | null;
  readonly host: string;
}

/** The options of an acquisition. */
export interface FileLockOptions {
  /** Returns the error of an acquisition that fails because another process holds the lock. `null`: its holder is not known. */
  held(holder: FileLockHolder | null): Error;
  /** Called once when the acquisition starts to wait. */
  onWait?(holder: FileLockHolder | null): void;
  /** The longest wait while another process holds the lock. Defaults to 0. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const HEARTBEAT_MS = 10_000;
// Six missed heartbeats. A process on another machine can only be recognized by its heartbeat.
const STALE_AFTER_MS = 60_000;
const POLL_INTERVAL_MS = 100;

/**
 * A lock file. The lock of a process that died is stale at once, that of a process on another machine after a minute without a
 * heartbeat. The lock of a suspended process on this machine is not stale.
 */
export class FileLock {
  readonly #path: string;
  readonly #nonce: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, nonce: string) {
    this.#path = path;
    this.#nonce = nonce;
    this.#heartbeat = setInterval(() => void touch(path).catch(() => undefined), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /**
   * Acquires the lock. The folder of the file must exist.
   *
   * @throws what `held` returns when another process still holds the lock after `timeoutMs`; GitHubSdkError `store_failed` when
   * the file cannot be created; the signal's reason
   */
  static async acquire(path: string, options: FileLockOptions): Promise<FileLock> {
    const nonce = randomUUID();
    const deadline = Date.now() + (options.timeoutMs ?? 0);
    for (let isWaiting = false; ; ) {
      if (await create(path, nonce)) return new FileLock(path, nonce);
      await removeStale(path);
      if (await create(path, nonce)) return new FileLock(path, nonce);
      const holder = await holderOf(path);
      if (Date.now() >= deadline) throw options.held(holder);
      if (!isWaiting) options.onWait?.(holder);
      isWaiting = true;
      await systemClock.sleep(POLL_INTERVAL_MS, options.signal);
    }
  }

  /** Returns false after a process on another machine took over the lock while this machine was suspended. */
  async isHeld(): Promise<boolean> {
    return (await holderOf(this.#path))?.nonce === this.#nonce;
  }

  /** Releases the lock, unless another process took it over. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    if (await this.isHeld()) await rm(this.#path, { force: true });
  }
}

/** Creates the lock file. Returns false when it exists. */
async function create(path: string, nonce: string): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (errorCode(error) === "EEXIST") return null;
    throw new GitHubSdkError("store_failed", `The lock ${path} cannot be created.`, { cause: error });
  });
  if (file === null) return false;
  const holder: FileLockHolder = {
    nonce,
    pid: process.pid,
    process: await processName(process.pid),
    host: hostname(),
  };
  try {
    await file.writeFile(JSON.stringify(holder));
  } finally {
    await file.close();
  }
  return true;
}

/** Removes a stale lock. Only one process may do so at a time: another could remove the lock that was created after it. */
async function removeStale(path: string): Promise<void> {
  if (!(await isStale(path))) return;
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

async function isStale(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === null || holder.host !== hostname()) return !(await isFresh(path));
  if (!isAlive(holder.pid)) return true;
  const name = await processName(holder.pid);
  return name !== null && holder.process !== null && name !== holder.process;
}

/** Returns the holder of the lock; `null` while the file is being written and when it does not exist. */
async function holderOf(path: string): Promise<FileLockHolder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

async function isFresh(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs < STALE_AFTER_MS;
  } catch (error) {
    // A lock that was just released is not stale: the caller would remove the one that replaces it.
    return errorCode(error) === "ENOENT";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is running and belongs to another user.
    return errorCode(error) === "EPERM";
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
