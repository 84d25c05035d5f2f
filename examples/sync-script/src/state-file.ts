import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { FileLock, type FileLockHolder, type FileLockOptions } from "@infrajet/github/folder";
import { emptyState, formatState, parseState, type StateContent } from "./state-content.js";
import { type RememberedStores, stateStores } from "./state-stores.js";

// Later syncs do not need older records.
const FINISHED_RECORDS_KEPT = 100;
const LOCK_TIMEOUT_MS = 300_000;

/**
 * The stores of the SDK in one JSON file. It is written atomically after every change, readable by its owner only, and used by
 * one process at a time.
 */
export class StateFile {
  /** The stores for the SDK. */
  readonly stores: RememberedStores;
  readonly #path: string;
  readonly #content: StateContent;
  readonly #lock: FileLock | null;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  private constructor(path: string, content: StateContent, lock: FileLock | null) {
    this.#path = path;
    this.#content = content;
    this.#lock = lock;
    this.stores = stateStores(content, () => this.#keep());
  }

  /**
   * Opens a state file. Waits until no other run uses it.
   *
   * @throws GitHubSdkError `store_failed` when it cannot be read or is damaged; the signal's reason
   */
  static async open(path: string, options: Omit<FileLockOptions, "held"> = {}): Promise<StateFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((cause) => {
      throw new GitHubSdkError("store_failed", `The folder of the state file ${path} cannot be created.`, { cause });
    });
    const lock = await acquireLock(`${path}.lock`, options);
    try {
      const content = await read(path);
      tidy(content.records);
      return new StateFile(path, content, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Opens a state file read-only. */
  static async look(path: string): Promise<StateFile> {
    const content = await read(path);
    // Read-only: interrupted syncs of earlier runs must not be recovered.
    content.records.clear();
    return new StateFile(path, content, null);
  }

  /** Writes pending changes and releases the file. */
  async close(): Promise<void> {
    try {
      await (this.#next ?? this.#writing);
    } finally {
      await this.#lock?.release();
    }
  }

  /** Schedules a write. Changes during a write are written together afterwards. */
  #keep(): Promise<void> {
    if (this.#lock === null) return Promise.resolve();
    const lock = this.#lock;
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        this.#writing = this.#write(lock);
        return this.#writing;
      });
    return this.#next;
  }

  async #write(lock: FileLock): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, "w", 0o600);
      try {
        await file.writeFile(formatState(this.#content));
        await file.sync();
      } finally {
        await file.close();
      }
      if (!(await lock.isHeld())) throw takenOver();
      await rename(temporary, this.#path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new GitHubSdkError("store_failed", `The state file ${this.#path} cannot be written.`, { cause });
    }
  }
}

function acquireLock(path: string, options: Omit<FileLockOptions, "held">): Promise<FileLock> {
  return FileLock.acquire(path, { timeoutMs: LOCK_TIMEOUT_MS, ...options, held: (holder) => stillHeld(path, holder) });
}

function stillHeld(path: string, holder: FileLockHolder | null): GitHubSdkError {
  const who = holder === null ? "Another run" : `Another run (process ${holder.pid} on ${holder.host})`;
  return new GitHubSdkError(
    "store_failed",
    `${who} still uses the state file. Wait for its end, set another file with --state, or remove ${path} if that run has ended.`,
  );
}

function takenOver(): GitHubSdkError {
  return new GitHubSdkError("lease_lost", "Another run took over the state file while this machine was suspended.");
}

async function read(path: string): Promise<StateContent> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return emptyState();
    throw new GitHubSdkError("store_failed", `The state file ${path} cannot be read.`, { cause });
  }
  try {
    return parseState(text);
  } catch (cause) {
    const fix = "Set another file with --state, or delete it: the next sync then compares as a first sync does.";
    throw new GitHubSdkError("store_failed", `The state file ${path} is damaged or not a state file. ${fix}`, {
      cause,
    });
  }
}

/** Cancels pending syncs of earlier runs and drops old records. The SDK recovers interrupted syncs. */
function tidy(records: Map<number, SyncRecord>): void {
  const now = new Date();
  for (const record of records.values()) {
    if (record.status !== "pending") continue;
    records.set(record.id, { ...record, status: "cancelled", completedAt: now, updatedAt: now });
  }
  const isDone = ({ status, attempts }: SyncRecord): boolean =>
    status === "completed" || (status !== "in_progress" && attempts.every(({ outcome }) => outcome !== "unknown"));
  const done = [...records.values()].filter(isDone).sort((left, right) => right.id - left.id);
  for (const { id } of done.slice(FINISHED_RECORDS_KEPT)) records.delete(id);
}
