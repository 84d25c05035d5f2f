import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyBaselineChange, type Baseline, EMPTY_BASELINE } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import { unresolvedConflicts } from "../../../src/sync/plan/plan.js";
import {
  bytesOf,
  edited,
  edits,
  fileVersion,
  oidOf,
  PATHS,
  remoteVersion,
  show,
  type Tree,
  type Version,
} from "../project/project-tree.js";
import { applyPlan, localFile, mapValues, planInput, planWith, remoteEntry } from "./planned-sync.js";

type Step =
  | { readonly kind: "local" | "remote"; readonly changes: readonly (readonly [string, Version | null])[] }
  | { readonly kind: "sync"; readonly strategy: ConflictStrategy; readonly only: readonly string[] | null };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("local" as const), changes: edits(fileVersion) }),
  fc.record({ kind: fc.constant("remote" as const), changes: edits(remoteVersion) }),
  fc.record({
    kind: fc.constant("sync" as const),
    strategy: fc.constantFrom<ConflictStrategy>("fail", "merge", "merge", "ours", "theirs"),
    only: fc.option(fc.subarray([...PATHS]), { freq: 4 }),
  }),
);

/** A project, a branch and a baseline in plain maps. The branch remembers every content that it ever had, as git does. */
class PlainMaps {
  local: Tree = new Map();
  branch: ReadonlyMap<string, { readonly mode: string; readonly oid: string }> = new Map();
  baseline: Pick<Baseline, "entries" | "contents"> = EMPTY_BASELINE;
  /** The project's versions at the last successful sync, by path. */
  seen = new Map<string, string>();
  readonly #history = new Map<string, Uint8Array>();

  editLocal(changes: readonly (readonly [string, Version | null])[]): void {
    this.local = edited(this.local, changes);
  }

  editBranch(changes: readonly (readonly [string, Version | null])[]): void {
    const versions = new Map(
      Array.from(this.branch, ([path, { mode, oid }]) => [path, { mode, top: oid, bottom: "" }] as const),
    );
    const after = edited(versions, changes);
    this.branch = mapValues(after, (version, path) =>
      changes.some(([changed, to]) => changed === path && to === version)
        ? remoteEntry(version)
        : { mode: version.mode, oid: version.top },
    );
    for (const [, version] of changes) if (version !== null) this.#history.set(oidOf(version), bytesOf(version));
  }

  async sync(strategy: ConflictStrategy, only: readonly string[] | null): Promise<boolean> {
    const blobs = new Map([...this.#history, ...this.baseline.contents]);
    for (const version of this.local.values()) blobs.set(oidOf(version), bytesOf(version));
    const input = {
      ...planInput(new Map(), this.local, new Map(), { strategy, only: only && new Set(only) }),
      baseline: this.baseline,
      remote: this.branch,
    };
    // The base of a merge must be in the branch's history or in the baseline.
    const prepared = await planWith(input, blobs);
    if (unresolvedConflicts(prepared.plan).length > 0) return false;
    this.branch = applyPlan(this.branch, prepared);
    for (const { oid } of prepared.plan.changes) if (oid !== null) this.#remember(oid, blobs);
    const contents = new Map<string, Uint8Array>();
    for (const oid of prepared.keepContents.keys()) contents.set(oid, blobs.get(oid) ?? new Uint8Array());
    this.baseline = applyBaselineChange({ ...EMPTY_BASELINE, ...this.baseline }, { ...prepared.change, contents });
    for (const path of PATHS) if (only === null || only.includes(path)) this.seen.set(path, show(this.local.get(path)));
    return true;
  }

  #remember(oid: string, blobs: ReadonlyMap<string, Uint8Array>): void {
    const bytes = blobs.get(oid);
    if (bytes === undefined) throw new Error(`The plan writes ${oid}, whose content is unknown.`);
    this.#history.set(oid, bytes);
  }
}

const entryText = (entry: { readonly mode: string; readonly oid: string } | undefined): string =>
  entry === undefined ? "-" : `${entry.mode} ${entry.oid}`;

describe("random sequences of edits and plans", () => {
  it("never revert a change on the branch, and never drop a change of the project", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const fixture = new PlainMaps();
        for (const next of steps) {
          if (next.kind === "sync") await checkedSync(fixture, next.strategy, next.only);
          else if (next.kind === "local") fixture.editLocal(next.changes);
          else fixture.editBranch(next.changes);
        }
      }),
      { numRuns: 600 },
    );
  });

  it("write nothing under any strategy when nothing changed since the last plan", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const fixture = new PlainMaps();
        for (const next of steps) {
          if (next.kind === "sync") await fixture.sync(next.strategy, next.only);
          else if (next.kind === "local") fixture.editLocal(next.changes);
          else fixture.editBranch(next.changes);
        }
        if (!(await fixture.sync("merge", null))) return;
        const before = fixture.branch;
        for (const strategy of ["ours", "merge", "theirs", "fail"] as const) {
          expect(await fixture.sync(strategy, null)).toBe(true);
          expect(fixture.branch).toEqual(before);
        }
      }),
      { numRuns: 250 },
    );
  });
});

describe("base contents that the branch never had", () => {
  const version = (top: string, bottom: string): Version => ({ mode: "100644", top, bottom });
  const merged = (fixture: PlainMaps, path: string): string => entryText(fixture.branch.get(path));

  it("are kept after a merge, for the next merge", async () => {
    const fixture = new PlainMaps();
    fixture.editLocal([["f", version("0", "0")]]);
    await fixture.sync("merge", null);
    fixture.editLocal([["f", version("1", "0")]]);
    fixture.editBranch([["f", version("0", "1")]]);
    expect(await fixture.sync("merge", null)).toBe(true);
    expect(merged(fixture, "f")).toBe(entryText(remoteEntry(version("1", "1"))));
    fixture.editLocal([["f", version("2", "0")]]);
    expect(await fixture.sync("merge", null)).toBe(true);
    expect(merged(fixture, "f")).toBe(entryText(remoteEntry(version("2", "1"))));
  });

  it("are kept after `theirs`", async () => {
    const fixture = new PlainMaps();
    fixture.editLocal([["f", version("1", "0")]]);
    fixture.editBranch([["f", version("0", "1")]]);
    expect(await fixture.sync("theirs", null)).toBe(true);
    fixture.editLocal([["f", version("2", "0")]]);
    fixture.editBranch([["f", version("1", "1")]]);
    expect(await fixture.sync("merge", null)).toBe(true);
    expect(merged(fixture, "f")).toBe(entryText(remoteEntry(version("2", "1"))));
  });

  it("are kept when a name collision prevented the write", async () => {
    const fixture = new PlainMaps();
    fixture.editLocal([["f", version("1", "0")]]);
    fixture.editBranch([["f/x", version("0", "0")]]);
    expect(await fixture.sync("theirs", null)).toBe(true);
    fixture.editLocal([["f", version("2", "0")]]);
    fixture.editBranch([["f", version("1", "1")]]);
    expect(await fixture.sync("merge", null)).toBe(true);
    expect(merged(fixture, "f")).toBe(entryText(remoteEntry(version("2", "1"))));
  });

  it("are dropped when no entry needs them", async () => {
    const fixture = new PlainMaps();
    fixture.editLocal([["f", version("1", "0")]]);
    fixture.editBranch([["f", version("0", "1")]]);
    await fixture.sync("theirs", null);
    expect(fixture.baseline.contents.size).toBe(1);
    fixture.editLocal([["f", version("2", "0")]]);
    await fixture.sync("ours", null);
    expect(fixture.baseline.contents.size).toBe(0);
  });
});

async function checkedSync(
  fixture: PlainMaps,
  strategy: ConflictStrategy,
  only: readonly string[] | null,
): Promise<void> {
  const { branch: before, seen } = fixture;
  const seenBefore = new Map(seen);
  const completed = await fixture.sync(strategy, only);
  for (const path of PATHS) {
    const local = fixture.local.get(path);
    const isLooked = completed && (only === null || only.includes(path));
    const changed = show(local) !== (seenBefore.get(path) ?? "-");
    const [was, is] = [entryText(before.get(path)), entryText(fixture.branch.get(path))];
    if (!isLooked || !changed) expect(is, `${path} was changed by the sync alone`).toBe(was);
    if (!isLooked || !changed || is === was) continue;
    // What was written is the project's version, or a merge that has both.
    const own = local === undefined ? "-" : entryText(remoteEntry(local));
    if (is !== own) expect(strategy).toBe("merge");
  }
  if (!completed || strategy !== "ours") return;
  for (const [path, version] of fixture.local) {
    const isLooked = only === null || only.includes(path);
    if (isLooked && show(version) !== (seenBefore.get(path) ?? "-"))
      expect(entryText(fixture.branch.get(path))).toBe(
        entryText({ mode: version.mode, oid: localFile(path, version).oid }),
      );
  }
}
