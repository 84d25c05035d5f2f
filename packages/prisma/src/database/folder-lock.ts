import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";

const holderSchema = z.object({
  nonce: z.string(),
  pid: z.int(),
  /** Tells the process from a later one with the same id; `null` where the system does not say. */
  process: z.string().nullable(),
  host: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

const HEARTBEAT = 10_000;
// On another machine only the heartbeat tells: six of them stayed out.
const STALE_AFTER = 60_000;

/**
 * The right to use a folder that only one process may use, as a file beside it. A process that died gives way at once, on
 * another machine after a minute without a heartbeat.
 */
export class FolderLock {
  readonly #path: string;
  readonly #nonce: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, nonce: string) {
    this.#path = path;
    this.#nonce = nonce;
    this.#heartbeat = setInterval(() => void touch(path).catch(() => undefined), HEARTBEAT);
    this.#heartbeat.unref();
  }

  /** Takes the lock; the folder above has to be there. @throws GitHubSdkError `store_failed` when a living process has it */
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

  /** Gives the folder back. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    if ((await holderOf(this.#path))?.nonce === this.#nonce) await rm(this.#path, { force: true });
  }
}

/** Makes the lock's file; `false` when it is there. */
async function create(path: string, nonce: string): Promise<boolean> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (isCode(error, "EEXIST")) return null;
    throw new GitHubSdkError("store_failed", `The lock ${path} cannot be made.`, { cause: error });
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

/** Of several that find a stale lock only one may remove it: the others could remove the lock that came after it. */
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

/** Who wrote the lock; `null` while it is being written, or when it is gone. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

async function isFresh(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs < STALE_AFTER;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return isCode(error, "EPERM");
  }
}

/**
 * What tells a process from an earlier one with the same id, which a restarted container often has: when it began, as Linux
 * tells of every process, and each process knows of itself.
 */
async function processName(pid: number): Promise<string | null> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    // After the name in parentheses, which may hold anything: field 22, the start in ticks since boot.
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
    `The database folder ${folder} is in use by ${who}. An embedded database serves one process: end that one, or use a PostgreSQL server for several. If nobody uses it, remove ${path}.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
