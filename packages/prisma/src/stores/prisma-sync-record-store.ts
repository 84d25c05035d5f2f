import {
  acceptsTransition,
  assertOptionsSize,
  type BranchKey,
  changedSyncRecord,
  latestOfBranches,
  newSyncRecord,
  type PendingLimit,
  type ProjectChanges,
  type ProjectKey,
  parseIdCursor,
  SYNC_RECORD_VERSION,
  type SyncHistoryEntry,
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
  tooManyPendingSyncs,
  type UnfinishedSync,
} from "@infrajet/github/adapters";
import type { ListedSyncRow, PrismaTables, SyncRecordRow } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import type { Order } from "../table.js";
import { nextChangeSeq } from "./change-counter.js";
import { dueRows } from "./due-syncs.js";
import { historyKeys, type IndexedQuery, newestFirst, newestSuccessfulFirst, only } from "./history-query.js";
import { readDecodable } from "./read-decodable.js";
import { LISTED_COLUMNS } from "./sync-record-columns.js";
import {
  branchKey,
  copyOf,
  projectKey,
  syncHistoryEntryOf,
  syncRecordOf,
  syncRecordRow,
  unfinishedSyncOf,
  userKey,
} from "./sync-record-row.js";
import { addToSums, metricsOf, sumsChanges, sumsOfNew } from "./sync-sums.js";

// The column is a 32-bit integer, the largest type that every database can auto-increment.
const LARGEST_ID = 2 ** 31 - 1;

// The order of the indexes that contain `status`.
const OLDEST_OF_STATE_FIRST: Order<SyncRecordRow>[] = [{ status: "asc" }, { id: "asc" }];

const RECENT_RECORDS = 1_000;
const RUNNABLE = { runsFrom: { lte: SYNC_RECORD_VERSION } };

/**
 * A sync record store in `github_sync_records`. Every change is a compare-and-set of the row's revision, and updates the sums
 * in `github_sync_sums` in the same transaction, so that metrics do not read the records. Lists read only the columns they need.
 */
export class PrismaSyncRecordStore implements SyncRecordStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async create(draft: SyncRecordDraft, { maxPending }: PendingLimit = {}): Promise<SyncRecord> {
    assertOptionsSize(draft.options);
    return this.#database.transaction(async (tables) => {
      const record = newSyncRecord(0, draft, await nextChangeSeq(tables, projectKey(draft)));
      await addToSums(tables, sumsOfNew(record));
      const created = await tables.gitHubSyncRecord.create({ data: syncRecordRow(record) });
      // Counted after the insert, so that concurrent calls wait for each other where their sums are one row.
      if (maxPending !== undefined) await assertPending(tables, record.userId, { maxPending, added: 0 });
      return syncRecordOf(created);
    });
  }

  async find(id: number): Promise<SyncRecord | null> {
    if (!isId(id)) return null;
    return this.#database.run(async ({ gitHubSyncRecord }) => {
      const row = await gitHubSyncRecord.findFirst({ where: { id } });
      return row === null ? null : syncRecordOf(row);
    });
  }

  async transition(id: number, step: SyncTransition, change: SyncRecordChange): Promise<SyncRecord | null> {
    const { to, maxPending } = step;
    return this.#change(id, async (record, row, tables) => {
      if (!acceptsTransition(record, step)) return null;
      if (to === "pending" && maxPending !== undefined)
        await assertPending(tables, record.userId, { maxPending, added: 1 });
      const next = {
        ...changedSyncRecord(record, change),
        status: to,
        leaseToken: step.leaseToken ?? record.leaseToken,
      };
      return this.#database.attempt(async (transaction) => {
        const changeSeq = await nextChangeSeq(transaction, row.projectKey);
        return replace(transaction, row, record, { ...next, changeSeq });
      });
    });
  }

  async update(id: number, leaseToken: number, change: SyncRecordChange): Promise<SyncRecord | null> {
    return this.#change(id, async (record, row, tables) => {
      if (record.status !== "in_progress" || record.leaseToken !== leaseToken) return null;
      const changed = changedSyncRecord(record, change);
      if (sumsChanges(record, changed).length === 0) return replace(tables, row, record, changed);
      return this.#database.attempt((transaction) => replace(transaction, row, record, changed));
    });
  }

  async due(apiUrl: string, limit: number, except: readonly number[] = []): Promise<readonly UnfinishedSync[]> {
    const now = new Date(await this.#database.now());
    const rows = await this.#database.run((tables) => dueRows(tables, { apiUrl, now, limit, except }));
    return rows.flatMap((row) => this.#unfinished(row) ?? []);
  }

  async unfinished(afterId: number, limit: number): Promise<readonly UnfinishedSync[]> {
    if (afterId >= LARGEST_ID) return [];
    const inState = (status: SyncStatus): Promise<UnfinishedSync[]> =>
      readDecodable<ListedSyncRow, UnfinishedSync>(
        limit,
        (last, take) =>
          this.#database.run(async ({ gitHubSyncRecord }) =>
            gitHubSyncRecord.findMany({
              where: { status: only(status), id: { gt: last?.id ?? afterId }, ...RUNNABLE },
              orderBy: OLDEST_OF_STATE_FIRST,
              take,
              select: LISTED_COLUMNS,
            }),
          ),
        (row) => this.#unfinished(row),
      );
    // In the order of the transitions: a record that starts between the two queries is found twice rather than missed.
    const found = [...(await inState("pending")), ...(await inState("in_progress"))];
    const records = [...new Map(found.map((record) => [record.id, record])).values()];
    return records.sort((a, b) => a.id - b.id).slice(0, limit);
  }

  async withOpenAttempts(branch: BranchKey): Promise<readonly SyncRecord[]> {
    const where = { openAttemptsBranchKey: branchKey(branch) };
    const records: SyncRecord[] = [];
    for await (const record of this.#whole({ where, orderBy: [{ id: "asc" }] })) records.push(record);
    return records;
  }

  async recentlySynced(apiUrl: string, limit: number): Promise<readonly SyncHistoryEntry[]> {
    const completed: IndexedQuery = {
      where: { status: only("completed"), apiUrl },
      orderBy: [{ status: "desc" }, { id: "desc" }],
    };
    return latestOfBranches(await this.#entries(completed, RECENT_RECORDS, null)).slice(0, limit);
  }

  async history(query: SyncHistoryQuery, limit: number, cursor: string | null): Promise<SyncHistoryPage> {
    const before = cursor === null ? null : Math.min(parseIdCursor(cursor), LARGEST_ID);
    const found = await this.#entries(newestFirst(query), limit + 1, before);
    const records = found.slice(0, limit);
    const last = records.at(-1);
    return { records, nextCursor: last !== undefined && found.length > limit ? String(last.id) : null };
  }

  async changedSince(project: ProjectKey, after: number, limit: number): Promise<ProjectChanges> {
    const key = projectKey(project);
    // Read before the records, so that no change up to this number is missing among them.
    const counter = await this.#database.run(async ({ gitHubChangeCounter }) =>
      gitHubChangeCounter.findFirst({ where: { projectKey: key } }),
    );
    if (counter === null) return { records: [], seq: 0, feedId: null };
    const records = counter.seq > after && limit > 0 ? await this.#changed(key, after, limit) : [];
    return { records, seq: Number(counter.seq), feedId: counter.feedId };
  }

  async summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    const [sums, [latest = null], [lastSuccessful = null]] = await Promise.all([
      this.#database.run(async ({ gitHubSyncSums }) => gitHubSyncSums.findMany({ where: historyKeys(query) })),
      this.#entries(newestFirst(query), 1, null),
      this.#entries(newestSuccessfulFirst(query), 1, null),
    ]);
    return { totalSyncs: sums.reduce((total, { syncs }) => total + syncs, 0), latest, lastSuccessful };
  }

  async metrics(userId: string): Promise<SyncMetrics> {
    const where = { userKey: userKey(userId) };
    return metricsOf(await this.#database.run(async ({ gitHubSyncSums }) => gitHubSyncSums.findMany({ where })));
  }

  #change(
    id: number,
    step: (
      record: SyncRecord,
      row: SyncRecordRow,
      tables: PrismaTables,
    ) => Promise<SyncRecord | typeof CONFLICT | null>,
  ): Promise<SyncRecord | null> {
    return this.#database.run(async (tables) => {
      const row = isId(id) ? await tables.gitHubSyncRecord.findFirst({ where: { id } }) : null;
      return row === null ? null : step(syncRecordOf(row), row, tables);
    });
  }

  /** Reads whole records one by one, by ascending id. Skips those that cannot be decoded. */
  async *#whole({ where, orderBy }: IndexedQuery): AsyncGenerator<SyncRecord> {
    for (let last = 0; ; ) {
      const id = { gt: last };
      const row = await this.#database.run(async ({ gitHubSyncRecord }) =>
        gitHubSyncRecord.findFirst({ where: { ...where, id }, orderBy }),
      );
      if (row === null) return;
      const record = this.#database.decodeOrSkip("sync record", row.id, () => syncRecordOf(row));
      if (record !== null) yield record;
      last = row.id;
    }
  }

  /** Reads whole records one by one, since each can be large. Each is the one with the lowest greater number at that time. */
  async #changed(key: string, after: number, limit: number): Promise<readonly SyncRecord[]> {
    const records: SyncRecord[] = [];
    for (let last = BigInt(after); records.length < limit; ) {
      const where = { projectKey: only(key), changeSeq: { gt: last } };
      const row = await this.#database.run(async ({ gitHubSyncRecord }) =>
        gitHubSyncRecord.findFirst({ where, orderBy: [{ projectKey: "asc" }, { changeSeq: "asc" }] }),
      );
      if (row === null) break;
      const record = this.#database.decodeOrSkip("sync record", row.id, () => syncRecordOf(row));
      if (record !== null) records.push(record);
      last = row.changeSeq;
    }
    return records;
  }

  #entries({ where, orderBy }: IndexedQuery, count: number, before: number | null): Promise<SyncHistoryEntry[]> {
    return readDecodable<ListedSyncRow, SyncHistoryEntry>(
      count,
      (last, take) => {
        const end = last?.id ?? before;
        return this.#database.run(async ({ gitHubSyncRecord }) =>
          gitHubSyncRecord.findMany({
            where: { ...where, ...(end === null ? {} : { id: { lt: end } }) },
            orderBy,
            take,
            select: LISTED_COLUMNS,
          }),
        );
      },
      (row) => this.#database.decodeOrSkip("sync record", row.id, () => syncHistoryEntryOf(row)),
    );
  }

  #unfinished(row: ListedSyncRow): UnfinishedSync | null {
    return this.#database.decodeOrSkip("sync record", row.id, () => unfinishedSyncOf(row));
  }
}

/** Writes a record and the changes of the sums. Resolves to `CONFLICT` when the row was changed meanwhile. */
async function replace(
  tables: PrismaTables,
  { id, revision }: SyncRecordRow,
  record: SyncRecord,
  changed: SyncRecord,
): Promise<SyncRecord | typeof CONFLICT> {
  const { count } = await tables.gitHubSyncRecord.updateMany({ where: { id, revision }, data: syncRecordRow(changed) });
  if (count === 0) return CONFLICT;
  for (const change of sumsChanges(record, changed)) await addToSums(tables, change);
  return copyOf(changed);
}

/** Rejects when the user's pending records and those to be `added` exceed `maxPending`. */
async function assertPending(
  { gitHubSyncRecord }: PrismaTables,
  userId: string,
  { maxPending, added }: { readonly maxPending: number; readonly added: number },
): Promise<void> {
  const pending = await gitHubSyncRecord.count({ where: { userKey: userKey(userId), status: "pending" } });
  if (pending + added > maxPending) throw tooManyPendingSyncs(maxPending);
}

function isId(id: number): boolean {
  return id > 0 && id <= LARGEST_ID;
}
