import { createGitHubSdk, type GitHubSdk, type SyncRequest, silentLogger } from "@infrajet/github";
import { type Clock, type SyncRecord, systemClock } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { MemoryBaselineStore, MemoryLockStore, MemorySyncRecordStore } from "@infrajet/github/memory";
import { PROJECT } from "../boxed-files.js";
import type { ProjectSide } from "./project-side.js";

/** A clock that tests put forward. Long pauses between attempts are short. */
class PlayClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  putForward(milliseconds: number): void {
    this.#aheadMs += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds <= 4_000 ? Math.min(milliseconds, 5) : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

/** An SDK whose process can die: from then on it cannot reach the stores. */
interface Process {
  readonly sdk: GitHubSdk;
  die(): void;
}

/** Returns a store whose methods fail after the signal. */
function usedWhile<Store extends object>(life: AbortSignal, store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown =>
        life.aborted ? Promise.reject(life.reason) : Reflect.apply(value, target, args);
    },
  });
}

/** A host with stores and a project of its own. */
export class PlayHost {
  /** True after a crash, until a later sync has ended. */
  isInterrupted = false;
  readonly #clock = new PlayClock();
  readonly #stores = {
    records: new MemorySyncRecordStore(),
    baselines: new MemoryBaselineStore(),
    locks: new MemoryLockStore(this.#clock),
  };
  readonly #start: () => Process;
  #process: Process;
  readonly #dead: GitHubSdk[] = [];

  constructor(
    readonly side: ProjectSide,
    apiUrl: string,
    auth: string,
  ) {
    this.#start = () => {
      const life = new AbortController();
      const { records, baselines, locks } = this.#stores;
      const stores = {
        records: usedWhile(life.signal, records),
        baselines: usedWhile(life.signal, baselines),
        locks: usedWhile(life.signal, locks),
      };
      const sdk = createGitHubSdk({
        ...{ apiUrl, auth, projectFiles: side.open(), stores, clock: this.#clock },
        ...{ retryPauseMs: 1, logger: silentLogger },
      });
      return { sdk, die: () => life.abort(new Error("This process has died.")) };
    };
    this.#process = this.#start();
  }

  /**
   * Runs a sync.
   *
   * @param crashed resolves when the process dies
   * @returns `null` when the process died, or the sync was refused
   */
  async sync(request: Partial<SyncRequest>, crashed: Promise<void>): Promise<SyncRecord | null> {
    const run = this.#process.sdk.sync
      .run({ project: PROJECT, repository: "ada/infra", ...request })
      .catch((error: unknown) => {
        if (isGitHubSdkError(error)) return null;
        throw error;
      });
    const record = await Promise.race([run, crashed]);
    if (record === undefined) {
      run.catch(() => undefined);
      this.#restart();
      return null;
    }
    if (record !== null) this.isInterrupted = false;
    return record;
  }

  /** Another process takes over. The old one neither ends nor gives anything back; its leases expire. */
  #restart(): void {
    this.isInterrupted = true;
    this.#process.die();
    this.#dead.push(this.#process.sdk);
    this.#clock.putForward(600_000);
    this.#process = this.#start();
  }

  async close(): Promise<void> {
    await this.#process.sdk.close();
    // A process that died cannot give anything back.
    for (const sdk of this.#dead) await sdk.close().catch(() => undefined);
    await this.side.close();
  }
}
