import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

const PATHS = ["a.txt", "b/c.txt", "b/d.sh", "e.log", ".gitignore"] as const;
const CONTENTS = ["one\n", "two\n", "three\n"] as const;
const IGNORE_LOGS = "*.log\n";
const DIRECTORIES = ["", "sub"] as const;

type Files = Map<string, string>;
type Path = (typeof PATHS)[number];
type Strategy = "fail" | "merge" | "ours" | "theirs";

const path = fc.constantFrom(...PATHS);
const contentOf = (at: Path) => (at === ".gitignore" ? fc.constantFrom("", IGNORE_LOGS) : fc.constantFrom(...CONTENTS));
const edit = <Kind extends "local" | "remote">(kind: Kind) =>
  path.chain((at) =>
    fc.record({
      kind: fc.constant<Kind>(kind),
      path: fc.constant(at),
      content: fc.option(contentOf(at), { freq: 3 }),
      directory: fc.constantFrom(...DIRECTORIES),
    }),
  );
const sync = fc.record({
  kind: fc.constant("sync" as const),
  strategy: fc.constantFrom<Strategy>("merge", "merge", "merge", "fail", "ours", "theirs"),
  writer: fc.constantFrom("auto" as const, "git-data" as const),
  directory: fc.constantFrom("" as const, "" as const, "sub" as const),
});
const rename = fc.record({ kind: fc.constant("rename" as const) });
const step = fc.oneof(
  { weight: 5, arbitrary: edit("local") },
  { weight: 4, arbitrary: edit("remote") },
  { weight: 6, arbitrary: sync },
  { weight: 1, arbitrary: rename },
);

/** The expected effects of syncs: three maps, one rule per line. */
class Model {
  readonly local: Files = new Map();
  remote: Files = new Map([["README.md", "# infra\n"]]);
  readonly bases = new Map<string, Files>(DIRECTORIES.map((directory) => [directory, new Map()]));

  sync(strategy: Strategy, directory: string): boolean {
    const hidden = (name: string): boolean => this.local.get(".gitignore") === IGNORE_LOGS && name.endsWith(".log");
    const visible = new Map([...this.local].filter(([name]) => !hidden(name)));
    if (visible.size === 0) return false;
    const base = new Map(this.bases.get(directory));
    const remote = new Map(this.remote);
    for (const name of new Set([...base.keys(), ...visible.keys()])) {
      if (hidden(name)) {
        base.delete(name);
        continue;
      }
      const where = directory === "" ? name : `${directory}/${name}`;
      const [b, l, r] = [base.get(name), visible.get(name), remote.get(where)];
      const write = (): void => void put(remote, where, l);
      if (l !== r && b !== l) {
        if (b === r) write();
        else if (strategy === "ours") write();
        else if (strategy === "theirs") void 0;
        else if (strategy === "merge" && l === undefined) void 0;
        else if (strategy === "merge" && r === undefined) write();
        else return false;
      }
      put(base, name, l);
    }
    this.remote = remote;
    this.bases.set(directory, base);
    return true;
  }
}

function put(files: Files, name: string, content: string | undefined | null): void {
  if (content === undefined || content === null) files.delete(name);
  else files.set(name, content);
}

describe("random sequences of local edits, commits of other users and syncs", () => {
  it("match a plain model in which no change is reverted", async () => {
    let syncs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
        const fixture = await SyncFixture.create();
        const model = new Model();
        model.remote = new Map(Object.entries(await fixture.branch()));
        try {
          for (const [index, action] of steps.entries()) {
            if (action.kind === "local") {
              put(model.local, action.path, action.content);
              if (action.content === null) fixture.remove(action.path);
              else fixture.write(action.path, action.content);
            } else if (action.kind === "remote") {
              const where = action.directory === "" ? action.path : `${action.directory}/${action.path}`;
              if (action.content === null && !model.remote.has(where)) continue;
              put(model.remote, where, action.content);
              await fixture.commit({ [where]: action.content });
            } else if (action.kind === "rename") {
              fixture.repository.rename(`infra-${index}`);
            } else {
              syncs += 1;
              const { strategy, writer, directory } = action;
              const expected = model.sync(strategy, directory);
              const commits = await fixture.commits();
              const record = await fixture.sync({ strategy, writer, directory });
              expect(record.status === "completed", `step ${index}: ${record.error?.message}`).toBe(expected);
              expect(await fixture.branch(), `step ${index}`).toEqual(Object.fromEntries([...model.remote].sort()));
              const written = record.status === "completed" && record.filesSynced + record.filesDeleted > 0;
              expect((await fixture.commits()) - commits).toBe(written ? 1 : 0);
            }
          }
          await fixture.repository.fsck();
        } finally {
          await fixture.close();
        }
      }),
      { numRuns: Number(process.env.SEQUENCES ?? 40) },
    );
    expect(syncs).toBeGreaterThan(40);
  });
});
