import process from "node:process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edit, HOSTS, PATHS, Play, type SyncStep } from "./plays/play.js";
import { azureSide, folderSide } from "./plays/project-side.js";

const host = fc.integer({ min: 0, max: HOSTS - 1 });
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("edit" as const, "edit" as const, "edit" as const, "delete" as const),
  side: fc.constantFrom("branch" as const, "project" as const),
  host,
  path: fc.constantFrom(...PATHS),
  isTop: fc.boolean(),
});
const sync: fc.Arbitrary<SyncStep> = fc.record({
  kind: fc.constant("sync" as const),
  host,
  direction: fc.constantFrom("push" as const, "pull" as const, "two_way" as const, "two_way" as const),
  strategy: fc.constantFrom("merge" as const, "merge" as const, "fail" as const, "ours" as const, "theirs" as const),
  onConflict: fc.constantFrom("stop" as const, "skip" as const),
  crashAt: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3 }),
  between: fc.array(fc.option(edit, { freq: 3 }), { maxLength: 6 }),
});
const play = fc.array(fc.oneof({ weight: 6, arbitrary: edit }, { weight: 7, arbitrary: sync }), {
  minLength: 3,
  maxLength: 12,
});

/** `TWO_WAY_RUNS=2000` plays more, `TWO_WAY_SEED` chooses others. */
const numRuns = Number(process.env.TWO_WAY_RUNS ?? 5);
const seed = Number(process.env.TWO_WAY_SEED ?? 20_261_201);

describe("syncs in both directions with crashes, and edits while they run", () => {
  it.each([
    ["folders", folderSide],
    ["an Azure file share", azureSide],
  ])("lose no edit, and come to rest with both sides equal, on %s", { timeout: 3_600_000 }, async (_name, newSide) => {
    const run = async (steps: readonly (Edit | SyncStep)[]): Promise<void> => {
      const world = await Play.open(newSide);
      try {
        for (const step of steps) {
          await world.step(step);
          expect(await world.lost(), "every edit is kept").toEqual([]);
        }
        expect(await world.rest()).toEqual({ isResting: true, differences: [] });
        expect(await world.lost(), "every edit is kept at rest").toEqual([]);
      } finally {
        await world.close();
      }
    };
    await fc.assert(fc.asyncProperty(play, run), { numRuns, seed, endOnFailure: true });
  });
});
