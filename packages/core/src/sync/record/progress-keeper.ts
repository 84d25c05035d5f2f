import type { Clock } from "../../adapters/clock.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { StoredProgress, SyncRecord } from "../../domain/sync-record.js";
import type { EventBus, SyncProgress } from "../../events.js";
import type { Logger } from "../../logger.js";

/** The services with which progress is stored. */
export interface ProgressKeeperServices {
  readonly records: SyncRecordStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
}

const INTERVAL = 5_000;

/** Stores the last progress of a running sync with its record every 5 seconds, for processes that do not receive its events. */
export class ProgressKeeper {
  readonly #services: ProgressKeeperServices;
  readonly #record: SyncRecord;
  readonly #stopping = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #keeping: Promise<void>;
  #latest: StoredProgress | null = null;

  /** @param record the record with the lease token of its run */
  constructor(services: ProgressKeeperServices, record: SyncRecord) {
    this.#services = services;
    this.#record = record;
    this.#unsubscribe = services.bus.on("sync.progress", (progress) => {
      if (progress.syncId === record.id) this.#latest = storedProgress(progress);
    });
    this.#keeping = this.#keep();
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    await this.#keeping;
  }

  async #keep(): Promise<void> {
    const { clock } = this.#services;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.idle(INTERVAL, signal).catch(() => undefined);
      const progress = this.#latest;
      if (progress === null || signal.aborted) continue;
      this.#latest = null;
      await this.#write(progress);
    }
  }

  async #write(progress: StoredProgress): Promise<void> {
    const { records, logger } = this.#services;
    const { id, leaseToken } = this.#record;
    try {
      await records.update(id, leaseToken, { progress });
    } catch (error) {
      logger.debug("The progress of a sync could not be stored.", { syncId: id, error });
    }
  }
}

function storedProgress(progress: SyncProgress): StoredProgress {
  const { phase, percentage, currentFile, filesCompleted, totalFiles, estimatedCompletion } = progress;
  return { phase, percentage, currentFile, filesCompleted, totalFiles, estimatedCompletion };
}
