import assert from "node:assert/strict";
import type { ProjectKey, SyncRecord, SyncRecordStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  present,
  race,
  type StoreSubject,
  secondStore,
} from "./conformance-case.js";
import { fullChange, sampleDraft } from "./samples.js";
import { inState } from "./sync-record-states.js";

const changes = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const PROJECT = { userId: "7", projectId: "network" };

/** The conformance cases for the numbered changes of a project in a `SyncRecordStore`. */
export const syncChangesConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  changes("changedSince returns nothing for a project without records", async (store) => {
    await store.create(sampleDraft({ projectId: "Network" }));
    await store.create(sampleDraft({ userId: "8" }));
    assert.deepEqual(await store.changedSince(PROJECT, 0, 10), { records: [], seq: 0, feedId: null });
  }),

  changes("create and transition number a project's changes without gaps, update does not", async (store) => {
    const [first, second] = [await store.create(sampleDraft()), await store.create(sampleDraft())];
    assert.deepEqual([first.changeSeq, second.changeSeq], [1, 2]);
    const step = { from: ["pending"], to: "in_progress", leaseToken: 1 } as const;
    const running = present(await store.transition(first.id, step, fullChange()));
    assert.equal(running.changeSeq, 3);
    assert.equal(await store.transition(first.id, step, {}), null);
    assert.equal(present(await store.update(first.id, 1, { ...second, filesSynced: 4 })).changeSeq, 3);
    const cancelled = present(await store.transition(second.id, { from: ["pending"], to: "cancelled" }, {}));
    assert.equal(cancelled.changeSeq, 4);
    assert.equal((await store.create(sampleDraft({ projectId: "other" }))).changeSeq, 1);
  }),

  changes(
    "changedSince returns each record once, as it is now, in the order of the changes",
    async (store, subject) => {
      const other = await secondStore(subject);
      const records = [await store.create(sampleDraft()), await store.create(sampleDraft())];
      const third = await store.create(sampleDraft());
      const first = await inState(store, present(records[0]), "failed");
      const { feedId, ...found } = await other.changedSince(PROJECT, 0, 10);
      assert.ok(feedId !== null && feedId.length > 0);
      assert.deepEqual(found, { records: [records[1], third, first], seq: 5 });
      assert.deepEqual(await other.changedSince(PROJECT, 0, 2), { records: [records[1], third], seq: 5, feedId });
      assert.deepEqual(await store.changedSince(PROJECT, 3, 10), { records: [first], seq: 5, feedId });
      assert.deepEqual(await store.changedSince(PROJECT, 2, 0), { records: [], seq: 5, feedId });
      for (const after of [5, Number.MAX_SAFE_INTEGER])
        assert.deepEqual(await store.changedSince(PROJECT, after, 10), { records: [], seq: 5, feedId });
    },
  ),

  changes("changedSince gives projects different feed ids", async (store) => {
    await store.create(sampleDraft());
    await store.create(sampleDraft({ projectId: "other" }));
    const [one, other] = await Promise.all(
      [PROJECT, { ...PROJECT, projectId: "other" }].map((project) => store.changedSince(project, 0, 0)),
    );
    assert.notEqual(one?.feedId, other?.feedId);
  }),

  changes("changedSince never shows a number before all lower ones while callers race", async (store, subject) => {
    const other = await secondStore(subject);
    const writers = { left: 6 };
    const reader = followChanges(other, PROJECT, () => writers.left > 0);
    const ended = await race(6, async (caller) => {
      const own = caller % 2 === 0 ? store : other;
      const records: SyncRecord[] = [];
      for (let round = 0; round < 4; round += 1) {
        const pending = await own.create(sampleDraft());
        // Another caller tries the same transitions; exactly one of them takes a number.
        const [record] = await Promise.all([inStateIfPossible(own, pending), inStateIfPossible(other, pending)]);
        records.push(record);
      }
      writers.left -= 1;
      return records;
    });
    const seen = await reader;
    const expected = ended.flat().map(({ id }) => id);
    assert.deepEqual(
      [...seen.keys()].sort((a, b) => a - b),
      [...expected].sort((a, b) => a - b),
    );
    for (const id of expected) assert.equal(seen.get(id), "cancelled");
    assert.equal((await store.changedSince(PROJECT, 0, 0)).seq, 2 * expected.length);
  }),
];

/** Cancels a pending record unless another caller did. */
async function inStateIfPossible(store: SyncRecordStore, pending: SyncRecord): Promise<SyncRecord> {
  await store.transition(pending.id, { from: ["pending"], to: "cancelled" }, {});
  return present(await store.find(pending.id));
}

/** Reads the changes by a cursor while `isWriting`, and once more. Returns the last seen status of each record. */
async function followChanges(
  store: SyncRecordStore,
  project: ProjectKey,
  isWriting: () => boolean,
): Promise<ReadonlyMap<number, string>> {
  const seen = new Map<number, string>();
  let cursor = 0;
  for (let isLast = false; ; ) {
    const { records, seq } = await store.changedSince(project, cursor, 5);
    for (const { id, status, changeSeq } of records) {
      assert.ok(changeSeq > cursor, `${changeSeq} after ${cursor}`);
      seen.set(id, status);
      cursor = changeSeq;
    }
    if (records.length < 5) {
      cursor = Math.max(cursor, seq);
      if (isLast) return seen;
      isLast = !isWriting();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
