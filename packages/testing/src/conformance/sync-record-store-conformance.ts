import assert from "node:assert/strict";
import { SYNC_TRANSITIONS, type SyncRecord, type SyncRecordStore, type SyncStatus } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  meddle,
  present,
  race,
  rounds,
  type StoreSubject,
  secondUser,
} from "./conformance-case.js";
import { fullChange, LARGEST_ID, ODD_NAMES, sampleDraft, sampleOptions, sampleTarget } from "./samples.js";

const record = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const STATUSES: readonly SyncStatus[] = ["pending", "in_progress", "completed", "failed", "cancelled"];

/** What every `SyncRecordStore` promises of single records. History and sums: `syncHistoryConformance`. */
export const syncRecordStoreConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  record("creates a pending record with everything that was drafted", async (store, subject) => {
    const draft = sampleDraft();
    const created = await store.create(draft);
    const { id, ...rest } = created;
    assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.deepEqual(rest, {
      ...draft,
      ...{ status: "pending", error: null, commitId: null, commitUrl: null, pullRequestUrl: null, writer: null },
      ...{ filesSynced: 0, filesDeleted: 0, conflictsResolved: 0, conflicts: [], notes: [], retryCount: 0 },
      ...{ attempts: [], leaseToken: 0, startedAt: null, completedAt: null, updatedAt: draft.createdAt },
    });
    assert.deepEqual(await store.find(id), created);
    assert.deepEqual(await (await secondUser(subject)).find(id), created);
  }),

  record("gives ids that grow and are never given twice", async (store, subject) => {
    const other = await secondUser(subject);
    const raced = await race(20, (caller) => (caller % 2 === 0 ? store : other).create(sampleDraft()));
    const ids = raced.map(({ id }) => id);
    assert.equal(new Set(ids).size, 20);
    const later = await other.create(sampleDraft());
    assert.ok(later.id > Math.max(...ids));
  }),

  record("finds nothing under an id that it did not give", async (store) => {
    const { id } = await store.create(sampleDraft());
    for (const unknown of [0, -1, id + 1, LARGEST_ID]) {
      assert.equal(await store.find(unknown), null);
      assert.equal(await store.transition(unknown, { from: STATUSES, to: "cancelled" }, {}), null);
      assert.equal(await store.update(unknown, 0, { filesSynced: 1 }), null);
    }
  }),

  record("makes the legal steps and no others", async (store) => {
    for (const from of STATUSES) {
      for (const to of STATUSES) {
        const before = await recordIn(store, from);
        const after = await store.transition(before.id, { from: [from], to }, { filesSynced: 5 });
        const isLegal = SYNC_TRANSITIONS[from].includes(to);
        const expected = { ...before, ...(isLegal ? { status: to, filesSynced: 5 } : {}) };
        assert.deepEqual(after, isLegal ? expected : null, `${from} to ${to}`);
        assert.deepEqual(await store.find(before.id), expected, `${from} to ${to}`);
      }
    }
  }),

  record("makes a step only from the states that it names", async (store) => {
    const { id } = await store.create(sampleDraft());
    assert.equal(await store.transition(id, { from: ["failed", "cancelled"], to: "pending" }, {}), null);
    assert.equal(await store.transition(id, { from: ["in_progress"], to: "failed" }, {}), null);
    assert.equal(await store.transition(id, { from: [], to: "failed" }, {}), null);
    assert.equal(present(await store.find(id)).status, "pending");
    present(await store.transition(id, { from: ["in_progress", "pending"], to: "failed" }, {}));
  }),

  record("lets exactly one of many racing callers make a step", async (store, subject) => {
    const other = await secondUser(subject);
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

  record("lets one end win when a sync is completed and cancelled at the same moment", async (store) => {
    await rounds(20, async () => {
      const { id } = await recordIn(store, "in_progress", 3);
      const [cancelled, completed] = await Promise.all([
        store.transition(id, { from: ["pending", "in_progress"], to: "cancelled" }, {}),
        store.transition(id, { from: ["in_progress"], to: "completed", leaseToken: 3 }, { filesSynced: 9 }),
      ]);
      assert.equal([cancelled, completed].filter((step) => step !== null).length, 1);
      assert.deepEqual(await store.find(id), cancelled ?? completed);
    });
  }),

  record("refuses a step under an older token and carries a newer one", async (store) => {
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

  record("updates a record that is in progress under exactly its token", async (store, subject) => {
    const other = await secondUser(subject);
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

  record("lets no update land after the step that ended the sync", async (store) => {
    await rounds(10, async () => {
      const { id } = await recordIn(store, "in_progress", 2);
      const [ended] = await Promise.all([
        store.transition(id, { from: ["in_progress"], to: "cancelled" }, { notes: ["stopped"] }),
        ...Array.from({ length: 4 }, (_, index) => store.update(id, 2, { filesSynced: index + 1 })),
      ]);
      assert.deepEqual(await store.find(id), present(ended));
    });
  }),

  record("writes every field of a change and leaves the others", async (store, subject) => {
    const { id } = await recordIn(store, "in_progress", 1);
    const before = present(await store.find(id));
    const written = present(await store.update(id, 1, fullChange()));
    assert.deepEqual(written, { ...before, ...fullChange() });
    assert.deepEqual(await (await secondUser(subject)).find(id), written);
    const cleared = { error: null, commitId: null, conflicts: [], attempts: [], completedAt: null };
    const rest = present(await store.transition(id, { from: ["in_progress"], to: "pending" }, cleared));
    assert.deepEqual(rest, { ...written, ...cleared, status: "pending" });
    assert.deepEqual(await store.find(id), rest);
  }),

  record("lets a change touch nothing that a change may not write", async (store) => {
    const { id } = await recordIn(store, "in_progress", 1);
    const before = present(await store.find(id));
    const other = await store.create(
      sampleDraft({ userId: "8", projectId: "x", target: sampleTarget({ branch: "x" }), createdAt: new Date(0) }),
    );
    const after = present(await store.update(id, 1, { ...other, startedAt: before.startedAt, filesSynced: 1 }));
    assert.deepEqual(after, { ...before, repository: other.repository, updatedAt: other.updatedAt, filesSynced: 1 });
    assert.deepEqual(await store.find(other.id), other);
  }),

  record("holds large numbers, long texts and odd names", async (store) => {
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

  record("gives the first pending record of exactly that branch", async (store) => {
    const branch = sampleTarget({ repositoryId: LARGEST_ID });
    assert.equal(await store.oldestPending(branch), null);
    const others = [
      { ...branch, branch: "Main" },
      { ...branch, repositoryId: LARGEST_ID - 1 },
      { ...branch, apiUrl: "https://github.example.com/api/v3" },
    ];
    for (const target of others) await store.create(sampleDraft({ target }));
    await inState(store, await store.create(sampleDraft({ target: branch })), "failed");
    const first = await store.create(sampleDraft({ target: { ...branch, source: "project:8/x", directory: "sub" } }));
    const second = await store.create(sampleDraft({ userId: "9", target: branch }));
    const elsewhere = sampleTarget({ ...branch, source: "another", directory: "other" });
    assert.deepEqual(await store.oldestPending(elsewhere), first);
    await store.transition(first.id, { from: ["pending"], to: "in_progress", leaseToken: 1 }, {});
    assert.deepEqual(await store.oldestPending(branch), second);
    await store.transition(second.id, { from: ["pending"], to: "cancelled" }, {});
    assert.equal(await store.oldestPending(branch), null);
  }),

  record("lists unfinished records ascending, in pages", async (store) => {
    const records: SyncRecord[] = [];
    for (const status of [...STATUSES, ...STATUSES, ...STATUSES]) records.push(await recordIn(store, status));
    const unfinished = records.filter(({ status }) => status === "pending" || status === "in_progress");
    assert.deepEqual(await store.unfinished(0, 100), unfinished);
    assert.deepEqual(await store.unfinished(0, 2), unfinished.slice(0, 2));
    assert.deepEqual(await store.unfinished(unfinished[1]?.id ?? 0, 2), unfinished.slice(2, 4));
    assert.deepEqual(await store.unfinished(unfinished.at(-1)?.id ?? 0, 2), []);
  }),

  record("lists the ended records of a branch with an attempt of unknown outcome", async (store) => {
    const attempt = present(fullChange().attempts[1]);
    const settled = { ...attempt, outcome: "missing" } as const;
    const make = async (status: SyncStatus, attempts: SyncRecord["attempts"], branch = "main"): Promise<SyncRecord> => {
      const created = await store.create(sampleDraft({ target: sampleTarget({ branch }) }));
      await store.transition(created.id, { from: ["pending"], to: "in_progress" }, { attempts });
      if (status === "in_progress") return present(await store.find(created.id));
      return present(await store.transition(created.id, { from: ["in_progress"], to: status }, {}));
    };
    const failed = await make("failed", [settled, attempt]);
    await make("failed", [settled]);
    await make("failed", []);
    await make("completed", [attempt]);
    await make("in_progress", [attempt]);
    await make("failed", [attempt], "Main");
    const cancelled = await make("cancelled", [attempt, settled]);
    assert.deepEqual(await store.withOpenAttempts(sampleTarget()), [failed, cancelled]);
    assert.deepEqual(await store.withOpenAttempts(sampleTarget({ branch: "none" })), []);
  }),

  record("copies what it is given and what it gives", async (store) => {
    const draft = sampleDraft({ options: sampleOptions({ filePaths: ["a"] }) });
    const created = await store.create(draft);
    const expected = structuredClone(created);
    meddle(draft.target, { branch: "meddled" });
    draft.createdAt.setTime(0);
    meddle(created, { status: "completed" });
    meddle(created.options, { filePaths: null });
    const found = present(await store.find(expected.id));
    assert.deepEqual(found, expected);
    meddle(found.target, { branch: "meddled" });
    found.createdAt.setTime(0);
    assert.deepEqual(await store.find(expected.id), expected);
    const attempts = [present(fullChange().attempts[0])];
    const running = present(
      await store.transition(expected.id, { from: ["pending"], to: "in_progress" }, { attempts }),
    );
    attempts.pop();
    meddle(present(running.attempts[0]), { outcome: "landed" });
    assert.deepEqual(present(await store.find(expected.id)).attempts, [fullChange().attempts[0]]);
  }),
];

/** A new record that went to the state by legal steps. */
async function recordIn(store: SyncRecordStore, status: SyncStatus, leaseToken = 1): Promise<SyncRecord> {
  return inState(store, await store.create(sampleDraft()), status, leaseToken);
}

/** The pending record, brought to the state by legal steps; what has ended began and ended a minute apart. */
export async function inState(
  store: SyncRecordStore,
  pending: SyncRecord,
  status: SyncStatus,
  leaseToken = 1,
): Promise<SyncRecord> {
  if (status === "pending") return pending;
  const step = { from: ["pending"], to: "in_progress", leaseToken } as const;
  const running = present(await store.transition(pending.id, step, { startedAt: pending.createdAt }));
  if (status === "in_progress") return running;
  const completedAt = new Date(pending.createdAt.getTime() + 60_000);
  return present(
    await store.transition(pending.id, { from: ["in_progress"], to: status, leaseToken }, { completedAt }),
  );
}
