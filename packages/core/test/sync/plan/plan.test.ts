import { describe, expect, it } from "vitest";
import { changeSummary, formatPlan, planHash, unresolvedConflicts } from "../../../src/sync/plan/plan.js";
import { planInput, planTrees, planWith, TARGET } from "./planned-sync.js";

const A = { mode: "100644", top: "A", bottom: "a" };
const B = { ...A, top: "B" };
const C = { ...A, top: "C" };

const base = new Map([
  ["gone", A],
  ["kept", A],
  ["merged", A],
  ["changed", A],
]);
const local = new Map([
  ["kept", A],
  ["merged", B],
  ["changed", B],
  ["new", A],
]);
const remote = new Map([
  ["gone", A],
  ["kept", B],
  ["merged", { ...A, bottom: "b" }],
  ["changed", A],
]);

describe("formatPlan", () => {
  it("lists changes, conflicts, changes on the branch and ignored paths", async () => {
    const { plan } = await planTrees(base, local, remote, "merge");
    expect(
      formatPlan({
        ...plan,
        ignoredInRepository: ["old.log"],
        filtered: ["new"],
        writer: { name: "graphql", reason: "graphql: 4 files" },
      }),
    ).toBe(
      [
        `ada/infra, branch main, at ${"1".repeat(40)}`,
        "  ~ changed",
        "  - gone",
        "  ~ merged  (merged)",
        "  + new",
        "  ! merged  changed on both sides, resolved by merge",
        "  = kept  updated on the branch, kept",
        "  i old.log  ignored, stays in the repository",
        "  f new  written without its filter (.gitattributes)",
        "1 added, 2 updated, 1 deleted in one commit, by graphql: 4 files.",
      ].join("\n"),
    );
  });

  it("says that nothing would be written because of conflicts or without changes", async () => {
    const conflict = await planTrees(new Map([["f", A]]), new Map([["f", B]]), new Map([["f", C]]), "merge");
    expect(formatPlan(conflict.plan)).toContain(
      "  ! f  changed on both sides, would be resolved by pull request".replace(" request", "_request"),
    );
    expect(formatPlan(conflict.plan)).toMatch(/\n1 conflict to resolve: nothing would be written\.$/);
    const nothing = await planWith(
      { ...planInput(base, base, base), head: null, target: { ...TARGET, directory: "prod" } },
      new Map(),
    );
    expect(formatPlan(nothing.plan)).toBe("ada/infra, branch main, folder prod, at no commit yet\nNothing to write.");
  });

  it("escapes control characters in paths", async () => {
    const { plan } = await planTrees(new Map(), new Map([["a\u001b[2Jb\nc", A]]), new Map(), "merge");
    expect(formatPlan(plan)).toContain('  + "a\\u001b[2Jb\\nc"');
  });
});

describe("planHash", () => {
  const hashOf = async (
    sides: { base?: typeof base; local?: typeof base; remote?: typeof base },
    head = "1".repeat(40),
  ) => {
    const input = planInput(sides.base ?? base, sides.local ?? base, sides.remote ?? base, { strategy: "ours", head });
    return (await planWith(input, new Map())).plan.hash;
  };

  it("is equal for equal plans, whatever the order of the files", async () => {
    expect(await hashOf({ local })).toBe(await hashOf({ local: new Map([...local].reverse()) }));
    const { plan } = await planTrees(base, local, remote, "merge");
    expect(planHash({ ...plan, ignored: ["x"] })).toBe(plan.hash);
    expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("differs when the project, the branch, the target, the head or the strategy differs", async () => {
    const { plan } = await planTrees(base, local, remote, "merge");
    const others = [
      planHash({ ...plan, head: null }),
      planHash({ ...plan, strategy: "ours" }),
      planHash({ ...plan, target: { ...TARGET, branch: "dev" } }),
      planHash({ ...plan, changes: plan.changes.slice(1) }),
      planHash({ ...plan, changes: plan.changes.map((change) => ({ ...change, mode: change.mode && "100755" })) }),
      planHash({ ...plan, conflicts: [] }),
      planHash({ ...plan, remoteChanges: [] }),
      await hashOf({ local }),
      await hashOf({ local, remote }),
      await hashOf({ local }, "2".repeat(40)),
    ];
    expect(new Set([plan.hash, ...others]).size).toBe(others.length + 1);
  });
});

describe("changeSummary and unresolvedConflicts", () => {
  it("changeSummary counts changes by action", () => {
    expect(changeSummary([])).toBe("");
    expect(changeSummary([{ action: "delete" }, { action: "add" }, { action: "add" }])).toBe("2 added, 1 deleted");
  });

  it("unresolvedConflicts returns the conflicts that no strategy resolved", async () => {
    const { plan } = await planTrees(base, new Map([...local, ["kept", C]]), remote, "merge");
    expect(unresolvedConflicts(plan).map(({ path }) => path)).toEqual(["kept"]);
  });
});
