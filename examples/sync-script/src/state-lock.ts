import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { GitHubSdkError } from "@infrajet/github";
import { systemClock } from "@infrajet/github/adapters";

/** The holder of a lock. */
export interface LockHolder {
  /** Identifies this acquisition of the lock. */
  readonly nonce: string;
  readonly pid: number;
  readonly host: string;
}

/** The options of waiting for a lock. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when another process holds the lock. */
  onWait?(holder: LockHolder | null): void;
  /** The longest wait. Defaults to 300_000. */
  readonly timeoutMs?: number;
}

const HEARTBEAT_MS = 10_000;
// Six missed heartbeats: the holder is dead, or was suspended and must check the lock before it writes.
const STALE_AFTER_MS = 60_000;
const POLL_INTERVAL_MS = 100;
const TIMEOUT_MS = 300_000;

/** A lock file beside the state file. A lock is stale when its process is dead or its heartbeat is missing. */
export class StateLock {
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
   * Acquires the lock. Waits while another process holds it.
   *
   * @throws GitHubSdkError `store_failed` after the timeout; the signal's reason
   */
  static async acquire(path: string, options: LockOptions = {}): Promise<StateLock> {
    const deadline = Date.now() + (options.timeoutMs ?? TIMEOUT_MS);
    const nonce = randomUUID();
    for (let notified = false; ; ) {
      if (await create(path, nonce)) return new StateLock(path, nonce);
      const holder = await look(path);
      if (holder.isStale) await removeStale(path);
      else if (Date.now() > deadline) throw stillHeld(path, holder.holder);
      else {
        if (!notified) options.onWait?.(holder.holder);
        notified = true;
        await systemClock.sleep(POLL_INTERVAL_MS, options.signal);
      }
    }
  }

  /** Checks that no other process took over the lock. @throws GitHubSdkError `lease_lost` */
  async ensure(): Promise<void> {
    const { holder } = await look(this.#path);
    if (holder?.nonce === this.#nonce) return;
    throw new GitHubSdkError("lease_lost", "Another run took over the state file while this process was suspended.");
  }

  /** Releases the lock, unless another process took it over. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    const { holder } = await look(this.#path);
    if (holder?.nonce === this.#nonce) await rm(this.#path, { force: true });
  }
}

async function create(path: string, nonce: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${nonce} ${process.pid} ${hostname()}\n`);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw new GitHubSdkError("store_failed", `The lock ${path} of the state file cannot be created.`, { cause: error });
  }
}

interface Look {
  /** `null` while the file is being written, or when it was removed. */
  readonly holder: LockHolder | null;
  readonly isStale: boolean;
}

async function look(path: string): Promise<Look> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const holder = parse(text);
    const isDead = holder !== null && holder.host === hostname() && !isAlive(holder.pid);
    return { holder, isStale: isDead || Date.now() - mtimeMs > STALE_AFTER_MS };
  } catch (error) {
    if (isCode(error, "ENOENT")) return { holder: null, isStale: false };
    throw new GitHubSdkError("store_failed", `The lock ${path} of the state file cannot be read.`, { cause: error });
  }
}

/** Only one of several processes may remove a stale lock: the others could remove the lock that replaces it. */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.remove`;
  if (await create(guard, randomUUID())) {
    try {
      if ((await look(path)).isStale) await rm(path, { force: true });
    } finally {
      await rm(guard, { force: true });
    }
    return;
  }
  if ((await look(guard)).isStale) await rm(guard, { force: true });
  await systemClock.sleep(POLL_INTERVAL_MS);
}

function parse(text: string): LockHolder | null {
  const [, nonce, pid, host] = /^(\S+) (\d+) (.+)\n$/.exec(text) ?? [];
  return nonce === undefined || host === undefined ? null : { nonce, pid: Number(pid), host };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return isCode(error, "EPERM");
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

function stillHeld(path: string, holder: LockHolder | null): GitHubSdkError {
  const who = holder === null ? "Another run" : `Another run (process ${holder.pid} on ${holder.host})`;
  return new GitHubSdkError(
    "store_failed",
    `${who} still uses the state file. Wait for its end, set another file with --state, or remove ${path} if that run has ended.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
