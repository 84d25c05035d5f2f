import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BaselineEntry, patchMap } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import type { IncomingRules } from "../../../src/sync/plan/incoming-rules.js";
import type { PreparedPlan } from "../../../src/sync/plan/make-plan.js";
import { unresolvedConflicts } from "../../../src/sync/plan/plan.js";
import { edited, edits, fileVersion, oidOf, show, type Tree, tree, type Version } from "../project/project-tree.js";
import { applyPlan, baselineEntry, blobsOf, mapValues, planInput, planWith, remoteEntry } from "./planned-sync.js";

type Direction = IncomingRules["direction"];

const RULES: Omit<IncomingRules, "direction"> = {
  mayRemove: true,
  refusal: () => null,
  isUnpublished: (base) => base.unpublished === true,
  sizes: new Map(),
};

interface Sides {
  readonly base: Tree;
  readonly local: Tree;
  readonly remote: Tree;
}

function plan(direction: Direction, sides: Sides, strategy: ConflictStrategy, rules: Partial<IncomingRules> = {}) {
  const { base, local, remote } = sides;
  const incoming = { ...RULES, direction, ...rules };
  return planWith(planInput(base, local, remote, { strategy, incoming }), blobsOf(base, local, remote));
}

/** Returns what one path becomes: the branch's write, the project's change, and the base after the commit and after the write. */
async function decide(direction: Direction, versions: readonly (Version | null)[], strategy: ConflictStrategy) {
  const [base, local, remote] = versions.map(
    (version) => new Map(version === null || version === undefined ? [] : [["f", version]]),
  );
  const prepared = await plan(
    direction,
    { base: base ?? new Map(), local: local ?? new Map(), remote: remote ?? new Map() },
    strategy,
  );
  const [change] = prepared.plan.changes;
  const [arrival] = prepared.plan.projectChanges;
  const names = new Map(
    versions.flatMap((version, side) => (version === null ? [] : [[oidOf(version), "blr"[side] ?? "?"] as const])),
  );
  const name = (oid: string | null | undefined): string =>
    oid === null || oid === undefined ? "none" : (names.get(oid) ?? "merged");
  const incoming = prepared.incoming.get("f");
  const entry = prepared.change.entries.get("f");
  const [conflict] = prepared.plan.conflicts;
  return {
    branch: change === undefined ? "-" : name(change.oid),
    project: arrival === undefined ? "-" : `${name(arrival.oid)}${incoming?.keep ? ", kept" : ""}`,
    base: entry === undefined ? "same" : name(entry?.oid),
    afterwards: incoming === undefined ? "-" : name(incoming.base?.oid),
    conflict: conflict === undefined ? "-" : conflict.resolved ? conflict.resolution : "open",
  };
}

const version = (top: string, bottom = "z"): Version => ({ mode: "100644", top, bottom });
const B = version("b");
const L = version("l");
const R = version("r");
const MERGES = [version("b", "b"), version("l", "b"), version("b", "r")];
const DIFFERENT = [B, L, R];

type Row = readonly [
  name: string,
  versions: readonly (Version | null)[],
  strategy: ConflictStrategy,
  pull: string,
  twoWay: string,
];

/** Branch, project, base after the commit, base after the project's change, conflict. */
const TABLE: readonly Row[] = [
  ["no side changed", [B, B, B], "merge", "- | - | same | - | -", "- | - | same | - | -"],
  ["both made the same change", [B, L, L], "merge", "- | - | r | - | -", "- | - | r | - | -"],
  ["both deleted", [B, null, null], "merge", "- | - | none | - | -", "- | - | none | - | -"],
  ["branch changed", [B, B, R], "merge", "- | r | same | r | -", "- | r | same | r | -"],
  ["branch deleted", [B, B, null], "merge", "- | none | same | none | -", "- | none | same | none | -"],
  ["project changed", [B, L, B], "merge", "- | - | same | - | -", "l | - | l | - | -"],
  ["new in the project", [null, L, null], "merge", "- | - | same | - | -", "l | - | l | - | -"],
  ["project deleted", [B, null, B], "merge", "- | - | same | - | -", "none | - | none | - | -"],
  ["only on the branch", [null, null, R], "merge", "- | r | same | r | -", "- | r | same | r | -"],
  ["text merges", MERGES, "merge", "- | merged | same | r | merge", "merged | merged | l | merged | merge"],
  ["text merges, fail", MERGES, "fail", "- | - | same | - | open", "- | - | same | - | open"],
  [
    "changed and deleted on the branch",
    [B, L, null],
    "merge",
    "- | - | none | - | keep_change",
    "l | - | l | - | keep_change",
  ],
  [
    "deleted and changed on the branch",
    [B, null, R],
    "merge",
    "- | r | same | r | keep_change",
    "- | r | same | r | keep_change",
  ],
  [
    "changed and deleted on the branch, fail",
    [B, L, null],
    "fail",
    "- | - | same | - | open",
    "- | - | same | - | open",
  ],
  ["ours", DIFFERENT, "ours", "- | - | r | - | ours", "l | - | l | - | ours"],
  ["ours, deleted in the project", [B, null, R], "ours", "- | - | r | - | ours", "none | - | none | - | ours"],
  ["theirs", DIFFERENT, "theirs", "- | r, kept | same | r | theirs", "- | r, kept | same | r | theirs"],
  [
    "theirs, deleted on the branch",
    [B, L, null],
    "theirs",
    "- | none, kept | same | none | theirs",
    "- | none, kept | same | none | theirs",
  ],
  ["theirs, deleted in the project", [B, null, R], "theirs", "- | r | same | r | theirs", "- | r | same | r | theirs"],
  ["changed differently", DIFFERENT, "merge", "- | - | same | - | open", "- | - | same | - | open"],
  ["different without a base", [null, L, R], "merge", "- | - | same | - | open", "- | - | same | - | open"],
  [
    "different without a base, theirs",
    [null, L, R],
    "theirs",
    "- | r, kept | same | r | theirs",
    "- | r, kept | same | r | theirs",
  ],
];

describe("resolveIncoming", () => {
  for (const [name, versions, strategy, pull, twoWay] of TABLE) {
    it(`decides about a path: ${name}`, async () => {
      const text = async (direction: Direction) =>
        Object.values(await decide(direction, versions, strategy)).join(" | ");
      expect([await text("pull"), await text("two_way")]).toEqual([pull, twoWay]);
    });
  }

  it("keeps a replaced version aside when the base was never on the branch", async () => {
    const base = new Map([["f", { ...baselineEntry(B), unpublished: true as const }]]);
    const sides = planInput(new Map(), new Map([["f", B]]), new Map([["f", R]]), {
      incoming: { ...RULES, direction: "pull" },
    });
    const { incoming } = await planWith(
      { ...sides, baseline: { entries: base } },
      blobsOf(new Map([["f", B]]), new Map([["f", R]])),
    );
    expect(incoming.get("f")).toMatchObject({ keep: true });
  });

  it("removes nothing when the branch or its directory is gone", async () => {
    const sides = { base: new Map([["f", B]]), local: new Map([["f", B]]), remote: new Map() };
    for (const strategy of ["merge", "theirs"] as const) {
      const { incoming, change } = await plan("pull", sides, strategy, { mayRemove: false });
      expect([incoming.size, change.entries.size]).toEqual([0, 0]);
    }
  });

  it("leaves a submodule and a refused path alone, without a base", async () => {
    const remote = new Map([
      ["f", { ...R, mode: "160000" }],
      ["g", R],
    ]);
    const sides = { base: new Map([["g", B]]), local: new Map(), remote };
    const refusal = (path: string): string | null => (path === "g" ? "too long" : null);
    const { plan: made, change } = await plan("two_way", sides, "merge", { refusal });
    expect(made.unsupported.map(({ path }) => path)).toEqual(["f", "g"]);
    expect([...change.entries]).toEqual([["g", null]]);
    expect([made.changes, made.projectChanges]).toEqual([[], []]);
  });

  it("leaves ignored files of the branch alone", async () => {
    const input = planInput(new Map(), new Map(), new Map([["f", R]]), {
      incoming: { ...RULES, direction: "two_way" },
      ignoredPaths: new Set(["f"]),
    });
    const { plan: made, change } = await planWith(input, blobsOf(new Map([["f", R]])));
    expect([made.changes, made.projectChanges, change.entries.size]).toEqual([[], [], 0]);
  });

  it("reports a file of the branch whose name the project uses for a directory, and syncs the rest", async () => {
    const sides = {
      base: new Map(),
      local: new Map([["a", L]]),
      remote: new Map([
        ["a/b", R],
        ["c", R],
      ]),
    };
    const { plan: made } = await plan("two_way", sides, "merge");
    expect(made.conflicts.map(({ path, reason }) => [path, reason])).toEqual([
      ["a", "path_is_a_directory_in_the_repository"],
      ["a/b", "parent_is_a_file_in_the_project"],
    ]);
    expect(made.projectChanges.map(({ path }) => path)).toEqual(["c"]);
    expect(made.changes).toEqual([]);
  });

  it("has a hash that differs when the project's changes differ", async () => {
    const sides = { base: new Map([["f", B]]), local: new Map([["f", B]]), remote: new Map([["f", R]]) };
    const { plan: pull } = await plan("pull", sides, "merge");
    const { plan: twoWay } = await plan("two_way", sides, "merge");
    const { plan: refused } = await plan("pull", sides, "merge", { refusal: () => "too long" });
    expect(new Set([pull.hash, twoWay.hash, refused.hash]).size).toBe(3);
  });
});

const sides = fc
  .record({ base: tree, localEdits: edits(fileVersion), remoteEdits: edits(fileVersion) })
  .map(({ base, localEdits, remoteEdits }) => ({
    base,
    local: edited(base, localEdits),
    remote: edited(base, remoteEdits),
  }));
const strategy = fc.constantFrom<ConflictStrategy>("fail", "merge", "ours", "theirs");
const direction = fc.constantFrom<Direction>("pull", "two_way");

/** Returns both sides and the base after the commit and all changes of the project. */
function outcome({ base, local, remote }: Sides, prepared: PreparedPlan) {
  const bare = ({ mode, oid }: { readonly mode: string; readonly oid: string }): string => `${mode} ${oid}`;
  const arrivals = new Map(Array.from(prepared.incoming, ([path, { after }]) => [path, after]));
  const project = patchMap<{ mode: string; oid: string }>(mapValues(local, remoteEntry), arrivals);
  const branch = applyPlan(mapValues(remote, remoteEntry), prepared);
  const committed = patchMap<BaselineEntry>(mapValues(base, baselineEntry), prepared.change.entries);
  const bases = new Map(Array.from(prepared.incoming, ([path, { base: next }]) => [path, next]));
  const entries = patchMap<BaselineEntry>(committed, bases);
  return { project: mapValues(project, bare), branch: mapValues(branch, bare), entries: mapValues(entries, bare) };
}

const sorted = (map: ReadonlyMap<string, string>): [string, string][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe("a plan that changes the project", () => {
  it("makes both sides and the base equal, unless a conflict is left open", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategy, async (at, by) => {
        const prepared = await plan("two_way", at, by);
        fc.pre(unresolvedConflicts(prepared.plan).length === 0);
        const { project, branch, entries } = outcome(at, prepared);
        expect(sorted(project)).toEqual(sorted(branch));
        expect(sorted(entries)).toEqual(sorted(branch));
      }),
      { numRuns: 300 },
    );
  });

  it("never changes the branch when it only pulls", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategy, async (at, by) => {
        const { plan: made, change } = await plan("pull", at, by);
        expect([made.changes, change.writes.size]).toEqual([[], 0]);
      }),
      { numRuns: 300 },
    );
  });

  it("replaces a version that the project changed only by a merge of it, or keeps it aside", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategy, direction, async (at, by, way) => {
        const { incoming } = await plan(way, at, by);
        for (const [path, { keep, merged }] of incoming) {
          const isChanged = at.local.has(path) && show(at.local.get(path)) !== show(at.base.get(path));
          expect(isChanged && !keep && !merged, path).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps deleted what one side deleted and the other left alone, and deletes nothing without a base", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategy, async (at, by) => {
        const prepared = await plan("two_way", at, by);
        const { project, branch } = outcome(at, prepared);
        const open = new Set(prepared.plan.conflicts.map(({ path }) => path));
        for (const [path, base] of at.base) {
          const [local, remote] = [at.local.get(path), at.remote.get(path)];
          const isDeletion =
            (local === undefined && show(remote) === show(base)) ||
            (remote === undefined && show(local) === show(base));
          if (isDeletion && !open.has(path))
            expect([project.has(path), branch.has(path)], path).toEqual([false, false]);
        }
        const first = await plan("two_way", { ...at, base: new Map() }, by);
        expect(
          [...first.plan.changes, ...first.plan.projectChanges].filter(({ action }) => action === "delete"),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("leaves the base of an open conflict as it is", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategy, direction, async (at, by, way) => {
        const prepared = await plan(way, at, by);
        for (const { path } of unresolvedConflicts(prepared.plan)) {
          expect(prepared.change.entries.has(path)).toBe(false);
          expect(prepared.incoming.has(path)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
