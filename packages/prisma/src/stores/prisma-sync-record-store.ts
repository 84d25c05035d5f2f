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
  type SyncStatus,
  type SyncSummary,
  type SyncTransition,
} from "@infrajet/github/adapters";
import type { FindArgs, Order, PrismaTables, SyncRecordRow } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { historyKeys, newestFirst, newestSuccessfulFirst, only } from "./history-query.js";
import { branchKey, copyOf, syncRecordOf, syncRecordRow } from "./sync-record-row.js";
import { addToSums, metricsOf, sumsChanges, sumsOfNew, sumsUserKey } from "./sync-sums.js";

// The column is a 32-bit integer, the largest type that every database can auto-increment.
const LARGEST_ID = 2 ** 31 - 1;

// The order of the indexes that contain `status`.
const OLDEST_OF_STATE_FIRST: Order<SyncRecordRow>[] = [{ status: "asc" }, { id: "asc" }];

/**
 * A sync record store in `github_sync_records`. Every change is a compare-and-set of the row's revision, and updates the sums
 * in `github_sync_sums` in the same transaction, so that metrics do not read the records.
 */
export class PrismaSyncRecordStore implements SyncRecordStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  create(draft: SyncRecordDraft): Promise<SyncRecord> {
    const { userId, projectId, target, repository, options, createdAt } = draft;
    const record = newSyncRecord(0, { userId, projectId, target, repository, options, createdAt });
    return this.#database.transaction(async (tables) => {
      await addToSums(tables, sumsOfNew(record));
      return syncRecordOf(await tables.gitHubSyncRecord.create({ data: syncRecordRow(record) }));
    });
  }

  async find(id: number): Promise<SyncRecord | null> {
    if (!isId(id)) return null;
    return this.#first({ where: { id } });
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
    const where = { branchKey: branchKey(branch), status: only("pending") };
    return this.#first({ where, orderBy: OLDEST_OF_STATE_FIRST });
  }

  async unfinished(afterId: number, limit: number): Promise<readonly SyncRecord[]> {
    if (afterId >= LARGEST_ID) return [];
    const inState = (status: SyncStatus): Promise<SyncRecord[]> =>
      this.#many({ where: { status: only(status), id: { gt: afterId } }, orderBy: OLDEST_OF_STATE_FIRST, take: limit });
    // In the order of the transitions: a record that starts between the two queries is found twice rather than missed.
    const found = [...(await inState("pending")), ...(await inState("in_progress"))];
    const records = [...new Map(found.map((record) => [record.id, record])).values()];
    return records.sort((a, b) => a.id - b.id).slice(0, limit);
  }

  withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]> {
    return this.#many({ where: { openAttemptsBranchKey: branchKey(branch) }, orderBy: [{ id: "asc" }] });
  }

  async history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage> {
    const { where, orderBy } = newestFirst(query);
    const before = cursor === null ? {} : { id: { lt: Math.min(parseIdCursor(cursor), LARGEST_ID) } };
    const found = await this.#many({ where: { ...where, ...before }, orderBy, take: limit + 1 });
    const records = found.slice(0, limit);
    const last = records.at(-1);
    return { records, nextCursor: last !== undefined && found.length > limit ? String(last.id) : null };
  }

  async summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    const [sums, latest, lastSuccessful] = await Promise.all([
      this.#database.run(async ({ gitHubSyncSums }) => gitHubSyncSums.findMany({ where: historyKeys(query) })),
      this.#first(newestFirst(query)),
      this.#first(newestSuccessfulFirst(query)),
    ]);
    return { totalSyncs: sums.reduce((total, { syncs }) => total + syncs, 0), latest, lastSuccessful };
  }

  async metrics(userId: string): Promise<SyncMetrics> {
    const where = { userKey: sumsUserKey(userId) };
    return metricsOf(await this.#database.run(async ({ gitHubSyncSums }) => gitHubSyncSums.findMany({ where })));
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
      return (await this.#replace(row, record, changed)) ? copyOf(changed) : CONFLICT;
    });
  }

  /** Writes a record and the changes of the sums. Resolves to `false` when the row was changed meanwhile. */
  #replace({ id, revision }: SyncRecordRow, record: SyncRecord, changed: SyncRecord): Promise<boolean> {
    const data = syncRecordRow(changed);
    const write = async ({ gitHubSyncRecord }: PrismaTables): Promise<boolean> =>
      (await gitHubSyncRecord.updateMany({ where: { id, revision }, data })).count === 1;
    const changes = sumsChanges(record, changed);
    if (changes.length === 0) return this.#database.run(write);
    return this.#database.transaction(async (tables) => {
      if (!(await write(tables))) return false;
      for (const change of changes) await addToSums(tables, change);
      return true;
    });
  }

  #first(found: FindArgs<SyncRecordRow>): Promise<SyncRecord | null> {
    return this.#database.run(async ({ gitHubSyncRecord }) => {
      const row = await gitHubSyncRecord.findFirst(found);
      return row === null ? null : syncRecordOf(row);
    });
  }

  #many(found: FindArgs<SyncRecordRow>): Promise<SyncRecord[]> {
    return this.#database.run(async ({ gitHubSyncRecord }) =>
      (await gitHubSyncRecord.findMany(found)).map(syncRecordOf),
    );
  }
}

function isId(id: number): boolean {
  return id > 0 && id <= LARGEST_ID;
}

// The type of a change also accepts a whole record, so the columns that a change may not write are restored.
function applied(record: SyncRecord, change: SyncRecordChange): SyncRecord {
  const { id, userId, projectId, target, options, createdAt } = record;
  return { ...record, ...change, id, userId, projectId, target, options, createdAt };
}
