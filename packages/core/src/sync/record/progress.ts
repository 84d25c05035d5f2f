import type { Clock } from "../../adapters/clock.js";
import type { SyncDirection, SyncRecord } from "../../domain/sync-record.js";
import type { EventBus, SyncEvent, SyncProgress } from "../../events.js";

type RunningPhase = Exclude<SyncProgress["phase"], "waiting" | "finished">;

type Spans = Readonly<Record<RunningPhase, readonly [number, number]>>;

/** The first and the last percentage of each phase, by direction. */
const SPANS: Readonly<Record<SyncDirection, Spans>> = {
  push: { reading: [0, 60], comparing: [60, 70], writing: [70, 99], pulling: [99, 99] },
  pull: { reading: [0, 40], comparing: [40, 50], writing: [50, 50], pulling: [50, 99] },
  two_way: { reading: [0, 50], comparing: [50, 60], writing: [60, 80], pulling: [80, 99] },
};

/** Emits a sync's progress as events, one per percent. The percentage never falls, even when the plan is made again. */
export class ProgressReporter {
  readonly #bus: EventBus;
  readonly #clock: Clock;
  readonly #event: SyncEvent;
  readonly #startedAt: number;
  readonly #spans: Spans;
  #phase: SyncProgress["phase"] = "reading";
  #percentage = 0;
  #totalFiles = 0;

  constructor(bus: EventBus, clock: Clock, record: SyncRecord) {
    this.#spans = SPANS[record.direction];
    this.#bus = bus;
    this.#clock = clock;
    this.#event = syncEvent(record);
    this.#startedAt = clock.now();
    bus.emit("sync.progress", { ...firstProgress(record), phase: this.#phase });
  }

  /** Reports the number of files that a phase has completed. */
  report(phase: RunningPhase, filesCompleted: number, totalFiles: number, currentFile: string | null = null): void {
    const [from, to] = this.#spans[phase];
    const share = totalFiles === 0 ? 0 : Math.min(filesCompleted / totalFiles, 1);
    const percentage = Math.max(this.#percentage, Math.floor(from + (to - from) * share));
    this.#totalFiles = totalFiles;
    if (phase === this.#phase && percentage === this.#percentage) return;
    this.#phase = phase;
    this.#percentage = percentage;
    this.#emit(filesCompleted, currentFile, this.#estimate(percentage));
  }

  /** Reports that the sync has completed. */
  finish(): void {
    this.#phase = "finished";
    this.#percentage = 100;
    this.#emit(this.#totalFiles, null, this.#clock.now());
  }

  #emit(filesCompleted: number, currentFile: string | null, estimatedCompletion: number | null): void {
    this.#bus.emit("sync.progress", {
      ...this.#event,
      phase: this.#phase,
      percentage: this.#percentage,
      currentFile,
      filesCompleted,
      totalFiles: this.#totalFiles,
      estimatedCompletion,
    });
  }

  #estimate(percentage: number): number | null {
    if (percentage < 5) return null;
    const elapsed = this.#clock.now() - this.#startedAt;
    return Math.round(this.#startedAt + (elapsed * 100) / percentage);
  }
}

/** The fields of a record that tell which sync it is and its status. */
export type SyncIdentity = Pick<
  SyncRecord,
  "id" | "userId" | "projectId" | "repository" | "target" | "status" | "progress"
>;

/** Returns the fields that every event of a sync has. */
export function syncEvent({
  id,
  userId,
  projectId,
  repository,
  target,
}: Omit<SyncIdentity, "status" | "progress">): SyncEvent {
  return { syncId: id, userId, projectId, repository, branch: target.branch };
}

/** Returns the progress of a sync of which only the record is known: the stored one, else the first one. */
export function recordedProgress(record: SyncIdentity): SyncProgress {
  return { ...firstProgress(record), ...record.progress };
}

/** Returns the progress of a sync that has not reported any. */
function firstProgress(record: SyncIdentity): SyncProgress {
  return {
    ...syncEvent(record),
    phase: record.status === "pending" ? "waiting" : "reading",
    percentage: 0,
    currentFile: null,
    filesCompleted: 0,
    totalFiles: 0,
    estimatedCompletion: null,
  };
}
