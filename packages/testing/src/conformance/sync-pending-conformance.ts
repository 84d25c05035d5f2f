import assert from "node:assert/strict";
import type { SyncRecordDraft, SyncRecordStore } from "@infrajet/github/adapters";
import {
  type ConformanceCase,
  conformanceCase,
  pass,
  present,
  race,
  rounds,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";
import { sampleDraft, sampleOptions, sampleTarget } from "./samples.js";

const pending = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const API_URL = sampleTarget().apiUrl;
const START = { from: ["pending"], to: "in_progress" } as const;

/** The conformance cases for delayed and coalesced pending records of a `SyncRecordStore`. */
export const syncPendingConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  pending(
    "create with reusePending returns the pending record of the same sync to all callers",
    async (store, subject) => {
      const other = await secondStore(subject);
      const draft = sampleDraft({ direction: "two_way" });
      await rounds(10, async () => {
        const made = await race(6, (caller) =>
          (caller % 2 === 0 ? store : other).create(draft, { reusePending: true, maxPending: 10 }),
        );
        assert.equal(new Set(made.map(({ id }) => id)).size, 1);
        const { id } = present(made[0]);
        assert.equal(present(await store.find(id)).coalesced, 5);
        await store.transition(id, { from: ["pending"], to: "cancelled" }, {});
      });
      const { seq } = await store.changedSince(draft, 0, 0);
      assert.equal(seq, 20, "a call that reuses a record leaves the number unchanged");
    },
  ),

  pending("create with reusePending stores a record when the pending ones do something else", async (store) => {
    const draft = sampleDraft({ direction: "two_way" });
    const others: Partial<SyncRecordDraft>[] = [
      { direction: "pull" },
      { options: sampleOptions({ strategy: "theirs" }) },
      { target: sampleTarget({ directory: "infra" }) },
      { target: sampleTarget({ branch: "other" }) },
    ];
    for (const overrides of others) await store.create({ ...draft, ...overrides }, { reusePending: true });
    const running = await store.create(draft);
    await store.transition(running.id, START, {});
    const next = await store.create(draft, { reusePending: true });
    assert.equal((await store.unfinished(0, 100)).length, others.length + 2);
    assert.notEqual(next.id, running.id);
    assert.equal((await store.create(draft, { reusePending: true })).id, next.id);
    assert.notEqual((await store.create(draft)).id, next.id);
  }),

  pending("create stores a record that is not due before its notBefore", async (store, subject) => {
    const span = shortSpan(subject);
    const notBefore = new Date(timeOf(subject) + span);
    const created = await store.create(sampleDraft({ notBefore }));
    assert.deepEqual((await store.find(created.id))?.notBefore, notBefore);
    assert.deepEqual(
      (await store.due(API_URL, 10)).map(({ id }) => id),
      [],
    );
    await pass(subject, span + 50);
    assert.deepEqual(
      (await store.due(API_URL, 10)).map(({ id }) => id),
      [created.id],
    );
  }),
];
