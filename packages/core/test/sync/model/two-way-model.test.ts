import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelHost, type SyncStep } from "./two-way-host.js";
import { PATHS, type Rule, World } from "./two-way-world.js";

const HOSTS = 2;

type Edit = {
  readonly kind: "edit" | "delete";
  readonly side: "branch" | "project";
  readonly host: number;
  readonly path: (typeof PATHS)[number];
  readonly isTop: boolean;
};
type Step =
  | Edit
  | { readonly kind: "rewrite" }
  | { readonly kind: "ignore" }
  | ({ readonly kind: "sync"; readonly host: number; readonly between: readonly (Edit | null)[] } & SyncStep);

const host = fc.integer({ min: 0, max: HOSTS - 1 });
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("edit" as const, "edit" as const, "edit" as const, "delete" as const),
  side: fc.constantFrom("branch" as const, "project" as const),
  host,
  path: fc.constantFrom(...PATHS),
  isTop: fc.boolean(),
});
const sync = fc.record({
  kind: fc.constant("sync" as const),
  host,
  direction: fc.constantFrom("push" as const, "pull" as const, "two_way" as const, "two_way" as const),
  strategy: fc.constantFrom("merge" as const, "merge" as const, "merge" as const, "fail" as const, "theirs" as const),
  onConflict: fc.constantFrom("stop" as const, "skip" as const),
  allowsRewrite: fc.boolean(),
  crashAt: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3 }),
  between: fc.array(fc.option(edit, { freq: 3 }), { maxLength: 6 }),
});
const play: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: edit },
    { weight: 7, arbitrary: sync },
    { weight: 1, arbitrary: fc.constant({ kind: "rewrite" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "ignore" as const }) },
  ),
  { minLength: 3, maxLength: 14 },
);

function carryOut(world: World, { kind, side, host: at, path, isTop }: Edit): void {
  const tree = side === "branch" ? new Map(world.head.tree) : (world.projects[at] ?? new Map<string, string>());
  const before = tree.get(path);
  if (kind === "delete") {
    if (before === undefined) return;
    tree.delete(path);
    world.gaveUp(path, before);
  } else {
    const text = world.edited(before, isTop);
    tree.set(path, text);
    world.wrote(path, text);
  }
  if (side === "branch") world.commit(tree, world.head);
}

/** Plays steps and throws when a property does not hold. */
async function runPlay(steps: readonly Step[], without: Rule | null): Promise<void> {
  const world = new World(HOSTS);
  let between: (Edit | null)[] = [];
  const interfere = (): void => {
    const next = between.shift() ?? null;
    if (next !== null) carryOut(world, next);
  };
  const hosts = world.projects.map((_, index) => new ModelHost(world, index, without, interfere));
  for (const step of steps) {
    if (step.kind === "rewrite") world.rewrite();
    else if (step.kind === "ignore") toggle(world.ignored, PATHS[0]);
    else if (step.kind !== "sync") carryOut(world, step);
    else {
      between = [...step.between];
      const ignored = hidden(world, step.between);
      await hosts[step.host]?.sync(step);
      expect(hidden(world, step.between), "P6: ignored paths keep their bytes").toEqual(ignored);
    }
    expect(world.lost(), "P1: what people wrote is kept").toEqual([]);
    if (step.kind === "sync" && step.direction === "two_way") {
      expect(hosts[step.host]?.unconfirmed(), "P5: a base was in the project").toEqual([]);
    }
  }
  await rest(world, hosts);
}

/** P3 and P8: without further edits all hosts come to rest, with both sides equal where no conflict is left. */
async function rest(world: World, hosts: readonly ModelHost[]): Promise<void> {
  world.ignored.clear();
  const quiet = {
    direction: "two_way",
    strategy: "merge",
    onConflict: "skip",
    allowsRewrite: true,
    crashAt: null,
  } as const;
  const round = async () => {
    const results: unknown[] = [];
    for (const each of hosts) results.push(await each.sync(quiet));
    return results;
  };
  for (let count = 0; count <= HOSTS; count++) await round();
  const before = world.head;
  const results = await round();
  expect(world.head, "P8: hosts come to rest").toBe(before);
  for (const [index, result] of results.entries()) {
    if (result !== "done") continue;
    const sorted = (tree: ReadonlyMap<string, string>) => [...tree].sort();
    expect(sorted(world.projects[index] ?? new Map()), "P3: both sides are equal").toEqual(sorted(world.head.tree));
  }
  expect(world.lost(), "P1 at rest").toEqual([]);
}

function toggle(paths: Set<string>, path: string): void {
  if (!paths.delete(path)) paths.add(path);
}

/** Returns the ignored paths' versions on all sides, unless a person edits them meanwhile. */
function hidden(world: World, between: readonly (Edit | null)[]): unknown {
  if (between.some((step) => step !== null && world.ignored.has(step.path))) return null;
  return [...world.ignored].map((path) => [
    world.head.tree.get(path),
    world.projects.map((project) => project.get(path)),
  ]);
}

const plain = { strategy: "merge", onConflict: "stop", allowsRewrite: false, crashAt: null, between: [] } as const;
const branchEdit = { kind: "edit", side: "branch", host: 0, path: "a", isTop: false } as const;

/** A version that only the project has after a force-push is kept, also when the process dies before it is replaced. */
const CRASH_AFTER_REWRITE: readonly Step[] = [
  { kind: "sync", host: 0, direction: "push", ...plain, between: [branchEdit] },
  { kind: "sync", host: 1, direction: "two_way", ...plain },
  { kind: "rewrite" },
  branchEdit,
  { kind: "sync", host: 1, direction: "pull", ...plain, allowsRewrite: true, crashAt: 3 },
];

const PLAYS = Number(process.env.TWO_WAY_PLAYS ?? 200);
const SEED = process.env.TWO_WAY_SEED;
const seeded = SEED === undefined ? {} : { seed: Number(SEED) };

describe("the rules of syncs in both directions, in a model of two trees", () => {
  it("lose no edit in random plays with crashes, edits between steps and force-pushes", {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(play, (steps) => runPlay(steps, null)),
      { numRuns: PLAYS, examples: [[CRASH_AFTER_REWRITE]], ...seeded },
    );
  });

  for (const rule of [
    "base only after confirmation",
    "older base in doubt",
    "commit first",
    "versions in no history are kept",
    "ignored paths are left alone",
    "conditional swap",
    "unpublished after a rewrite",
  ] as const) {
    it(`are caught when one is left out: ${rule}`, { timeout: 120_000 }, async () => {
      const result = await fc.check(
        fc.asyncProperty(play, (steps) => runPlay(steps, rule)),
        { numRuns: 5_000, endOnFailure: true, ...seeded },
      );
      expect(result.failed).toBe(true);
    });
  }
});
