import {
  type BranchKey,
  newSyncRecord,
  parseIdCursor,
  SYNC_TRANSITIONS,
  type SyncHistoryPage,
  type SyncHistoryQuery,
  type SyncMetrics,
  type SyncRecord,
  type SyncRecordChange,
  type SyncRecordDraft,
  type SyncRecordStore,
  type SyncSummary,
  type SyncTransition,
} from "@infrajet/github/adapters";
import type { SyncRecordRow, SyncSums, Where } from "../client.js";
import { OVERTAKEN, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import { branchKey, copyOf, projectKey, repositoryKey, syncRecordOf, syncRecordRow } from "./sync-record-row.js";

// The column is a 32-bit integer, the largest that counts up by itself in every database.
const LARGEST_ID = 2 ** 31 - 1;

/** Sync records in `github_sync_records`; every change is a compare-and-set of the row's revision. */
export class PrismaSyncRecordStore implements SyncRecordStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  create(draft: SyncRecordDraft): Promise<SyncRecord> {
    const { userId, projectId, target, repository, options, createdAt } = draft;
    const record = newSyncRecord(0, { userId, projectId, target, repository, options, createdAt });
    return this.#database.run(async ({ gitHubSyncRecord }) =>
      syncRecordOf(await gitHubSyncRecord.create({ data: syncRecordRow(record) })),
    );
  }

  async find(id: number): Promise<SyncRecord | null> {
    if (!isId(id)) return null;
    return this.#first({ id }, "asc");
  }

  async transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null> {
    return this.#change(id, change, (record) => {
      if (!step.from.includes(record.status)) return null;
      if (!SYNC_TRANSITIONS[record.status].includes(step.to)) return null;
      const { leaseToken = record.leaseToken } = step;
      return leaseToken < record.leaseToken ? null : { status: step.to, leaseToken };
    });
  }

  async update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null> {
    return this.#change(id, change, (record) =>
      record.status === "in_progress" && record.leaseToken === leaseToken
        ? { status: record.status, leaseToken }
        : null,
    );
  }

  oldestPending(branch: BranchKey): Promise<SyncRecord | null> {
    return this.#first({ branchKey: branchKey(branch), status: "pending" }, "asc");
  }

  async unfinished(afterId: number, limit: number): Promise<readonly SyncRecord[]> {
    if (afterId >= LARGEST_ID) return [];
    return this.#many({ status: { in: ["pending", "in_progress"] }, id: { gt: afterId } }, "asc", limit);
  }

  unsettled(branch: BranchKey): Promise<readonly SyncRecord[]> {
    return this.#many({ unsettledBranchKey: branchKey(branch) }, "asc");
  }

  async history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage> {
    const before = cursor === null ? {} : { id: { lt: Math.min(parseIdCursor(cursor), LARGEST_ID) } };
    const found = await this.#many({ ...isOf(query), ...before }, "desc", limit + 1);
    const records = found.slice(0, limit);
    const last = records.at(-1);
    return { records, nextCursor: last !== undefined && found.length > limit ? String(last.id) : null };
  }

  async summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    const where = isOf(query);
    const [totalSyncs, latest, lastSuccessful] = await Promise.all([
      this.#database.run(async ({ gitHubSyncRecord }) => gitHubSyncRecord.count({ where })),
      this.#first(where, "desc"),
      this.#first({ ...where, status: "completed" }, "desc"),
    ]);
    return { totalSyncs, latest, lastSuccessful };
  }

  async metrics(userId: string): Promise<SyncMetrics> {
    const sums = await this.#database.run(async ({ gitHubSyncRecord }) =>
      gitHubSyncRecord.groupBy({
        by: ["status", "apiUrl", "repositoryId"],
        where: { userKey: storeKey(userId) },
        _count: { _all: true, duration: true },
        _sum: { filesSynced: true, conflictsResolved: true, duration: true },
        _max: { completedAt: true },
      }),
    );
    return sumUp(sums);
  }

  #change(
    id: number,
    change: SyncRecordChange,
    step: (record: SyncRecord) => Pick<SyncRecord, "status" | "leaseToken"> | null,
  ): Promise<SyncRecord | null> {
    return this.#database.run(async ({ gitHubSyncRecord }) => {
      const row = isId(id) ? await gitHubSyncRecord.findFirst({ where: { id } }) : null;
      if (row === null) return null;
      const record = syncRecordOf(row);
      const next = step(record);
      if (next === null) return null;
      const changed = { ...applied(record, change), ...next };
      const { count } = await gitHubSyncRecord.updateMany({
        where: { id, revision: row.revision },
        data: syncRecordRow(changed),
      });
      return count === 1 ? copyOf(changed) : OVERTAKEN;
    });
  }

  #first(where: Where<SyncRecordRow>, order: "asc" | "desc"): Promise<SyncRecord | null> {
    return this.#database.run(async ({ gitHubSyncRecord }) => {
      const row = await gitHubSyncRecord.findFirst({ where, orderBy: [{ id: order }] });
      return row === null ? null : syncRecordOf(row);
    });
  }

  #many(where: Where<SyncRecordRow>, order: "asc" | "desc", take?: number): Promise<SyncRecord[]> {
    return this.#database.run(async ({ gitHubSyncRecord }) => {
      const limit = take === undefined ? {} : { take };
      const rows = await gitHubSyncRecord.findMany({ where, orderBy: [{ id: order }], ...limit });
      return rows.map(syncRecordOf);
    });
  }
}

function isId(id: number): boolean {
  return id > 0 && id <= LARGEST_ID;
}

// A whole record is a fitting change by its type, so what a change may not write is put back.
function applied(record: SyncRecord, change: SyncRecordChange): SyncRecord {
  const { id, userId, projectId, target, options, createdAt } = record;
  return { ...record, ...change, id, userId, projectId, target, options, createdAt };
}

function isOf(query: SyncHistoryQuery): Where<SyncRecordRow> {
  const { repository } = query;
  return {
    projectKey: projectKey(query),
    ...(repository === undefined ? {} : { repositoryKey: repositoryKey(repository) }),
  };
}

function sumUp(sums: readonly SyncSums[]): SyncMetrics {
  const completed = sums.filter(({ status }) => status === "completed");
  const failed = sums.filter(({ status }) => status === "failed");
  const durations = total(completed, ({ _count }) => _count.duration);
  const ends = completed.flatMap(({ _max }) => _max.completedAt?.getTime() ?? []);
  return {
    totalSyncs: total(sums, ({ _count }) => _count._all),
    successfulSyncs: total(completed, ({ _count }) => _count._all),
    failedSyncs: total(failed, ({ _count }) => _count._all),
    totalFilesSynced: total(sums, ({ _sum }) => _sum.filesSynced ?? 0),
    totalConflictsResolved: total(sums, ({ _sum }) => _sum.conflictsResolved ?? 0),
    averageSyncDuration:
      durations === 0 ? null : total(completed, ({ _sum }) => Number(_sum.duration ?? 0)) / durations / 1000,
    lastSyncAt: ends.length === 0 ? null : new Date(ends.reduce((a, b) => Math.max(a, b))),
    connectedRepositories: completed.length,
  };
}

function total(sums: readonly SyncSums[], of: (sum: SyncSums) => number): number {
  return sums.reduce((sum, one) => sum + of(one), 0);
}
