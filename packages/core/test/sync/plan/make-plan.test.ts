import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchMap } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import { unresolvedConflicts } from "../../../src/sync/plan/plan.js";
import { edited, edits, fileVersion, PATHS, remoteVersion, tree } from "../project/project-tree.js";
import { modelSync } from "./plan-model.js";
import { applyPlan, baselineEntry, mapValues, planTrees, remoteEntry } from "./planned-sync.js";

const strategies: readonly ConflictStrategy[] = ["fail", "merge", "ours", "theirs", "pull_request"];

/** A project at its last sync, what happened to it since, and what happened on the branch. */
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

/** Entries without what only tells versions apart. */
const bare = (entries: ReadonlyMap<string, { readonly mode: string; readonly oid: string }>): Record<string, string> =>
  Object.fromEntries(
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, { mode, oid }]) => [path, `${mode} ${oid}`]),
  );

describe("a plan and a plain model of it", () => {
  it("agree about the branch, the base, the conflicts and what the project is behind on", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, wish) => {
        const strategyFor = strategyForOf(wish);
        const prepared = await planTrees(base, local, remote, wish.strategy, strategyFor);
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

  it("agree when a path has its own strategy and everything else conflicts too", async () => {
    const clash = fc.record({ base: tree, local: tree, remote: tree });
    await fc.assert(
      fc.asyncProperty(clash, strategyMap, async ({ base, local, remote }, wish) => {
        const strategyFor = strategyForOf(wish);
        const prepared = await planTrees(base, local, remote, wish.strategy, strategyFor);
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

describe("every plan", () => {
  it("leaves what only the branch changed as it is, whatever the strategy", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, wish) => {
        const { plan } = await planTrees(base, local, remote, wish.strategy, strategyForOf(wish));
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

  it("has nothing left to write once it was carried out, and nothing is in conflict any more", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, wish) => {
        // A pull request changes neither the branch nor the base.
        fc.pre(wish.strategy !== "pull_request");
        const { remote: after, base: next, unresolved } = modelSync(base, local, remote, strategyForOf(wish));
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

  it("deletes only what the branch has, and names a path once", async () => {
    await fc.assert(
      fc.asyncProperty(sides, strategyMap, async ({ base, local, remote }, wish) => {
        const { plan, change } = await planTrees(base, local, remote, wish.strategy, strategyForOf(wish));
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
