import assert from "node:assert/strict";
import type { Baseline, BaselineEntry, BaselineStore, SyncTarget } from "@infrajet/github/adapters";
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
import { LARGEST_ID, ODD_NAMES, oid, sampleBaseline, sampleStaged, sampleTarget } from "./samples.js";

const baseline = (
  name: string,
  test: (store: BaselineStore, subject: StoreSubject<BaselineStore>) => Promise<void>,
): ConformanceCase<StoreSubject<BaselineStore>> => conformanceCase(name, (subject) => test(subject.store, subject));

const TARGET = sampleTarget();

/** The conformance cases for a `BaselineStore`. */
export const baselineStoreConformance: readonly ConformanceCase<StoreSubject<BaselineStore>>[] = [
  baseline("load returns null for a target that was never synced", async (store) => {
    assert.deepEqual(await store.load(TARGET), { baseline: null, staged: null });
  }),

  baseline("load returns exactly the saved baseline, also in another process", async (store, subject) => {
    assert.equal(await store.save(TARGET, sampleBaseline(), 1), true);
    assert.deepEqual(await store.load(TARGET), { baseline: sampleBaseline(), staged: null });
    assert.deepEqual(await (await secondStore(subject)).load(TARGET), { baseline: sampleBaseline(), staged: null });
  }),

  baseline("load distinguishes empty maps and unknown values of a baseline", async (store) => {
    const unknown = { head: null, rootTree: null, previousHead: null, etag: null, remote: null };
    for (const saved of [sampleBaseline(unknown), sampleBaseline({ remote: new Map(), entries: new Map() })]) {
      await store.save(TARGET, saved, 1);
      assert.deepEqual((await store.load(TARGET)).baseline, saved);
    }
  }),

  baseline(
    "load returns the unpublished and ignored marks of entries of a baseline and a staged change",
    async (store) => {
      const entries = new Map<string, BaselineEntry>([
        ["both", { ...entry(3), unpublished: true, ignored: true }],
        ["ignored", { ...entry(1), ignored: true }],
        ["kept", { ...entry(1), unpublished: true }],
        ["main.tf", entry(2)],
      ]);
      const saved = sampleBaseline({ entries });
      const staged = sampleStaged({ change: { entries, writes: new Map(), contents: new Map() } });
      await store.save(TARGET, saved, 1);
      await store.stage(TARGET, staged, 1);
      assert.deepEqual(await store.load(TARGET), { baseline: saved, staged });
    },
  ),

  baseline("stage stores a change beside the baseline and replaces an earlier one", async (store) => {
    assert.equal(await store.stage(TARGET, sampleStaged(), 1), true);
    assert.deepEqual(await store.load(TARGET), { baseline: null, staged: sampleStaged() });
    await store.save(TARGET, sampleBaseline(), 1);
    await store.stage(TARGET, sampleStaged(), 1);
    const second = sampleStaged({ syncId: LARGEST_ID, attempt: 2 });
    assert.equal(await store.stage(TARGET, second, 2), true);
    assert.deepEqual(await store.load(TARGET), { baseline: sampleBaseline(), staged: second });
  }),

  baseline("save and unstage remove the staged change", async (store) => {
    await store.stage(TARGET, sampleStaged(), 1);
    await store.save(TARGET, sampleBaseline(), 1);
    assert.deepEqual(await store.load(TARGET), { baseline: sampleBaseline(), staged: null });
    await store.stage(TARGET, sampleStaged(), 1);
    assert.equal(await store.unstage(TARGET, 1), true);
    assert.deepEqual(await store.load(TARGET), { baseline: sampleBaseline(), staged: null });
    assert.equal(await store.unstage(sampleTarget({ branch: "never" }), 1), true);
  }),

  baseline("save, stage and unstage reject an older lease token and change nothing", async (store, subject) => {
    const late = await secondStore(subject);
    await store.save(TARGET, sampleBaseline(), 4);
    await store.stage(TARGET, sampleStaged(), 5);
    const held = await store.load(TARGET);
    assert.equal(await late.save(TARGET, sampleBaseline({ head: oid("9") }), 4), false);
    assert.equal(await late.stage(TARGET, sampleStaged({ syncId: 99 }), 4), false);
    assert.equal(await late.unstage(TARGET, 4), false);
    assert.deepEqual(await store.load(TARGET), held);
    assert.equal(await store.save(TARGET, sampleBaseline(), 5), true);
  }),

  baseline("save, stage and unstage each store the lease token for later writes", async (store) => {
    assert.equal(await store.unstage(TARGET, 7), true);
    assert.equal(await store.stage(TARGET, sampleStaged(), 6), false);
    assert.equal(await store.stage(TARGET, sampleStaged(), 8), true);
    assert.equal(await store.unstage(TARGET, 7), false);
    assert.equal(await store.save(TARGET, sampleBaseline(), 9), true);
    assert.equal(await store.save(TARGET, sampleBaseline(), 8), false);
    assert.equal(await store.save(sampleTarget({ source: "project:8/other" }), sampleBaseline(), 1), true);
  }),

  baseline("save keeps the write with the highest lease token of many concurrent writes", async (store, subject) => {
    const other = await secondStore(subject);
    await rounds(10, async (round) => {
      const target = sampleTarget({ branch: `race-${round}` });
      const tokens = [3, 8, 1, 6, 2, 7, 5, 4];
      const written = await race(tokens.length, (caller) => {
        const token = tokens[caller] ?? 0;
        return (caller % 2 === 0 ? store : other).save(target, sampleBaseline({ savedAt: token }), token);
      });
      assert.equal(written[tokens.indexOf(8)], true);
      assert.equal(present((await store.load(target)).baseline).savedAt, 8);
    });
  }),

  baseline("load never returns a partly saved baseline", async (store, subject) => {
    const reader = await secondStore(subject);
    await store.save(TARGET, versioned(0), 1);
    await rounds(10, async (round) => {
      const [, stored] = await Promise.all([store.save(TARGET, versioned(round + 1), 1), reader.load(TARGET)]);
      const seen = present(stored.baseline);
      assert.deepEqual(seen, versioned(seen.savedAt));
    });
  }),

  baseline("load distinguishes targets by every field, including case", async (store) => {
    const targets: SyncTarget[] = [
      TARGET,
      sampleTarget({ apiUrl: "https://github.example.com/api/v3" }),
      sampleTarget({ repositoryId: LARGEST_ID }),
      sampleTarget({ repositoryId: LARGEST_ID - 1 }),
      sampleTarget({ branch: "Main" }),
      sampleTarget({ branch: "main " }),
      sampleTarget({ source: "project:7/Network" }),
      sampleTarget({ source: `project:7/${"n".repeat(250)}` }),
      sampleTarget({ directory: "infra" }),
      sampleTarget({ directory: "Infra" }),
      sampleTarget({ directory: `${"deep/".repeat(150)}infra` }),
    ];
    for (const [index, target] of targets.entries()) await store.save(target, sampleBaseline({ savedAt: index }), 1);
    for (const [index, target] of targets.entries()) {
      assert.equal(present((await store.load(target)).baseline).savedAt, index);
    }
  }),

  baseline("load returns unusual paths and paths that differ only in case or Unicode form", async (store) => {
    const paths = [...ODD_NAMES, "constructor", "README.md", "readme.md", 'a"b\\c', "x".repeat(1000)];
    const entries = new Map(paths.map((path, index) => [path, entry(index)]));
    const remote = new Map(paths.map((path, index) => [path, { mode: "100644", oid: oid(hex(index)) }]));
    const ignoreFiles = new Map(paths.map((path) => [path, { versionTag: path, text: path }]));
    await store.save(TARGET, sampleBaseline({ entries, remote, ignoreFiles }), 1);
    assert.deepEqual((await store.load(TARGET)).baseline, sampleBaseline({ entries, remote, ignoreFiles }));
  }),

  baseline("load returns 10,000 entries with long tags and a megabyte of contents", async (store) => {
    const paths = Array.from({ length: 10_000 }, (_, index) => `modules/module-${index % 100}/file-${index}.tf`);
    const entries = new Map(paths.map((path, index) => [path, entry(index, "t".repeat(200))]));
    const remote = new Map(paths.map((path, index) => [path, { mode: "100644", oid: oid(hex(index)) }]));
    const contents = new Map([[oid("d"), Uint8Array.from({ length: 1 << 20 }, (_, index) => index % 251)]]);
    const large = sampleBaseline({ entries, remote, contents });
    const staged = sampleStaged({ change: { entries, writes: remote, contents } });
    await store.save(TARGET, large, 1);
    await store.stage(TARGET, staged, 1);
    assert.deepEqual(await store.load(TARGET), { baseline: large, staged });
  }),

  baseline("The store keeps no reference to objects that it receives or returns", async (store) => {
    const saved = mutable();
    const staged = sampleStaged();
    await store.save(TARGET, saved.baseline, 1);
    await store.stage(TARGET, staged, 1);
    saved.entries.clear();
    saved.bytes.fill(0);
    mutate(staged, { syncId: 0 });
    for (const change of staged.change.contents.values()) change.fill(0);
    for (let read = 0; read < 2; read += 1) {
      const stored = await store.load(TARGET);
      assert.deepEqual(stored, { baseline: mutable().baseline, staged: sampleStaged() });
      mutate(present(stored.baseline?.entries.get("main.tf")), { oid: "changed" });
      mutate(present(stored.staged?.change.writes.get("main.tf")), { oid: "changed" });
      for (const content of present(stored.baseline).contents.values()) content.fill(0);
    }
  }),
];

function entry(index: number, versionTag: string | null = null) {
  return { mode: "100644", oid: oid(hex(index)), versionTag } as const;
}

function hex(index: number): string {
  return (index % 16).toString(16);
}

function versioned(version: number): Baseline {
  const paths = Array.from({ length: 200 }, (_, index) => `file-${index}`);
  return sampleBaseline({
    savedAt: version,
    entries: new Map(paths.map((path) => [path, entry(version, `${version}`)])),
  });
}

function mutable(): { baseline: Baseline; entries: Map<string, ReturnType<typeof entry>>; bytes: Uint8Array } {
  const entries = new Map([["main.tf", entry(4)]]);
  const bytes = new Uint8Array([1, 2, 3]);
  return { baseline: sampleBaseline({ entries, contents: new Map([[oid("4"), bytes]]) }), entries, bytes };
}
