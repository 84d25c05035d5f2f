import type { SyncHistoryQuery, SyncRecordStore } from "../../adapters/sync-record-store.js";
import { isFinished, type SyncHistoryEntry } from "../../domain/sync-record.js";
import type { EventBus, SyncProgress } from "../../events.js";
import { firstProgress } from "../record/progress.js";

// More than any project has waiting; older syncs that run again are known by their progress.
const LATEST = 50;

/** How far the syncs that run have come, in whatever process: as far as the events tell, else by their records. */
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

  /** The latest that is known of a sync; `null` when it does not run, or nothing was told of it yet. */
  progress(syncId: number): SyncProgress | null {
    return this.#progress.get(syncId) ?? null;
  }

  /** How far each sync of a project has come that has not ended, those included that wait. */
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

  /** A sync that was interrupted begins anew in another process: whoever looks on sees it stand, not fall. */
  #remember(progress: SyncProgress): void {
    const reached = this.#progress.get(progress.syncId)?.percentage ?? 0;
    this.#progress.set(progress.syncId, { ...progress, percentage: Math.max(progress.percentage, reached) });
  }

  #latestOf(record: SyncHistoryEntry): SyncProgress {
    const latest = this.#progress.get(record.id) ?? firstProgress(record);
    return record.status === "pending" ? { ...latest, phase: "waiting", estimatedCompletion: null } : latest;
  }
}
