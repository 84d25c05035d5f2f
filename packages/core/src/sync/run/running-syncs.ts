import type { SyncHistoryQuery, SyncRecordStore } from "../../adapters/sync-record-store.js";
import { isFinished } from "../../domain/sync-record.js";
import type { EventBus, SyncProgress } from "../../events.js";
import { recordedProgress, type SyncIdentity } from "../record/progress.js";

// More than any project has waiting; older syncs that are retried are found by their progress events.
const LATEST = 50;

/** The progress of running syncs of all processes, from their events, else from their records. */
export class RunningSyncs {
  readonly #records: SyncRecordStore;
  readonly #progress = new Map<number, SyncProgress>();
  readonly #subscriptions: readonly (() => void)[];

  constructor(bus: EventBus, records: SyncRecordStore) {
    this.#records = records;
    const forget = ({ syncId }: { syncId: number }): void => void this.#progress.delete(syncId);
    this.#subscriptions = [
      bus.on("sync.progress", (progress) => this.#remember(progress)),
      bus.on("sync.completed", forget),
      bus.on("sync.failed", forget),
      bus.on("sync.cancelled", forget),
    ];
  }

  /** Returns the latest progress of a sync; `null` when it is not running or has not reported progress yet. */
  progress(syncId: number): SyncProgress | null {
    return this.#progress.get(syncId) ?? null;
  }

  /** Returns the progress of each sync of a project that has not ended, including pending ones. */
  async ofProject(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    const { records } = await this.#records.history(query, LATEST, null);
    const others = [...this.#progress.values()].filter(
      ({ syncId, userId, projectId }) =>
        userId === query.userId && projectId === query.projectId && !records.some(({ id }) => id === syncId),
    );
    const older = await Promise.all(others.map(({ syncId }) => this.#records.find(syncId)));
    return [...older, ...records.toReversed()].flatMap((record) =>
      record === null || isFinished(record.status) ? [] : [this.#latestOf(record)],
    );
  }

  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  /** Keeps the highest percentage: an interrupted sync starts again in another process, and progress never goes backwards. */
  #remember(progress: SyncProgress): void {
    const reached = this.#progress.get(progress.syncId)?.percentage ?? 0;
    this.#progress.set(progress.syncId, { ...progress, percentage: Math.max(progress.percentage, reached) });
  }

  #latestOf(record: SyncIdentity): SyncProgress {
    const heard = this.#progress.get(record.id);
    const stored = recordedProgress(record);
    // Events can get lost, and the record is a few seconds behind the events.
    const latest = heard === undefined || heard.percentage < stored.percentage ? stored : heard;
    return record.status === "pending" ? { ...latest, phase: "waiting", estimatedCompletion: null } : latest;
  }
}
