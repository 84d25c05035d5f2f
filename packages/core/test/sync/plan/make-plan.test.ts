import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchMap } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import { unresolvedConflicts } from "../../../src/sync/plan/plan.js";
import { edited, edits, fileVersion, PATHS, remoteVersion, tree } from "../project/project-tree.js";
import { modelSync } from "./plan-model.js";
import { applyPlan, baselineEntry, mapValues, planTrees, remoteEntry } from "./planned-sync.js";

const strategies: readonly ConflictStrategy[] = ["fail", "merge", "ours", "theirs", "pull_request"];

/** A project at its last sync, with later edits of the project and of the branch. */
const sides = fc
  .record({
    base: tree,
    localEdits: edits(fileVersion),
    remoteEdits: edits(remoteVersion),
    drift: edits(remoteVersion),
  })
  .map(({ base, localEdits, remoteEdits, drift }) => ({
    base,
    local: edited(base, localEdits),
    remote: edited(edited(base, drift), remoteEdits),
  }));

const strategyMap = fc.record({
  strategy: fc.constantFrom(...strategies),
  byPath: fc.dictionary(
    fc.constantFrom(...PATHS),
    fc.constantFrom<ConflictStrategy>("fail", "merge", "ours", "theirs"),
    { maxKeys: 2 },
  ),
});

const strategyForOf =
  ({ strategy, byPath }: { strategy: ConflictStrategy; byPath: Readonly<Record<string, ConflictStrategy>> }) =>
  (path: string): ConflictStrategy =>
    byPath[path] ?? strategy;

/** Returns entries without their version tags. */
const bare = (entries: ReadonlyMap<string, { readonly mode: string; readonly oid: string }>): Record<string, string> =>
  Object.fromEntries(
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, { mode, oid }]) => [path, `${mode} ${oid}`]),
  );

describe("makePlan compared with a model", () => {
  it("agrees about branch, base, conflicts and remote changes", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, choice) => {
        const strategyFor = strategyForOf(choice);
        const prepared = await planTrees(base, local, remote, choice.strategy, strategyFor);
        const model = modelSync(base, local, remote, strategyFor);
        const { plan, change } = prepared;

        expect(plan.conflicts.map(({ path }) => path).sort()).toEqual([...model.conflicts].sort());
        expect(
          unresolvedConflicts(plan)
            .map(({ path }) => path)
            .sort(),
        ).toEqual([...model.unresolved].sort());
        expect(plan.remoteChanges.map(({ path }) => path).sort()).toEqual([...model.behind].sort());
        if (model.unresolved.size > 0) return;
        expect(bare(applyPlan(mapValues(remote, remoteEntry), prepared))).toEqual(
          bare(mapValues(model.remote, remoteEntry)),
        );
        expect(bare(patchMap(mapValues(remote, remoteEntry), change.writes))).toEqual(
          bare(mapValues(model.remote, remoteEntry)),
        );
        expect(bare(patchMap(mapValues(base, baselineEntry), change.entries))).toEqual(
          bare(mapValues(model.base, baselineEntry)),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it("agrees when paths have their own strategies and unrelated trees conflict", async () => {
    const clash = fc.record({ base: tree, local: tree, remote: tree });
    await fc.assert(
      fc.asyncProperty(clash, strategyMap, async ({ base, local, remote }, choice) => {
        const strategyFor = strategyForOf(choice);
        const prepared = await planTrees(base, local, remote, choice.strategy, strategyFor);
        const model = modelSync(base, local, remote, strategyFor);
        expect(
          unresolvedConflicts(prepared.plan)
            .map(({ path }) => path)
            .sort(),
        ).toEqual([...model.unresolved].sort());
        if (model.unresolved.size > 0) return;
        expect(bare(applyPlan(mapValues(remote, remoteEntry), prepared))).toEqual(
          bare(mapValues(model.remote, remoteEntry)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("makePlan", () => {
  it("never writes a path that only the branch changed, with any strategy", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, choice) => {
        const { plan } = await planTrees(base, local, remote, choice.strategy, strategyForOf(choice));
        const inBase = mapValues(base, baselineEntry);
        const inProject = mapValues(local, baselineEntry);
        for (const { path } of plan.changes) {
          const [was, is] = [inBase.get(path), inProject.get(path)];
          expect(was?.oid === is?.oid && was?.mode === is?.mode, `${path} was not changed in the project`).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("plans no changes and no conflicts after the plan was written", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, choice) => {
        // A pull request changes neither the branch nor the base.
        fc.pre(choice.strategy !== "pull_request");
        const { remote: after, base: next, unresolved } = modelSync(base, local, remote, strategyForOf(choice));
        fc.pre(unresolved.size === 0);
        for (const strategy of strategies) {
          const { plan, change } = await planTrees(next, local, after, strategy);
          expect(plan.changes).toEqual([]);
          expect(plan.conflicts).toEqual([]);
          expect(change.entries.size).toBe(0);
        }
      }),
      { numRuns: 800 },
    );
  });

  it("deletes only paths of the branch, and lists each path once", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, choice) => {
        const { plan, change } = await planTrees(base, local, remote, choice.strategy, strategyForOf(choice));
        const paths = plan.changes.map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths).toEqual([...paths].sort());
        expect([...change.writes.keys()].sort()).toEqual(paths);
        for (const { path, action } of plan.changes) expect(remote.has(path)).toBe(action !== "add");
      }),
      { numRuns: 500 },
    );
  });
});
