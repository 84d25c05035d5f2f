import assert from "node:assert/strict";
import {
  SYNC_TRANSITIONS,
  type SyncRecord,
  type SyncRecordStore,
  type SyncStatus,
  unfinishedSync,
} from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  mutate,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { fullChange, LARGEST_ID, ODD_NAMES, sampleDraft, sampleOptions, sampleTarget } from "./samples.js";
import { inState } from "./sync-record-states.js";

const record = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const STATUSES: readonly SyncStatus[] = ["pending", "in_progress", "completed", "failed", "cancelled"];

/** The conformance cases for single records of a `SyncRecordStore`. See also `syncHistoryConformance`. */
export const syncRecordStoreConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  record("create stores a pending record with every field of the draft", async (store, subject) => {
    const draft = sampleDraft();
    const created = await store.create(draft);
    const { id, ...rest } = created;
    assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.deepEqual(rest, {
      ...draft,
      ...{ status: "pending", error: null, commitId: null, commitUrl: null, pullRequestUrl: null, writer: null },
      ...{ filesSynced: 0, filesDeleted: 0, conflictsResolved: 0, conflicts: [], notes: [], retryCount: 0 },
      ...{ filesPulled: 0, filesRemoved: 0, filesKept: 0 },
      ...{ direction: "push", runsFrom: 1, notBefore: null, interruptions: 0, progress: null, changeSeq: 1 },
      ...{ priority: "interactive", holder: null, waitingSince: null, coalesced: 0 },
      ...{ attempts: [], leaseToken: 0, startedAt: null, completedAt: null, updatedAt: draft.createdAt },
    });
    assert.deepEqual(await store.find(id), created);
    assert.deepEqual(await (await secondStore(subject)).find(id), created);
  }),

  record("create assigns unique, increasing ids", async (store, subject) => {
    const other = await secondStore(subject);
    const raced = await race(20, (caller) => (caller % 2 === 0 ? store : other).create(sampleDraft()));
    const ids = raced.map(({ id }) => id);
    assert.equal(new Set(ids).size, 20);
    const later = await other.create(sampleDraft());
    assert.ok(later.id > Math.max(...ids));
  }),

  record("find, transition and update return null for an unknown id", async (store) => {
    const { id } = await store.create(sampleDraft());
    for (const unknown of [0, -1, id + 1, LARGEST_ID]) {
      assert.equal(await store.find(unknown), null);
      assert.equal(await store.transition(unknown, { from: STATUSES, to: "cancelled" }, {}), null);
      assert.equal(await store.update(unknown, 0, { filesSynced: 1 }), null);
    }
  }),

  record("transition accepts exactly the transitions in SYNC_TRANSITIONS", async (store) => {
    for (const from of STATUSES) {
      for (const to of STATUSES) {
        const before = await recordIn(store, from);
        const after = await store.transition(before.id, { from: [from], to }, { filesSynced: 5 });
        const isLegal = SYNC_TRANSITIONS[from].includes(to);
        const expected = {
          ...before,
          ...(isLegal ? { status: to, filesSynced: 5, changeSeq: before.changeSeq + 1 } : {}),
        };
        assert.deepEqual(after, isLegal ? expected : null, `${from} to ${to}`);
        assert.deepEqual(await store.find(before.id), expected, `${from} to ${to}`);
      }
    }
  }),

  record("transition changes a record only from one of the states in `from`", async (store) => {
    const { id } = await store.create(sampleDraft());
    assert.equal(await store.transition(id, { from: ["failed", "cancelled"], to: "pending" }, {}), null);
    assert.equal(await store.transition(id, { from: ["in_progress"], to: "failed" }, {}), null);
    assert.equal(await store.transition(id, { from: [], to: "failed" }, {}), null);
    assert.equal(present(await store.find(id)).status, "pending");
    present(await store.transition(id, { from: ["in_progress", "pending"], to: "failed" }, {}));
  }),

  record("transition succeeds for exactly one of many concurrent callers", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(20, async () => {
      const { id } = await store.create(sampleDraft());
      const steps = await race(8, (caller) =>
        (caller % 2 === 0 ? store : other).transition(
          id,
          { from: ["pending"], to: "in_progress", leaseToken: caller + 1 },
          { filesSynced: caller },
        ),
      );
      const winners = steps.filter((step) => step !== null);
      assert.equal(winners.length, 1);
      assert.deepEqual(await store.find(id), winners[0]);
      assert.equal(winners[0]?.leaseToken, (winners[0]?.filesSynced ?? 0) + 1);
    });
  }),

  record(
    "transition accepts exactly one end when a sync is completed and cancelled at the same time",
    async (store) => {
      await rounds(20, async () => {
        const { id } = await recordIn(store, "in_progress", 3);
        const [cancelled, completed] = await Promise.all([
          store.transition(id, { from: ["pending", "in_progress"], to: "cancelled" }, {}),
          store.transition(id, { from: ["in_progress"], to: "completed", leaseToken: 3 }, { filesSynced: 9 }),
        ]);
        assert.equal([cancelled, completed].filter((step) => step !== null).length, 1);
        assert.deepEqual(await store.find(id), cancelled ?? completed);
      });
    },
  ),

  record("transition rejects an older lease token and stores a newer one", async (store) => {
    const { id } = await recordIn(store, "in_progress", 5);
    assert.equal(await store.transition(id, { from: ["in_progress"], to: "completed", leaseToken: 4 }, {}), null);
    assert.equal(present(await store.find(id)).leaseToken, 5);
    const back = present(await store.transition(id, { from: ["in_progress"], to: "pending", leaseToken: 5 }, {}));
    assert.equal(back.leaseToken, 5);
    const failed = present(await store.transition(id, { from: ["pending"], to: "failed", leaseToken: 9 }, {}));
    assert.equal(failed.leaseToken, 9);
    const retried = present(await store.transition(id, { from: ["failed"], to: "pending" }, { retryCount: 1 }));
    assert.deepEqual({ token: retried.leaseToken, count: retried.retryCount }, { token: 9, count: 1 });
    assert.equal(await store.transition(id, { from: ["pending"], to: "in_progress", leaseToken: 8 }, {}), null);
    present(await store.transition(id, { from: ["pending"], to: "in_progress", leaseToken: LARGEST_ID }, {}));
    assert.equal(present(await store.find(id)).leaseToken, LARGEST_ID);
  }),

  record("update changes only a record in progress whose lease token is equal", async (store, subject) => {
    const other = await secondStore(subject);
    const { id } = await recordIn(store, "in_progress", 5);
    assert.equal(present(await other.update(id, 5, { filesSynced: 1 })).filesSynced, 1);
    for (const token of [4, 6, 0]) assert.equal(await other.update(id, token, { filesSynced: 2 }), null);
    assert.equal(present(await store.find(id)).filesSynced, 1);
    for (const status of STATUSES.filter((status) => status !== "in_progress")) {
      const still = await recordIn(store, status, 5);
      assert.equal(await store.update(still.id, still.leaseToken, { filesSynced: 2 }), null);
      assert.deepEqual(await store.find(still.id), still);
    }
  }),

  record("update never changes a record after the transition that ended the sync", async (store) => {
    await rounds(10, async () => {
      const { id } = await recordIn(store, "in_progress", 2);
      const [ended] = await Promise.all([
        store.transition(id, { from: ["in_progress"], to: "cancelled" }, { notes: ["stopped"] }),
        ...Array.from({ length: 4 }, (_, index) => store.update(id, 2, { filesSynced: index + 1 })),
      ]);
      assert.deepEqual(await store.find(id), present(ended));
    });
  }),

  record("update and transition write every field of a change and no others", async (store, subject) => {
    const { id } = await recordIn(store, "in_progress", 1);
    const before = present(await store.find(id));
    const written = present(await store.update(id, 1, fullChange()));
    assert.deepEqual(written, { ...before, ...fullChange() });
    assert.deepEqual(await (await secondStore(subject)).find(id), written);
    const cleared = { error: null, commitId: null, conflicts: [], attempts: [], completedAt: null };
    const rest = present(await store.transition(id, { from: ["in_progress"], to: "pending" }, cleared));
    assert.deepEqual(rest, { ...written, ...cleared, status: "pending", changeSeq: written.changeSeq + 1 });
    assert.deepEqual(await store.find(id), rest);
  }),

  record("update does not write fields that a change may not contain", async (store) => {
    const { id } = await recordIn(store, "in_progress", 1);
    const before = present(await store.find(id));
    const other = await store.create(
      sampleDraft({
        userId: "8",
        projectId: "x",
        target: sampleTarget({ branch: "x" }),
        createdAt: new Date(0),
        direction: "pull",
      }),
    );
    const after = present(await store.update(id, 1, { ...other, startedAt: before.startedAt, filesSynced: 1 }));
    assert.deepEqual(after, { ...before, repository: other.repository, updatedAt: other.updatedAt, filesSynced: 1 });
    assert.deepEqual(await store.find(other.id), other);
  }),

  record("find returns large numbers, long texts and unusual names unchanged", async (store) => {
    const path = `${"directory/".repeat(400)}main.tf`;
    const draft = sampleDraft({
      userId: "Us\u00e9r-\u{1f600}",
      projectId: "p".repeat(255),
      target: sampleTarget({ repositoryId: LARGEST_ID, branch: `feature/${"b".repeat(236)}`, directory: path }),
      options: sampleOptions({
        message: `${"m".repeat(70_000)} \u{1f600}`,
        filePaths: [...ODD_NAMES, path],
        pathStrategies: [{ pattern: "*.tf", strategy: "ours" }],
        planHash: "h".repeat(64),
      }),
    });
    const created = await store.create(draft);
    assert.deepEqual(await store.find(created.id), { ...created, ...draft });
  }),

  record("unfinished returns pending and running records in pages, in ascending order", async (store) => {
    const records: SyncRecord[] = [];
    for (const status of [...STATUSES, ...STATUSES, ...STATUSES]) records.push(await recordIn(store, status));
    const unfinished = records
      .filter(({ status }) => status === "pending" || status === "in_progress")
      .map(unfinishedSync);
    assert.deepEqual(await store.unfinished(0, 100), unfinished);
    assert.deepEqual(await store.unfinished(0, 2), unfinished.slice(0, 2));
    assert.deepEqual(await store.unfinished(unfinished[1]?.id ?? 0, 2), unfinished.slice(2, 4));
    assert.deepEqual(await store.unfinished(unfinished.at(-1)?.id ?? 0, 2), []);
  }),

  record("withOpenAttempts returns the ended records of a branch with an attempt of unknown outcome", async (store) => {
    const attempt = present(fullChange().attempts[1]);
    const missing = { ...attempt, outcome: "missing" } as const;
    const make = async (status: SyncStatus, attempts: SyncRecord["attempts"], branch = "main"): Promise<SyncRecord> => {
      const created = await store.create(sampleDraft({ target: sampleTarget({ branch }) }));
      await store.transition(created.id, { from: ["pending"], to: "in_progress" }, { attempts });
      if (status === "in_progress") return present(await store.find(created.id));
      return present(await store.transition(created.id, { from: ["in_progress"], to: status }, {}));
    };
    const failed = await make("failed", [missing, attempt]);
    await make("failed", [missing]);
    await make("failed", []);
    await make("completed", [attempt]);
    await make("in_progress", [attempt]);
    await make("failed", [attempt], "Main");
    const cancelled = await make("cancelled", [attempt, missing]);
    assert.deepEqual(await store.withOpenAttempts(sampleTarget()), [failed, cancelled]);
    assert.deepEqual(await store.withOpenAttempts(sampleTarget({ branch: "none" })), []);
  }),

  record("The store keeps no reference to objects that it receives or returns", async (store) => {
    const draft = sampleDraft({ options: sampleOptions({ filePaths: ["a"] }) });
    const created = await store.create(draft);
    const expected = structuredClone(created);
    mutate(draft.target, { branch: "changed" });
    draft.createdAt.setTime(0);
    mutate(created, { status: "completed" });
    mutate(created.options, { filePaths: null });
    const found = present(await store.find(expected.id));
    assert.deepEqual(found, expected);
    mutate(found.target, { branch: "changed" });
    found.createdAt.setTime(0);
    assert.deepEqual(await store.find(expected.id), expected);
    const attempts = [present(fullChange().attempts[0])];
    const running = present(
      await store.transition(expected.id, { from: ["pending"], to: "in_progress" }, { attempts }),
    );
    attempts.pop();
    mutate(present(running.attempts[0]), { outcome: "landed" });
    assert.deepEqual(present(await store.find(expected.id)).attempts, [fullChange().attempts[0]]);
  }),
];

/** Creates a record and brings it to a status. */
async function recordIn(store: SyncRecordStore, status: SyncStatus, leaseToken = 1): Promise<SyncRecord> {
  return inState(store, await store.create(sampleDraft()), status, leaseToken);
}
