import type { Clock } from "../adapters/clock.js";
import type { SyncRecord } from "../domain/sync-record.js";
import type { EventBus, SyncEvent, SyncProgress } from "../events.js";

type RunningPhase = Exclude<SyncProgress["phase"], "waiting" | "finished">;

/** The share of the whole that each phase takes, in percent: where it begins and ends. */
const SPANS: Readonly<Record<RunningPhase, readonly [number, number]>> = {
  reading: [0, 60],
  comparing: [60, 70],
  writing: [70, 99],
};

/** Tells a sync's progress as events: at each step of a percent, and never backwards, also when a plan is made again. */
export class ProgressReporter {
  readonly #bus: EventBus;
  readonly #clock: Clock;
  readonly #event: SyncEvent;
  readonly #startedAt: number;
  #latest: SyncProgress;

  constructor(bus: EventBus, clock: Clock, record: SyncRecord) {
    this.#bus = bus;
    this.#clock = clock;
    this.#event = syncEvent(record);
    this.#startedAt = clock.now();
    this.#latest = { ...firstProgress(record), phase: "reading" };
    bus.emit("sync.progress", this.#latest);
  }

  /** So many of so many files of a phase are done. */
  report(phase: RunningPhase, filesCompleted: number, totalFiles: number, currentFile: string | null = null): void {
    const [from, to] = SPANS[phase];
    const share = totalFiles === 0 ? 0 : Math.min(filesCompleted / totalFiles, 1);
    const percentage = Math.max(this.#latest.percentage, Math.floor(from + (to - from) * share));
    const stands = phase === this.#latest.phase && percentage === this.#latest.percentage;
    this.#latest = {
      ...this.#event,
      phase,
      percentage,
      currentFile,
      filesCompleted,
      totalFiles,
      estimatedCompletion: this.#estimate(percentage),
    };
    if (!stands) this.#bus.emit("sync.progress", this.#latest);
  }

  /** The sync completed. */
  finish(): void {
    const { totalFiles } = this.#latest;
    this.#latest = {
      ...this.#latest,
      phase: "finished",
      percentage: 100,
      currentFile: null,
      filesCompleted: totalFiles,
      estimatedCompletion: this.#clock.now(),
    };
    this.#bus.emit("sync.progress", this.#latest);
  }

  #estimate(percentage: number): number | null {
    if (percentage < 5) return null;
    const elapsed = this.#clock.now() - this.#startedAt;
    return Math.round(this.#startedAt + (elapsed * 100) / percentage);
  }
}

/** What every event of a sync tells. */
export function syncEvent({ id, userId, projectId, repository, target }: SyncRecord): SyncEvent {
  return { syncId: id, userId, projectId, repository, branch: target.branch };
}

/** How far a sync has come of which no more is known than its record. */
export function firstProgress(record: SyncRecord): SyncProgress {
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
