import type {
  SyncHistoryPage,
  SyncHistoryQuery,
  SyncRecordStore,
  SyncSummary,
  SyncTransition,
} from "../adapters/sync-record-store.js";
import { parseIdCursor } from "../domain/id-cursor.js";
import type { BranchKey } from "../domain/repository.js";
import {
  newSyncRecord,
  SYNC_TRANSITIONS,
  type SyncMetrics,
  type SyncRecord,
  type SyncRecordChange,
  type SyncRecordDraft,
} from "../domain/sync-record.js";

/** A store of sync records in memory, for development and tests. Its content is lost when the process ends. */
export class MemorySyncRecordStore implements SyncRecordStore {
  // Insertion order is ID order, on which every ascending read relies.
  readonly #records = new Map<number, SyncRecord>();
  #lastId = 0;

  /** @param records initial records, ascending by ID. New IDs follow theirs. */
  constructor(records: readonly SyncRecord[] = []) {
    for (const record of records) this.#put(record);
    this.#lastId = records.at(-1)?.id ?? 0;
  }

  async create(draft: SyncRecordDraft): Promise<SyncRecord> {
    this.#lastId += 1;
    const { userId, projectId, target, repository, options, createdAt } = draft;
    return this.#put(newSyncRecord(this.#lastId, { userId, projectId, target, repository, options, createdAt }));
  }

  async find(id: number): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    return record === undefined ? null : structuredClone(record);
  }

  async transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    if (record === undefined || !step.from.includes(record.status)) return null;
    if (!SYNC_TRANSITIONS[record.status].includes(step.to)) return null;
    if (step.leaseToken !== undefined && step.leaseToken < record.leaseToken) return null;
    const { leaseToken = record.leaseToken } = step;
    return this.#put({ ...changed(record, change), status: step.to, leaseToken });
  }

  async update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null> {
    const record = this.#records.get(id);
    if (record?.status !== "in_progress" || record.leaseToken !== leaseToken) return null;
    return this.#put(changed(record, change));
  }

  async oldestPending(branch: BranchKey): Promise<SyncRecord | null> {
    return this.#first((record) => record.status === "pending" && isOnBranch(record, branch));
  }

  async unfinished(afterId: number, limit: number): Promise<readonly SyncRecord[]> {
    const isUnfinished = (record: SyncRecord): boolean =>
      record.id > afterId && (record.status === "pending" || record.status === "in_progress");
    return this.#filter(isUnfinished).slice(0, limit).map(copy);
  }

  async withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]> {
    const isUnsettled = (record: SyncRecord): boolean =>
      (record.status === "failed" || record.status === "cancelled") &&
      isOnBranch(record, branch) &&
      record.attempts.some((attempt) => attempt.outcome === "unknown");
    return this.#filter(isUnsettled).map(copy);
  }

  async history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage> {
    const beforeId = cursor === null ? Number.POSITIVE_INFINITY : parseIdCursor(cursor);
    const rest = this.#filter((record) => record.id < beforeId && isOf(record, query)).reverse();
    const records = rest.slice(0, limit).map(copy);
    const last = records.at(-1);
    return { records, nextCursor: last !== undefined && rest.length > limit ? String(last.id) : null };
  }

  async summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    const records = this.#filter((record) => isOf(record, query));
    const latest = records.at(-1);
    const lastSuccessful = records.findLast((record) => record.status === "completed");
    return {
      totalSyncs: records.length,
      latest: latest === undefined ? null : copy(latest),
      lastSuccessful: lastSuccessful === undefined ? null : copy(lastSuccessful),
    };
  }

  async metrics(userId: string): Promise<SyncMetrics> {
    return sumUp(this.#filter((record) => record.userId === userId));
  }

  #put(record: SyncRecord): SyncRecord {
    this.#records.set(record.id, structuredClone(record));
    return structuredClone(record);
  }

  #first(matches: (record: SyncRecord) => boolean): SyncRecord | null {
    for (const record of this.#records.values()) if (matches(record)) return structuredClone(record);
    return null;
  }

  #filter(matches: (record: SyncRecord) => boolean): SyncRecord[] {
    return [...this.#records.values()].filter(matches);
  }
}

function copy(record: SyncRecord): SyncRecord {
  return structuredClone(record);
}

// By its type, a change may contain fields that it must not write: they are restored.
function changed(record: SyncRecord, change: SyncRecordChange): SyncRecord {
  const { id, userId, projectId, target, options, status, leaseToken, createdAt } = record;
  return { ...record, ...change, id, userId, projectId, target, options, status, leaseToken, createdAt };
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
