import type { Clock } from "../adapters/clock.js";
import type { SyncRecordStore } from "../adapters/sync-record-store.js";
import { isFinished, type SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { EventBus } from "../events.js";

/** The limits of waiting for a sync. */
export interface WaitOptions {
  /** Milliseconds after which the record is returned even when the sync has not ended. Defaults to no limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

// An event of another process may be lost: the store is read at this interval as well.
const POLL_INTERVAL_MS = 2_000;

/** Waits for the end of syncs, whichever process runs them. */
export class SyncWaiter {
  readonly #records: SyncRecordStore;
  readonly #bus: EventBus;
  readonly #clock: Clock;
  readonly #closing: AbortSignal;

  /** @param closing aborted when the SDK is closed */
  constructor(services: { records: SyncRecordStore; bus: EventBus; clock: Clock }, closing: AbortSignal) {
    this.#records = services.records;
    this.#bus = services.bus;
    this.#clock = services.clock;
    this.#closing = closing;
  }

  /**
   * Resolves with the record when the sync has ended, or as it is after `timeoutMs`.
   *
   * @throws GitHubSdkError `sync_record_not_found`, `sync_interrupted` when the SDK is closed, and the signal's reason
   */
  async wait(syncId: number, { timeoutMs = Number.POSITIVE_INFINITY, signal }: WaitOptions = {}): Promise<SyncRecord> {
    const deadline = this.#clock.now() + timeoutMs;
    for (;;) {
      const ended = this.#endOf(syncId);
      try {
        const record = await this.get(syncId);
        const remaining = deadline - this.#clock.now();
        if (isFinished(record.status) || remaining <= 0) return record;
        if (this.#closing.aborted) throw closedError();
        const signals = [ended.signal, this.#closing, ...(signal === undefined ? [] : [signal])];
        const pause = this.#clock.sleep(Math.min(POLL_INTERVAL_MS, remaining), AbortSignal.any(signals));
        await pause.catch(() => undefined);
        signal?.throwIfAborted();
      } finally {
        ended.unsubscribe();
      }
    }
  }

  /** Returns a record. @throws GitHubSdkError `sync_record_not_found` */
  async get(syncId: number): Promise<SyncRecord> {
    const record = await this.#records.find(syncId);
    if (record === null) throw new GitHubSdkError("sync_record_not_found", `There is no sync with the ID ${syncId}.`);
    return record;
  }

  /** Listens for the end of a sync from now on. */
  #endOf(syncId: number): { readonly signal: AbortSignal; unsubscribe(): void } {
    const ended = new AbortController();
    const onEnd = (event: { syncId: number }): void => void (event.syncId === syncId && ended.abort());
    const names = ["sync.completed", "sync.failed", "sync.cancelled"] as const;
    const unsubscribes = names.map((name) => this.#bus.on(name, onEnd));
    const unsubscribe = (): void => {
      for (const end of unsubscribes) end();
    };
    return { signal: ended.signal, unsubscribe };
  }
}

/** Returns the error of calls that the end of the SDK interrupts. */
export function closedError(): GitHubSdkError {
  return new GitHubSdkError(
    "sync_interrupted",
    "The SDK was closed. The sync continues when the SDK is started again.",
  );
}

/** Resolves to the result of waiting. Calls `cancel` when the signal is aborted meanwhile. */
export async function endOf(
  wait: () => Promise<SyncRecord>,
  cancel: () => void,
  signal: AbortSignal | undefined,
): Promise<SyncRecord> {
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await wait();
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
