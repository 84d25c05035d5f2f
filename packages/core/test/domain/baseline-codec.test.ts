import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import {
  type Baseline,
  decodeBaseline,
  decodeStagedChange,
  encodeBaseline,
  encodeStagedChange,
  type StagedChange,
} from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const oid = fc.oneof(
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("hex")),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex")),
);
// Few names, so that the maps of one baseline often share them.
const path = fc.oneof(
  fc.constantFrom("main.tf", "a/b.tf", "a", "constructor", "__proto__", "Caf\u00e9", "Cafe\u0301", "\u{1f600}", 'q"\\'),
  fc.string({ minLength: 1 }),
);
const mapOf = <Value>(key: fc.Arbitrary<string>, value: fc.Arbitrary<Value>): fc.Arbitrary<Map<string, Value>> =>
  fc.array(fc.tuple(key, value), { maxLength: 12 }).map((pairs) => new Map(pairs));
const entry = fc.record({
  mode: fc.constantFrom("100644" as const, "100755" as const, "120000" as const),
  oid: fc.oneof(fc.constantFrom("0".repeat(40), "1".repeat(40)), oid),
  versionTag: fc.option(fc.string()),
});
const remoteEntry = fc.record({
  mode: fc.constantFrom("100644", "100755", "160000"),
  oid: fc.oneof(fc.constantFrom("0".repeat(40), "1".repeat(40)), oid),
});
const contents = mapOf(oid, fc.uint8Array());

const proposedFields = { branch: fc.string(), entries: mapOf(path, fc.option(entry)), contents };
const proposed = fc.record(proposedFields);
const proposal = fc.record({ ...proposedFields, number: fc.option(fc.nat()), url: fc.option(fc.string()) });

const journal = fc.record({
  syncId: fc.nat(),
  operation: fc.string(),
  changes: mapOf(
    path,
    fc.record({
      before: fc.option(remoteEntry),
      after: fc.option(remoteEntry),
      base: fc.option(remoteEntry),
      keep: fc.boolean(),
    }),
  ),
});

const withoutProposal = fc.record({
  head: fc.option(oid),
  rootTree: fc.option(oid),
  previousHead: fc.option(oid),
  etag: fc.option(fc.string()),
  savedAt: fc.nat(),
  entries: mapOf(path, entry),
  remote: fc.option(mapOf(path, remoteEntry)),
  contents,
  ignoreFiles: mapOf(path, fc.record({ versionTag: fc.option(fc.string()), text: fc.string() })),
});
const baseline: fc.Arbitrary<Baseline> = fc.oneof(
  withoutProposal,
  fc.tuple(withoutProposal, proposal).map(([rest, open]) => ({ ...rest, proposal: open })),
  fc.tuple(withoutProposal, journal, oid).map(([rest, open, checkedHead]) => ({ ...rest, journal: open, checkedHead })),
);

const staged: fc.Arbitrary<StagedChange> = fc.record(
  {
    syncId: fc.nat(),
    attempt: fc.nat(),
    change: fc.record({
      entries: mapOf(path, fc.option(entry)),
      writes: mapOf(path, fc.option(remoteEntry)),
      contents,
    }),
    proposed,
    journal,
  },
  { requiredKeys: ["syncId", "attempt", "change"] },
);

describe("the baseline codec", () => {
  it("decodes every encoded baseline", () => {
    fc.assert(
      fc.property(baseline, (value) => {
        expect(decodeBaseline(encodeBaseline(value))).toEqual(value);
      }),
    );
  });

  it("decodes every encoded staged change", () => {
    fc.assert(
      fc.property(staged, (value) => {
        expect(decodeStagedChange(encodeStagedChange(value))).toEqual(value);
      }),
    );
  });

  it("encodes equal baselines as equal bytes, whatever the order of their maps", () => {
    fc.assert(
      fc.property(baseline, (value) => {
        const turned = { ...value, entries: new Map([...value.entries].reverse()) };
        expect(encodeBaseline(turned)).toEqual(encodeBaseline(value));
      }),
    );
  });

  it("encodes 10,000 files with random version tags in less than a megabyte", () => {
    const large = largeBaseline(10_000);
    expect([...large.entries.keys()][0]).toHaveLength(40);
    const bytes = encodeBaseline(large);
    expect(bytes.length).toBeLessThan(520_000);
    expect(decodeBaseline(bytes)).toEqual(large);
  });

  it("rejects modified and truncated bytes", () => {
    const bytes = encodeBaseline(largeBaseline(3));
    for (let position = 0; position < bytes.length; position += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[position] = (damaged[position] ?? 0) ^ 1;
      expectStoreFailure(() => decodeBaseline(damaged));
      expectStoreFailure(() => decodeBaseline(bytes.subarray(0, position)));
    }
  });

  it("rejects bytes of another kind or shape", () => {
    const sealed = (value: unknown): Uint8Array =>
      Buffer.concat([Buffer.from("IBL1"), deflateSync(JSON.stringify(value))]);
    expectStoreFailure(() => decodeStagedChange(encodeBaseline(largeBaseline(1))));
    expectStoreFailure(() => decodeBaseline(sealed({ head: 1 })));
    const fields = { head: null, rootTree: null, previousHead: null, etag: null, savedAt: 0, remote: null };
    const rest = { contents: { oids: "", bytes: [] }, ignoreFiles: [] };
    const table = { paths: ["a"], modes: ["100644"], oids: "FAAA", tags: [null] };
    expectStoreFailure(() => decodeBaseline(sealed({ ...fields, ...rest, entries: table })));
    const twenty = Buffer.from([20, ...Array.from({ length: 20 }, () => 7)]).toString("base64");
    const whole = { ...table, oids: twenty };
    expect(decodeBaseline(sealed({ ...fields, ...rest, entries: whole })).entries.size).toBe(1);
    expectStoreFailure(() => decodeBaseline(sealed({ ...fields, ...rest, entries: { ...whole, tags: [] } })));
    expectStoreFailure(() => decodeBaseline(sealed({ ...fields, ...rest, entries: { ...whole, modes: [null] } })));
  });
});

function largeBaseline(files: number): Baseline {
  const random = (index: number, what: string): string => createHash("sha1").update(`${what}${index}`).digest("hex");
  const paths = Array.from(
    { length: files },
    (_, index) => `modules/module-${String(index % 100).padStart(2, "0")}/file-${String(index).padStart(14, "0")}.tf`,
  );
  const entries = new Map(
    paths.map((name, index) => [
      name,
      { mode: "100644" as const, oid: random(index, "oid"), versionTag: `"0x8DD${random(index, "tag").slice(0, 20)}"` },
    ]),
  );
  const remote = new Map([...entries].map(([name, { mode, oid }]) => [name, { mode, oid }]));
  return {
    head: random(0, "head"),
    rootTree: random(0, "tree"),
    previousHead: null,
    etag: null,
    savedAt: 1_772_359_200_123,
    entries,
    remote,
    contents: new Map(),
    ignoreFiles: new Map(),
  };
}

function expectStoreFailure(action: () => unknown): void {
  let thrown: unknown = null;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(isGitHubSdkError(thrown, "store_failed")).toBe(true);
}
