import assert from "node:assert/strict";
import {
  MAX_OPTIONS_BYTES,
  SYNC_RECORD_VERSION,
  type SyncConflict,
  type SyncRecord,
  type SyncRecordStore,
  unfinishedSync,
} from "@infrajet/github/adapters";
import {
  assertFails,
  type ConformanceCase,
  conformanceCase,
  pass,
  present,
  type StoreSubject,
  secondStore,
  shortSpan,
  timeOf,
} from "./conformance-case.js";
import { oid, sampleDraft, sampleOptions, sampleTarget } from "./samples.js";

const scheduling = (
  name: string,
  test: (store: SyncRecordStore, subject: StoreSubject<SyncRecordStore>) => Promise<void>,
): ConformanceCase<StoreSubject<SyncRecordStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const API_URL = sampleTarget().apiUrl;
const HISTORY = { userId: "7", projectId: "network" };
const NEWER = SYNC_RECORD_VERSION + 1;
const START = { from: ["pending"], to: "in_progress" } as const;

/** The conformance cases for limits, versions and the order of pending records of a `SyncRecordStore`. */
export const syncSchedulingConformance: readonly ConformanceCase<StoreSubject<SyncRecordStore>>[] = [
  scheduling("create stores the direction and the lowest version that may run the record", async (store, subject) => {
    const push = await store.create(sampleDraft());
    const pull = await store.create(sampleDraft({ direction: "pull" }));
    const other = await secondStore(subject);
    for (const [record, direction, runsFrom] of [
      [push, "push", 1],
      [pull, "pull", 2],
    ] as const) {
      const { notBefore, interruptions } = record;
      assert.deepEqual(
        { direction: record.direction, runsFrom: record.runsFrom, notBefore, interruptions },
        { direction, runsFrom, notBefore: null, interruptions: 0 },
      );
      assert.deepEqual(await other.find(record.id), record);
    }
  }),

  scheduling("due and unfinished omit records that only a newer version may run", async (store) => {
    await store.create(sampleDraft({ direction: "two_way", runsFrom: NEWER }));
    const push = await store.create(sampleDraft());
    assert.deepEqual(idsOf(await store.unfinished(0, 10)), [push.id]);
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [push.id]);
  }),

  scheduling(
    "recentlySynced returns the last completed record of each branch of one API URL",
    async (store, subject) => {
      const complete = async (overrides: Parameters<typeof sampleDraft>[0]): Promise<number> => {
        const { id } = await store.create(sampleDraft(overrides));
        await store.transition(id, { ...START, leaseToken: id }, {});
        await store.transition(
          id,
          { from: ["in_progress"], to: "completed", leaseToken: id },
          { commitId: commitOf(id) },
        );
        return id;
      };
      const onMain = { target: sampleTarget({ branch: "main" }) };
      await complete(onMain);
      const other = await complete({ target: sampleTarget({ branch: "other" }) });
      const latest = await complete({ ...onMain, userId: "8" });
      await complete({ target: sampleTarget({ apiUrl: "https://ghes.example/api/v3" }) });
      await store.create(sampleDraft(onMain));
      const found = await (await secondStore(subject)).recentlySynced(API_URL, 10);
      assert.deepEqual(
        found.map(({ id, commitId }) => [id, commitId]),
        [latest, other].map((id) => [id, commitOf(id)]),
      );
      assert.deepEqual(idsOf(await store.recentlySynced(API_URL, 1)), [latest]);
    },
  ),

  scheduling("transition does not start a record that only a newer version may run", async (store) => {
    const pull = await store.create(sampleDraft({ direction: "pull", runsFrom: NEWER }));
    assert.equal(await store.transition(pull.id, { ...START, leaseToken: 1 }, {}), null);
    assert.deepEqual(await store.find(pull.id), pull);
    present(await store.transition(pull.id, { from: ["pending"], to: "cancelled" }, {}));
  }),

  scheduling(
    "create rejects a record when its user has the maximum number of pending records",
    async (store, subject) => {
      const other = await secondStore(subject);
      const [first] = [await store.create(sampleDraft(), { maxPending: 2 }), await other.create(sampleDraft())];
      for (const projectId of ["network", "another"])
        await assertFails(store.create(sampleDraft({ projectId }), { maxPending: 2 }), "too_many_pending_syncs");
      await store.create(sampleDraft({ userId: "8" }), { maxPending: 1 });
      assert.equal((await store.metrics("7")).totalSyncs, 2);
      await store.transition(first.id, START, {});
      await store.create(sampleDraft(), { maxPending: 2 });
      await assertFails(other.create(sampleDraft(), { maxPending: 2 }), "too_many_pending_syncs");
      await store.create(sampleDraft(), { maxPending: 3 });
    },
  ),

  scheduling("transition to pending fails when the user has the maximum number of pending records", async (store) => {
    const { id } = await store.create(sampleDraft());
    await store.transition(id, { from: ["pending"], to: "cancelled" }, {});
    const waiting = await store.create(sampleDraft());
    const retry = { from: ["cancelled"], to: "pending", maxPending: 1 } as const;
    await assertFails(store.transition(id, retry, {}), "too_many_pending_syncs");
    assert.equal(present(await store.find(id)).status, "cancelled");
    await store.transition(waiting.id, START, {});
    assert.equal(present(await store.transition(id, retry, {})).status, "pending");
  }),

  scheduling("create rejects options that exceed the maximum size", async (store) => {
    const message = "m".repeat(MAX_OPTIONS_BYTES);
    const draft = sampleDraft({ options: sampleOptions({ message }) });
    await assertFails(store.create(draft), "input_too_large");
    assert.equal((await store.metrics("7")).totalSyncs, 0);
    assert.deepEqual(await store.unfinished(0, 10), []);
  }),

  scheduling("update keeps at most 1 MiB of conflicts and adds a note about the others", async (store) => {
    const { id } = await store.create(sampleDraft());
    await store.transition(id, { ...START, leaseToken: 1 }, {});
    const conflicts = Array.from({ length: 10_000 }, (_, index) => conflict(`${"directory/".repeat(20)}${index}`));
    const updated = present(await store.update(id, 1, { conflicts, notes: ["first", "n".repeat(100_000)] }));
    assert.ok(Buffer.byteLength(JSON.stringify(updated.conflicts)) <= 1024 * 1024 + 1);
    assert.ok(updated.conflicts.length > 1_000);
    assert.deepEqual(updated.conflicts, conflicts.slice(0, updated.conflicts.length));
    assert.deepEqual(updated.notes, ["first", `${10_000 - updated.conflicts.length} more conflicts are not listed.`]);
    assert.deepEqual(await store.find(id), updated);
  }),

  scheduling("history, summary, unfinished and due leave out options, conflicts and attempts", async (store) => {
    await store.create(sampleDraft());
    const { latest } = await store.summary(HISTORY);
    const { records } = await store.history(HISTORY, 1, null);
    const work = [...(await store.unfinished(0, 1)), ...(await store.due(API_URL, 1))];
    const entries = [latest, ...records, ...work];
    assert.equal(entries.length, 4);
    for (const entry of entries)
      for (const name of ["options", "conflicts", "attempts"]) assert.ok(!(name in present(entry)), name);
    for (const entry of work) assert.ok(!("notes" in entry), "unfinished and due leave out notes, too");
  }),

  scheduling("history and summary contain the notes and the plan hash", async (store) => {
    const { id } = await store.create(sampleDraft({ options: sampleOptions({ planHash: "h1" }) }));
    await store.transition(id, { from: ["pending"], to: "cancelled" }, { notes: ["first", "second"] });
    const { latest } = await store.summary(HISTORY);
    for (const entry of [latest, ...(await store.history(HISTORY, 1, null)).records]) {
      assert.deepEqual([entry?.planHash, entry?.notes], ["h1", ["first", "second"]]);
    }
  }),

  scheduling("due returns the oldest pending record of each user of one API URL", async (store) => {
    assert.deepEqual(await store.due(API_URL, 10), []);
    const enterprise = sampleTarget({ apiUrl: "https://github.example.com/api/v3" });
    await store.create(sampleDraft({ target: enterprise }));
    const ended = await store.create(sampleDraft());
    await store.transition(ended.id, { from: ["pending"], to: "failed" }, {});
    const ada = await store.create(sampleDraft({ userId: "Ada" }));
    const lower = await store.create(sampleDraft({ userId: "ada" }));
    for (const userId of ["Ada", "ada", "Ada"]) await store.create(sampleDraft({ userId }));
    const last = await store.create(sampleDraft());
    const due = await store.due(API_URL, 10);
    assert.deepEqual(due, [ada, lower, last].map(unfinishedSync));
    assert.deepEqual(idsOf(await store.due(API_URL, 2)), [ada.id, lower.id]);
  }),

  scheduling("due returns users with the fewest records in progress first", async (store) => {
    const records: SyncRecord[] = [];
    for (const [index, userId] of ["busy", "busy", "busy", "one", "one", "idle"].entries())
      records.push(await store.create(sampleDraft({ userId, target: sampleTarget({ branch: `branch-${index}` }) })));
    const [first, second, third, running, next, idle] = records.map(({ id }) => id);
    for (const id of [first, second, running]) await store.transition(present(id), START, {});
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [idle, next, third]);
    assert.deepEqual(idsOf(await store.due(API_URL, 1)), [idle]);
  }),

  scheduling("due leaves out records by id, and returns the next of their user", async (store) => {
    const first = await store.create(sampleDraft());
    const second = await store.create(sampleDraft({ target: sampleTarget({ branch: "second" }) }));
    assert.deepEqual(idsOf(await store.due(API_URL, 10, [])), [first.id]);
    assert.deepEqual(idsOf(await store.due(API_URL, 10, [first.id])), [second.id]);
    assert.deepEqual(await store.due(API_URL, 10, [second.id, first.id]), []);
  }),

  scheduling("due omits records of a branch that has a record in progress", async (store, subject) => {
    const main = sampleTarget({ branch: "main" });
    const running = await store.create(sampleDraft({ target: main }));
    await store.create(sampleDraft({ target: main }));
    await store.create(sampleDraft({ userId: "8", target: { ...main, source: "project:8/other" } }));
    const elsewhere = await store.create(sampleDraft({ target: sampleTarget({ branch: "Main" }) }));
    await store.transition(running.id, { ...START, leaseToken: 1 }, {});
    const other = await secondStore(subject);
    assert.deepEqual(idsOf(await other.due(API_URL, 10)), [elsewhere.id]);
    await store.transition(running.id, { from: ["in_progress"], to: "completed", leaseToken: 1 }, {});
    assert.deepEqual(idsOf(await other.due(API_URL, 10)), [running.id + 1, running.id + 2]);
  }),

  scheduling("due omits records that one process holds, and unfinished names the holder", async (store, subject) => {
    const held = await store.create(sampleDraft({ holder: "files:0a1b" }));
    const free = await store.create(sampleDraft());
    assert.deepEqual([held.holder, free.holder], ["files:0a1b", null]);
    const other = await secondStore(subject);
    assert.deepEqual(idsOf(await other.due(API_URL, 10)), [free.id]);
    assert.deepEqual(await other.unfinished(0, 10), [held, free].map(unfinishedSync));
  }),

  scheduling("due returns interactive records before background ones, within a user and among users", async (store) => {
    const background = { priority: "background" } as const;
    await store.create(sampleDraft({ userId: "both", ...background }));
    const waiting = await store.create(sampleDraft({ userId: "patient", ...background }));
    const urgent = await store.create(sampleDraft({ userId: "both" }));
    const busy = await store.create(sampleDraft({ userId: "busy", target: sampleTarget({ branch: "busy" }) }));
    await store.transition(busy.id, START, {});
    const second = await store.create(sampleDraft({ userId: "busy" }));
    assert.deepEqual([waiting.priority, urgent.priority], ["background", "interactive"]);
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [urgent.id, waiting.id, second.id]);
  }),

  scheduling(
    "transition from pending to pending changes a waiting record once for each caller",
    async (store, subject) => {
      const { id, changeSeq } = await store.create(sampleDraft({ priority: "background" }));
      const step = { from: ["pending"], to: "pending" } as const;
      const changed = present(await store.transition(id, step, { coalesced: 1, priority: "interactive" }));
      assert.deepEqual([changed.coalesced, changed.priority, changed.status], [1, "interactive", "pending"]);
      assert.ok(changed.changeSeq > changeSeq);
      assert.deepEqual(await (await secondStore(subject)).find(id), changed);
      await store.transition(id, START, {});
      assert.equal(await store.transition(id, step, { coalesced: 2 }), null);
    },
  ),

  scheduling("due finds a user behind hundreds of pending records of another user", async (store) => {
    const first = await store.create(sampleDraft());
    for (let count = 0; count < 250; count += 1) await store.create(sampleDraft());
    const other = await store.create(sampleDraft({ userId: "8" }));
    assert.deepEqual(idsOf(await store.due(API_URL, 2)), [first.id, other.id]);
  }),

  scheduling("create stores a record that is not due before its notBefore", async (store, subject) => {
    const span = shortSpan(subject);
    const notBefore = new Date(timeOf(subject) + span);
    const created = await store.create(sampleDraft({ notBefore }));
    assert.deepEqual((await store.find(created.id))?.notBefore, notBefore);
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), []);
    await pass(subject, span + 50);
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [created.id]);
  }),

  scheduling("due omits a record until its notBefore has passed", async (store, subject) => {
    const span = shortSpan(subject);
    const { id } = await store.create(sampleDraft());
    await store.transition(id, START, {});
    const notBefore = new Date(timeOf(subject) + span);
    const pending = present(
      await store.transition(id, { from: ["in_progress"], to: "pending" }, { notBefore, interruptions: 1 }),
    );
    assert.deepEqual([pending.notBefore, pending.interruptions], [notBefore, 1]);
    const later = await store.create(sampleDraft());
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [later.id]);
    assert.deepEqual(idsOf(await store.unfinished(0, 10)), [id, later.id]);
    await pass(subject, span + 50);
    assert.deepEqual(idsOf(await store.due(API_URL, 10)), [id]);
  }),
];

function idsOf(records: readonly { readonly id: number }[]): readonly number[] {
  return records.map(({ id }) => id);
}

function conflict(path: string): SyncConflict {
  return {
    ...{ path, reason: "changed_on_both_sides", resolved: false, resolution: "merge" },
    ...{ remoteOid: oid("a"), remoteSize: 1 },
    localOid: null,
    baseOid: null,
    isBinary: false,
  };
}

function commitOf(syncId: number): string {
  return oid(String(syncId % 10));
}
