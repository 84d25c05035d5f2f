import assert from "node:assert/strict";
import {
  type SyncHistoryEntry,
  type SyncHistoryQuery,
  type SyncMetrics,
  type SyncRecord,
  type SyncRecordStore,
  syncHistoryEntry,
} from "@infrajet/github/adapters";
import {
  assertFails,
  type ConformanceCase,
  conformanceCase,
  present,
  race,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { LARGEST_ID, sampleDraft, sampleTarget } from "./samples.js";
import { inState } from "./sync-record-states.js";

const history = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const QUERY: SyncHistoryQuery = { userId: "7", projectId: "network" };

const NO_SYNCS: SyncMetrics = {
  totalSyncs: 0,
  successfulSyncs: 0,
  failedSyncs: 0,
  totalFilesSynced: 0,
  totalConflictsResolved: 0,
  averageSyncDuration: null,
  lastSyncAt: null,
  connectedRepositories: 0,
};

/** The conformance cases for histories, summaries and metrics of a `SyncRecordStore`. */
export const syncHistoryConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  history("history and summary are empty for a project without syncs", async (store) => {
    await store.create(sampleDraft({ projectId: "other" }));
    assert.deepEqual(await store.history(QUERY, 10, null), { records: [], nextCursor: null });
    assert.deepEqual(await store.summary(QUERY), { totalSyncs: 0, latest: null, lastSuccessful: null });
  }),

  history("history returns every record once in pages, newest first", async (store, subject) => {
    const records = await createMany(store, 7);
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      const pages = await allPages(await secondStore(subject), limit);
      assert.deepEqual(pages.flat(), entriesOf(records));
      assert.equal(pages.length, Math.ceil(7 / limit), `pages of ${limit}`);
    }
  }),

  history("history continues after the last page when new syncs were created", async (store) => {
    const records = await createMany(store, 5);
    const first = await store.history(QUERY, 2, null);
    await createMany(store, 3);
    const second = await store.history(QUERY, 10, present(first.nextCursor));
    assert.deepEqual([...first.records, ...second.records], entriesOf(records));
    assert.equal(second.nextCursor, null);
  }),

  history("history rejects an invalid cursor", async (store) => {
    await createMany(store, 3);
    for (const cursor of ["", "abc", "-1", "0x10", "1 OR 1=1", "1.5", "9".repeat(40), "\u0661"]) {
      await assertFails(store.history(QUERY, 2, cursor), "validation_failed");
    }
  }),

  history("history, summary and metrics contain only records of exactly this user and project", async (store) => {
    const [own] = await createMany(store, 1);
    const strangers = [
      { userId: "8" },
      { projectId: "Network" },
      { projectId: "network " },
      { projectId: "netw\u00f6rk" },
      { userId: "07" },
    ];
    for (const stranger of strangers) await store.create(sampleDraft(stranger));
    assert.deepEqual((await store.history(QUERY, 10, null)).records, [syncHistoryEntry(present(own))]);
    assert.equal((await store.summary(QUERY)).totalSyncs, 1);
    assert.equal((await store.metrics("7")).totalSyncs, 4);
  }),

  history("history and summary filter by repository, ignoring case", async (store) => {
    const one = await store.create(sampleDraft({ repository: "Octocat/Hello-World" }));
    await store.create(sampleDraft({ repository: "octocat/hello-world-2" }));
    await store.create(sampleDraft({ repository: "octocat/hello_world" }));
    const two = await store.create(sampleDraft({ repository: "octocat/hello-WORLD" }));
    const query = { ...QUERY, repository: "OCTOCAT/Hello-world" };
    assert.deepEqual((await store.history(query, 10, null)).records, entriesOf([one, two]));
    const page = await store.history(query, 1, null);
    assert.deepEqual((await store.history(query, 1, present(page.nextCursor))).records, entriesOf([one]));
    assert.deepEqual(await store.summary(query), {
      ...{ totalSyncs: 2, latest: syncHistoryEntry(two), lastSuccessful: null },
    });
    const wild = { ...QUERY, repository: "octocat/hello%" };
    assert.deepEqual((await store.history(wild, 10, null)).records, []);
  }),

  history("summary returns the latest and the last successful sync", async (store) => {
    await inState(store, await store.create(sampleDraft()), "completed");
    const successful = await inState(store, await store.create(sampleDraft()), "completed");
    const latest = await inState(store, await store.create(sampleDraft()), "failed");
    assert.deepEqual(await store.summary(QUERY), {
      ...{ totalSyncs: 3, latest: syncHistoryEntry(latest), lastSuccessful: syncHistoryEntry(successful) },
    });
  }),

  history("metrics returns zeros for a user without syncs", async (store) => {
    await store.create(sampleDraft());
    assert.deepEqual(await store.metrics("unknown"), NO_SYNCS);
  }),

  history("metrics returns the sums over a user's syncs", async (store, subject) => {
    await finished(store, { seconds: 2, filesSynced: 10, repositoryId: 1 });
    await finished(store, { seconds: 4.5, filesSynced: 5, repositoryId: LARGEST_ID });
    await finished(store, { seconds: 1, filesSynced: 0, repositoryId: LARGEST_ID - 1 });
    await finished(store, { seconds: 2.5, filesSynced: 1, repositoryId: 1 });
    await inState(store, await store.create(sampleDraft()), "failed");
    await inState(store, await store.create(sampleDraft()), "cancelled");
    await store.create(sampleDraft());
    await store.create(sampleDraft({ userId: "8" }));
    assert.deepEqual(await (await secondStore(subject)).metrics("7"), {
      ...{ totalSyncs: 7, successfulSyncs: 4, failedSyncs: 1, totalFilesSynced: 16, totalConflictsResolved: 4 },
      ...{ averageSyncDuration: 2.5, lastSyncAt: new Date(BEGIN + 4_500), connectedRepositories: 3 },
    });
  }),

  history(
    "metrics and summary reflect the current state of a sync that was retried, renamed and completed",
    async (store) => {
      const { id } = await inState(store, await store.create(sampleDraft()), "failed");
      assert.equal((await store.metrics("7")).failedSyncs, 1);
      await store.transition(id, { from: ["failed"], to: "pending" }, { retryCount: 1 });
      assert.deepEqual(await store.metrics("7"), { ...NO_SYNCS, totalSyncs: 1 });
      const step = { from: ["pending"], to: "in_progress", leaseToken: 9 } as const;
      await store.transition(id, step, { startedAt: new Date(BEGIN) });
      await store.update(id, 9, { filesSynced: 8, conflictsResolved: 2 });
      await store.update(id, 9, { filesSynced: 5, repository: "octocat/Renamed" });
      assert.equal((await store.metrics("7")).totalFilesSynced, 5);
      const completedAt = new Date(BEGIN + 3_000);
      present(await store.transition(id, { from: ["in_progress"], to: "completed", leaseToken: 9 }, { completedAt }));
      assert.deepEqual(await store.metrics("7"), {
        ...{ totalSyncs: 1, successfulSyncs: 1, failedSyncs: 0, totalFilesSynced: 5, totalConflictsResolved: 2 },
        ...{ averageSyncDuration: 3, lastSyncAt: completedAt, connectedRepositories: 1 },
      });
      const renamed = await store.summary({ ...QUERY, repository: "octocat/renamed" });
      assert.equal(renamed.totalSyncs, 1);
      assert.equal(renamed.lastSuccessful?.id, id);
      assert.equal((await store.summary({ ...QUERY, repository: sampleDraft().repository })).totalSyncs, 0);
    },
  ),

  history("metrics counts every sync when many start and end at the same time", async (store, subject) => {
    const other = await secondStore(subject);
    await race(12, async (caller) => {
      const own = caller % 2 === 0 ? store : other;
      await finished(own, { seconds: caller, filesSynced: caller, repositoryId: 1 });
    });
    const { totalSyncs, successfulSyncs, totalFilesSynced, lastSyncAt } = await store.metrics("7");
    assert.deepEqual(
      { totalSyncs, successfulSyncs, totalFilesSynced },
      { totalSyncs: 12, successfulSyncs: 12, totalFilesSynced: 66 },
    );
    assert.deepEqual(lastSyncAt, new Date(BEGIN + 11_000));
    assert.equal((await other.summary(QUERY)).totalSyncs, 12);
  }),

  history("metrics counts repositories with equal ids of two API URLs separately", async (store) => {
    for (const apiUrl of ["https://api.github.com", "https://github.example.com/api/v3"]) {
      await inState(store, await store.create(sampleDraft({ target: sampleTarget({ apiUrl }) })), "completed");
    }
    assert.equal((await store.metrics("7")).connectedRepositories, 2);
  }),
];

const BEGIN = Date.UTC(2026, 2, 1, 10);

interface Finished {
  readonly seconds: number;
  readonly filesSynced: number;
  readonly repositoryId: number;
}

async function finished(store: SyncRecordStore, { seconds, filesSynced, repositoryId }: Finished): Promise<void> {
  const { id } = await store.create(sampleDraft({ target: sampleTarget({ repositoryId }) }));
  await store.transition(id, { from: ["pending"], to: "in_progress" }, { startedAt: new Date(BEGIN) });
  const completedAt = new Date(BEGIN + seconds * 1000);
  const change = { completedAt, filesSynced, conflictsResolved: 1 };
  present(await store.transition(id, { from: ["in_progress"], to: "completed" }, change));
}

async function createMany(store: SyncRecordStore, count: number): Promise<SyncRecord[]> {
  const records: SyncRecord[] = [];
  while (records.length < count) records.push(await store.create(sampleDraft()));
  return records;
}

/** Returns the records as a history shows them: newest first. */
function entriesOf(records: readonly SyncRecord[]): readonly SyncHistoryEntry[] {
  return records.toReversed().map(syncHistoryEntry);
}

async function allPages(store: SyncRecordStore, limit: number): Promise<(readonly SyncHistoryEntry[])[]> {
  const pages: (readonly SyncHistoryEntry[])[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.history(QUERY, limit, cursor);
    pages.push(page.records);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}
