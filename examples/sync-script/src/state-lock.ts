import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { GitHubSdkError } from "@infrajet/github";
import { systemClock } from "@infrajet/github/adapters";

/** Who holds a lock. */
export interface LockHolder {
  /** Tells this hold from every other one. */
  readonly nonce: string;
  readonly pid: number;
  readonly host: string;
}

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when somebody else holds the lock. */
  onWait?(holder: LockHolder | null): void;
  /** Milliseconds; five minutes unless told. */
  readonly patience?: number;
}

const HEARTBEAT = 10_000;
// Six heartbeats that stayed out: the holder is gone, or so asleep that it has to look again before it writes.
const STALE_AFTER = 60_000;
const LOOK_EVERY = 100;
const PATIENCE = 300_000;

/** A file beside the state file that says who uses it. A holder that died gives way: its process or its heartbeat is missing. */
export class StateLock {
  readonly #path: string;
  readonly #nonce: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, nonce: string) {
    this.#path = path;
    this.#nonce = nonce;
    this.#heartbeat = setInterval(() => void touch(path).catch(() => undefined), HEARTBEAT);
    this.#heartbeat.unref();
  }

  /**
   * Takes the lock, after its holder when there is one.
   *
   * @throws GitHubSdkError `store_failed` when the holder does not end; the signal's reason.
   */
  static async acquire(path: string, options: LockOptions = {}): Promise<StateLock> {
    const deadline = Date.now() + (options.patience ?? PATIENCE);
    const nonce = randomUUID();
    for (let told = false; ; ) {
      if (await create(path, nonce)) return new StateLock(path, nonce);
      const holder = await look(path);
      if (holder.isStale) await removeStale(path);
      else if (Date.now() > deadline) throw stillHeld(path, holder.holder);
      else {
        if (!told) options.onWait?.(holder.holder);
        told = true;
        await systemClock.sleep(LOOK_EVERY, options.signal);
      }
    }
  }

  /** Makes sure that nobody took the lock over. @throws GitHubSdkError `lease_lost` */
  async ensure(): Promise<void> {
    const { holder } = await look(this.#path);
    if (holder?.nonce === this.#nonce) return;
    throw new GitHubSdkError("lease_lost", "Another run took over the state file while this one stood still.");
  }

  /** Gives the lock back, unless somebody took it over. */
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
    throw new GitHubSdkError("store_failed", `The state file's lock ${path} cannot be made.`, { cause: error });
  }
}

interface Look {
  /** `null` while the file is being made, or when it is gone. */
  readonly holder: LockHolder | null;
  readonly isStale: boolean;
}

async function look(path: string): Promise<Look> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const holder = parse(text);
    const isDead = holder !== null && holder.host === hostname() && !isAlive(holder.pid);
    return { holder, isStale: isDead || Date.now() - mtimeMs > STALE_AFTER };
  } catch (error) {
    if (isCode(error, "ENOENT")) return { holder: null, isStale: false };
    throw new GitHubSdkError("store_failed", `The state file's lock ${path} cannot be read.`, { cause: error });
  }
}

/** Of several that find a stale lock only one may remove it: the others could remove the lock that came after it. */
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
  await systemClock.sleep(LOOK_EVERY);
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
    // EPERM: it lives and belongs to somebody else.
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
    `${who} still uses the state file. Wait for its end, give another one with --state, or remove ${path} if it is gone.`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
