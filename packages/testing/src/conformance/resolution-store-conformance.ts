import assert from "node:assert/strict";
import type { ResolutionStore, StoredResolution } from "@infrajet/github/adapters";
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
import { LARGEST_ID, ODD_NAMES, oid, sampleTarget } from "./samples.js";

const resolution = (
  name: string,
  test: (store: ResolutionStore, subject: StoreSubject<ResolutionStore>) => Promise<void>,
): ConformanceCase<StoreSubject<ResolutionStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const TARGET = sampleTarget();
const CREATED_AT = new Date("2026-11-25T08:00:00.123Z");

/** The conformance cases for a `ResolutionStore`. */
export const resolutionStoreConformance: readonly ConformanceCase<StoreSubject<ResolutionStore>>[] = [
  resolution("list returns nothing for a target without resolutions", async (store) => {
    assert.deepEqual(await store.list(TARGET), []);
  }),

  resolution("list returns exactly what was put, sorted by path, also in another process", async (store, subject) => {
    const choices = (["ours", "theirs", "merged"] as const).map((choice) =>
      sample({ id: `id of ${choice}`, path: `${choice}.tf`, decision: { choice } }),
    );
    const contents = [new Uint8Array(), Uint8Array.of(0, 255, 10, 13, 128), new Uint8Array(300_000).fill(7)].map(
      (content, number) => sample({ id: `content ${number}`, path: `b/${number}`, decision: { content } }),
    );
    const deleted = [
      sample({ id: "gone here", path: "B.tf", localOid: null }),
      sample({ id: "gone there", path: "é.tf", remoteOid: null }),
    ];
    const all = [...choices, ...contents, ...deleted];
    for (const each of all) await store.put(TARGET, each);
    const sorted = all.sort((left, right) => (left.path < right.path ? -1 : 1));
    assert.deepEqual(await store.list(TARGET), sorted);
    assert.deepEqual(await (await secondStore(subject)).list(TARGET), sorted);
  }),

  resolution("put replaces an earlier resolution of the same path completely", async (store) => {
    await store.put(TARGET, sample({ decision: { content: Uint8Array.of(1) } }));
    const later = sample({ id: "later", localOid: oid("8"), remoteOid: null, createdAt: new Date(0) });
    await store.put(TARGET, later);
    await store.put(TARGET, later);
    assert.deepEqual(await store.list(TARGET), [later]);
  }),

  resolution("put and list distinguish targets and paths by case, spaces and Unicode form", async (store) => {
    for (const path of ODD_NAMES) await store.put(TARGET, sample({ id: path, path }));
    assert.equal((await store.list(TARGET)).length, ODD_NAMES.length);
    const others = [
      sampleTarget({ branch: "Main" }),
      sampleTarget({ directory: "other" }),
      sampleTarget({ source: "project:8/network" }),
      sampleTarget({ repositoryId: LARGEST_ID }),
      sampleTarget({ apiUrl: "https://github.example/api/v3" }),
    ];
    for (const other of others) {
      assert.deepEqual(await store.list(other), []);
      await store.put(other, sample({ id: "other" }));
      assert.equal((await store.list(other)).length, 1);
    }
    assert.equal((await store.list(TARGET)).length, ODD_NAMES.length);
  }),

  resolution("remove deletes the resolutions with these ids, and only those of the target", async (store) => {
    const other = sampleTarget({ branch: "other" });
    for (const id of ["1", "2", "3"]) await store.put(TARGET, sample({ id, path: id }));
    await store.put(other, sample({ id: "1" }));
    await store.remove(TARGET, ["1", "3", "unknown"]);
    await store.remove(TARGET, []);
    assert.deepEqual(idsOf(await store.list(TARGET)), ["2"]);
    assert.deepEqual(idsOf(await store.list(other)), ["1"]);
    await store.remove(TARGET, ["1", "3"]);
  }),

  resolution("remove accepts thousands of ids", async (store) => {
    const ids = Array.from({ length: 2_500 }, (_, number) => `id ${number}`);
    await store.put(TARGET, sample({ id: "id 0", path: "first" }));
    await store.put(TARGET, sample({ id: "id 2499", path: "last" }));
    await store.remove(TARGET, ids);
    assert.deepEqual(await store.list(TARGET), []);
  }),

  resolution("remove keeps a later resolution of the same path", async (store, subject) => {
    await store.put(TARGET, sample({ id: "earlier" }));
    await (await secondStore(subject)).put(TARGET, sample({ id: "later" }));
    await store.remove(TARGET, ["earlier"]);
    assert.deepEqual(idsOf(await store.list(TARGET)), ["later"]);
  }),

  resolution("put stores exactly one of many concurrent resolutions of a path, completely", async (store, subject) => {
    const second = await secondStore(subject);
    await rounds(5, async (round) => {
      const path = `path ${round}`;
      const drafts = Array.from({ length: 8 }, (_, caller) =>
        sample({
          ...{ id: `${round}/${caller}`, path, localOid: oid(String(caller)), remoteOid: oid(String(caller)) },
          decision: caller % 2 === 0 ? { choice: "ours" } : { content: Uint8Array.of(caller) },
        }),
      );
      await race(drafts.length, (caller) => (caller % 3 === 0 ? second : store).put(TARGET, present(drafts[caller])));
      const stored = (await store.list(TARGET)).filter((each) => each.path === path);
      assert.equal(stored.length, 1);
      assert.deepEqual(
        stored,
        drafts.filter(({ id }) => id === stored[0]?.id),
      );
    });
  }),

  resolution("remove races with put without removing what replaced its resolution", async (store, subject) => {
    const second = await secondStore(subject);
    await rounds(8, async (round) => {
      const path = `path ${round}`;
      await store.put(TARGET, sample({ id: `${round}/earlier`, path }));
      await Promise.all([
        store.remove(TARGET, [`${round}/earlier`]),
        second.put(TARGET, sample({ id: `${round}/later`, path })),
      ]);
      const stored = (await store.list(TARGET)).filter((each) => each.path === path);
      assert.deepEqual(idsOf(stored), [`${round}/later`]);
    });
  }),

  resolution("The store keeps no reference to objects that it receives or returns", async (store) => {
    const content = Uint8Array.of(1, 2, 3);
    const given = sample({ decision: { content } });
    await store.put(TARGET, given);
    content.fill(9);
    mutate(given, { path: "changed" });
    const expected = sample({ decision: { content: Uint8Array.of(1, 2, 3) } });
    const [returned] = await store.list(TARGET);
    assert.deepEqual(returned, expected);
    mutate(present(returned), { path: "changed", decision: { choice: "ours" } });
    assert.deepEqual(await store.list(TARGET), [expected]);
  }),
];

function sample(values: Partial<StoredResolution> = {}): StoredResolution {
  const versions = { localOid: oid("1"), remoteOid: oid("2") };
  return { id: "one", path: "main.tf", ...versions, decision: { choice: "ours" }, createdAt: CREATED_AT, ...values };
}

function idsOf(resolutions: readonly StoredResolution[]): readonly string[] {
  return resolutions.map(({ id }) => id);
}
