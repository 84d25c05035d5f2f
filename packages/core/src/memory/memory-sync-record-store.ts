import { type Clock, systemClock } from "../adapters/clock.js";
import type {
  PendingLimit,
  ProjectChanges,
  SyncHistoryPage,
  SyncHistoryQuery,
  SyncRecordStore,
  SyncSummary,
  SyncTransition,
} from "../adapters/sync-record-store.js";
import { parseIdCursor } from "../domain/id-cursor.js";
import type { ProjectKey } from "../domain/project-file.js";
import { type BranchKey, branchKeyText } from "../domain/repository.js";
import {
  latestOfBranches,
  newSyncRecord,
  type SyncHistoryEntry,
  type SyncMetrics,
  type SyncRecord,
  type SyncRecordChange,
  type SyncRecordDraft,
  syncHistoryEntry,
  type UnfinishedSync,
  unfinishedSync,
} from "../domain/sync-record.js";
import { acceptsTransition, changedSyncRecord, isRunnable } from "../domain/sync-record-change.js";
import { assertOptionsSize, tooManyPendingSyncs } from "../domain/sync-record-limits.js";

/** A sync record store in this process's memory, for development and tests. Its records are lost when the process ends. */
export class MemorySyncRecordStore implements SyncRecordStore {
  // Insertion order is id order, which every ascending read relies on.
  readonly #records = new Map<number, SyncRecord>();
  readonly #clock: Clock;
  readonly #counters = new Map<string, ChangeCounter>();
  #lastId = 0;

  /**
   * @param records the records of an earlier store, ascending by id; new ids follow theirs
   * @param clock used for `due`; defaults to the system's clock
   */
  constructor(records: readonly SyncRecord[] = [], clock: Clock = systemClock) {
    this.#clock = clock;
    for (const record of records) {
      this.#put(record);
      const counter = this.#counterOf(record);
      counter.seq = Math.max(counter.seq, record.changeSeq);
    }
    this.#lastId = records.at(-1)?.id ?? 0;
  }

  async create(draft: SyncRecordDraft, { maxPending }: PendingLimit = {}): Promise<SyncRecord> {
    assertOptionsSize(draft.options);
    this.#assertPendingBelow(draft.userId, maxPending);
    this.#lastId += 1;
    return this.#put(newSyncRecord(this.#lastId, draft, this.#nextChangeSeq(draft)));
  }

  async find(id: number): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    return record === undefined ? null : structuredClone(record);
  }

  async transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    if (record === undefined || !acceptsTransition(record, step)) return null;
    const { to, leaseToken = record.leaseToken } = step;
    if (to === "pending") this.#assertPendingBelow(record.userId, step.maxPending);
    const changeSeq = this.#nextChangeSeq(record);
    return this.#put({ ...changedSyncRecord(record, change), status: to, leaseToken, changeSeq });
  }

  async update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    if (record?.status !== "in_progress" || record.leaseToken !== leaseToken) return null;
    return this.#put(changedSyncRecord(record, change));
  }

  async recentlySynced(apiUrl: string, limit: number): Promise<readonly SyncHistoryEntry[]> {
    const completed = this.#filter(({ status, target }) => status === "completed" && target.apiUrl === apiUrl);
    const entries = completed.reverse().map((record) => structuredClone(syncHistoryEntry(record)));
    return latestOfBranches(entries).slice(0, limit);
  }

  async due(apiUrl: string, limit: number, except: readonly number[] = []): Promise<readonly UnfinishedSync[]> {
    const now = this.#clock.now();
    const ofApi = this.#filter(({ target }) => target.apiUrl === apiUrl);
    const running = (userId: string): number =>
      ofApi.filter((record) => record.status === "in_progress" && record.userId === userId).length;
    const busy = new Set(
      ofApi.filter(({ status }) => status === "in_progress").map(({ target }) => branchKeyText(target)),
    );
    const isDue = (record: SyncRecord): boolean =>
      record.status === "pending" &&
      !except.includes(record.id) &&
      record.holder === null &&
      isRunnable(record) &&
      (record.notBefore?.getTime() ?? 0) <= now &&
      !busy.has(branchKeyText(record.target));
    const first = new Map<string, { readonly record: SyncRecord; readonly running: number }>();
    for (const record of ofApi.filter(isDue).sort(inOrder))
      if (!first.has(record.userId)) first.set(record.userId, { record, running: running(record.userId) });
    return [...first.values()]
      .sort((a, b) => a.running - b.running || inOrder(a.record, b.record))
      .slice(0, limit)
      .map(({ record }) => structuredClone(unfinishedSync(record)));
  }

  async unfinished(afterId: number, limit: number): Promise<readonly UnfinishedSync[]> {
    const isUnfinished = (record: SyncRecord): boolean =>
      record.id > afterId && (record.status === "pending" || record.status === "in_progress") && isRunnable(record);
    return this.#filter(isUnfinished)
      .slice(0, limit)
      .map((record) => structuredClone(unfinishedSync(record)));
  }

  async withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]> {
    const hasOpenAttempts = (record: SyncRecord): boolean =>
      (record.status === "failed" || record.status === "cancelled") &&
      isOnBranch(record, branch) &&
      record.attempts.some((attempt) => attempt.outcome === "unknown");
    return this.#filter(hasOpenAttempts).map((record) => structuredClone(record));
  }

  async history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage> {
    const beforeId = cursor === null ? Number.POSITIVE_INFINITY : parseIdCursor(cursor);
    const rest = this.#filter((record) => record.id < beforeId && isOf(record, query)).reverse();
    const records = rest.slice(0, limit).map((record) => structuredClone(syncHistoryEntry(record)));
    const last = records.at(-1);
    return { records, nextCursor: last !== undefined && rest.length > limit ? String(last.id) : null };
  }

  async changedSince(project: ProjectKey, after: number, limit: number): Promise<ProjectChanges> {
    const counter = this.#counters.get(counterKey(project));
    const changed = this.#filter((record) => isOf(record, project) && record.changeSeq > after)
      .sort((a, b) => a.changeSeq - b.changeSeq)
      .slice(0, limit)
      .map((record) => structuredClone(record));
    return { records: changed, seq: counter?.seq ?? 0, feedId: counter?.feedId ?? null };
  }

  async summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    const records = this.#filter((record) => isOf(record, query));
    const latest = records.at(-1);
    const lastSuccessful = records.findLast((record) => record.status === "completed");
    return {
      totalSyncs: records.length,
      latest: latest === undefined ? null : structuredClone(syncHistoryEntry(latest)),
      lastSuccessful: lastSuccessful === undefined ? null : structuredClone(syncHistoryEntry(lastSuccessful)),
    };
  }

  async metrics(userId: string): Promise<SyncMetrics> {
    return sumUp(this.#filter((record) => record.userId === userId));
  }

  #assertPendingBelow(userId: string, maxPending = Number.POSITIVE_INFINITY): void {
    const pending = this.#filter((record) => record.userId === userId && record.status === "pending");
    if (pending.length >= maxPending) throw tooManyPendingSyncs(maxPending);
  }

  #counterOf(project: ProjectKey): ChangeCounter {
    const key = counterKey(project);
    const counter = this.#counters.get(key) ?? { feedId: crypto.randomUUID(), seq: 0 };
    this.#counters.set(key, counter);
    return counter;
  }

  #nextChangeSeq(project: ProjectKey): number {
    const counter = this.#counterOf(project);
    counter.seq += 1;
    return counter.seq;
  }

  #put(record: SyncRecord): SyncRecord {
    this.#records.set(record.id, structuredClone(record));
    return structuredClone(record);
  }

  #filter(matches: (record: SyncRecord) => boolean): SyncRecord[] {
    return [...this.#records.values()].filter(matches);
  }
}

/** The numbers of a project's changes. */
interface ChangeCounter {
  readonly feedId: string;
  /** The last number that was taken. */
  seq: number;
}

function counterKey({ userId, projectId }: ProjectKey): string {
  return JSON.stringify([userId, projectId]);
}

/** Orders interactive records before background ones, then by id. */
function inOrder(a: SyncRecord, b: SyncRecord): number {
  return Number(a.priority === "background") - Number(b.priority === "background") || a.id - b.id;
}

function isOnBranch({ target }: SyncRecord, branch: BranchKey): boolean {
  return (
    target.apiUrl === branch.apiUrl && target.repositoryId === branch.repositoryId && target.branch === branch.branch
  );
}

function isOf(record: SyncRecord, query: SyncHistoryQuery): boolean {
  return (
    record.userId === query.userId &&
    record.projectId === query.projectId &&
    (query.repository === undefined || record.repository.toLowerCase() === query.repository.toLowerCase())
  );
}

function sumUp(records: readonly SyncRecord[]): SyncMetrics {
  const completed = records.filter((record) => record.status === "completed");
  const durations = completed.flatMap(({ startedAt, completedAt }) =>
    startedAt === null || completedAt === null ? [] : [(completedAt.getTime() - startedAt.getTime()) / 1000],
  );
  const ends = completed.flatMap(({ completedAt }) => (completedAt === null ? [] : [completedAt.getTime()]));
  return {
    totalSyncs: records.length,
    successfulSyncs: completed.length,
    failedSyncs: records.filter((record) => record.status === "failed").length,
    totalFilesSynced: sum(records.map((record) => record.filesSynced)),
    totalConflictsResolved: sum(records.map((record) => record.conflictsResolved)),
    averageSyncDuration: durations.length === 0 ? null : sum(durations) / durations.length,
    lastSyncAt: ends.length === 0 ? null : new Date(ends.reduce((a, b) => Math.max(a, b))),
    connectedRepositories: new Set(completed.map(({ target }) => `${target.repositoryId} ${target.apiUrl}`)).size,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
