import { describe, expect, it } from "vitest";
import type { ProjectFile } from "../../../src/domain/project-file.js";
import type { BranchPermissions } from "../../../src/repository/branch-view.js";
import { guardListing, guardPlan } from "../../../src/sync/plan/guard-plan.js";
import { IgnoreRules } from "../../../src/sync/project/ignore-rules.js";
import type { ProjectListing } from "../../../src/sync/project/list-project.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import type { Tree } from "../project/project-tree.js";
import { planInput, planWith, TARGET } from "./planned-sync.js";

const { options } = parseSyncRequest({ project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" });
const MB = 1024 * 1024;

function listing(files: Readonly<Record<string, number>>, ignored: readonly string[] = []): ProjectListing {
  const entries = Object.entries(files).map(([path, size]): [string, ProjectFile] => [
    path,
    { type: "file", path, size, versionTag: null },
  ]);
  return { files: new Map(entries), ignored, rules: new IgnoreRules(), ignoreFiles: new Map() };
}

const thrownBy = (action: () => void): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
};

describe("a listing", () => {
  it("without a file is no project to sync, unless it is meant to be empty", () => {
    const error = thrownBy(() => guardListing(listing({}, [".env", "dist/"]), "", options));
    expect(error).toMatchObject({ code: "project_empty" });
    expect(String(error)).toContain(
      "The project has no files (2 entries are ignored). To empty the repository on purpose, allow mass deletion.",
    );
    expect(thrownBy(() => guardListing(listing({}), "", { ...options, allowMassDeletion: true }))).toBeNull();
    expect(thrownBy(() => guardListing(listing({}), "", { ...options, filePaths: ["gone.tf"] }))).toBeNull();
  });

  it("with files over GitHub's limit names them with their sizes", () => {
    const error = thrownBy(() =>
      guardListing(listing({ "ok.bin": 100 * MB, "a.bin": 100 * MB + 1, "b.bin": 250 * MB }), "", options),
    );
    expect(error).toMatchObject({ code: "file_too_large", details: { count: 2 } });
    expect(String(error)).toContain("remove or ignore: a.bin (100.0 MB), b.bin (250.0 MB).");
  });

  it("with names that differ only in case or Unicode form names the pairs", () => {
    const error = thrownBy(() =>
      guardListing(listing({ "Main.tf": 1, "main.tf": 1, "\u00e9": 1, "e\u0301": 1, x: 1 }), "", options),
    );
    expect(error).toMatchObject({ code: "path_collision", details: { count: 2 } });
    expect(String(error)).toContain("rename one of each: Main.tf and main.tf, \u00e9 and e\u0301.");
  });

  it("with paths that become too long below the directory names them", () => {
    const path = `${"d/".repeat(2000)}f.tf`;
    expect(thrownBy(() => guardListing(listing({ [path]: 1 }), "", options))).toBeNull();
    const error = thrownBy(() => guardListing(listing({ [path]: 1, "ok.tf": 1 }), "x".repeat(200), options));
    expect(error).toMatchObject({ code: "invalid_path", details: { paths: [path] } });
  });

  it("names ten of many and says how many more there are", () => {
    const files = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`f${index}.bin`, 101 * MB]));
    const error = thrownBy(() => guardListing(listing(files), "", options));
    expect(String(error)).toMatch(/f9\.bin \(101\.0 MB\) and 4 more\.$/);
    expect(error).toMatchObject({ details: { count: 14 } });
  });
});

const version = { mode: "100644", top: "A", bottom: "a" };
const other = { ...version, top: "B" };
const treeOf = (...paths: readonly string[]): Tree => new Map(paths.map((path) => [path, version]));
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`);
const MAY_DO_ALL: BranchPermissions = {
  canPush: true,
  canWriteWorkflows: true,
  blockingRule: null,
  requiresSignatures: false,
};

/** Plans a sync of three trees and holds the plan against the guards. */
async function guarded(
  { base, local, remote = base }: { readonly base: Tree; readonly local: Tree; readonly remote?: Tree },
  more: {
    readonly allowMassDeletion?: boolean;
    readonly canWriteWorkflows?: boolean | null;
    readonly directory?: string;
  } = {},
): Promise<unknown> {
  const { allowMassDeletion = false, canWriteWorkflows = true, directory = "" } = more;
  const input = planInput(base, local, remote, { strategy: "ours", target: { ...TARGET, directory } });
  const { plan } = await planWith(input, new Map());
  const circumstances = {
    baseline: input.baseline.entries,
    remote: input.remote,
    permissions: { ...MAY_DO_ALL, canWriteWorkflows },
    options: { ...options, allowMassDeletion },
  };
  return thrownBy(() => guardPlan(plan, circumstances));
}

describe("a plan", () => {
  it("that deletes more than half of the files, and more than ten, has to be allowed", async () => {
    const base = treeOf(...numbered(20));
    const error = await guarded({ base, local: treeOf(...numbered(9)) });
    expect(error).toMatchObject({ code: "mass_deletion", details: { deletions: 11, files: 20 } });
    expect(String(error)).toContain("The sync would delete 11 of 20 files. If that is meant, allow mass deletion.");
    expect(await guarded({ base, local: treeOf(...numbered(9)) }, { allowMassDeletion: true })).toBeNull();
  });

  it("that deletes half of the files, or ten, need not be", async () => {
    expect(await guarded({ base: treeOf(...numbered(22)), local: treeOf(...numbered(11)) })).toBeNull();
    expect(await guarded({ base: treeOf(...numbered(10)), local: treeOf() })).toBeNull();
    expect(await guarded({ base: treeOf(...numbered(11)), local: treeOf() })).toMatchObject({ code: "mass_deletion" });
  });

  it("does not count what the branch deleted itself", async () => {
    expect(
      await guarded({ base: treeOf(...numbered(30)), local: treeOf(...numbered(30)), remote: treeOf() }),
    ).toBeNull();
  });

  it("that adds another spelling of a name on the branch names both", async () => {
    const error = await guarded({
      base: treeOf(),
      local: treeOf("README.md", "x/y"),
      remote: treeOf("Readme.md", "X/z"),
    });
    expect(error).toMatchObject({ code: "path_collision", details: { count: 2 } });
    expect(String(error)).toContain("Readme.md and README.md");
    expect(String(error)).toContain("X/z and x/y");
  });

  it("may rename a file to another spelling, and leaves the branch's own twins alone", async () => {
    expect(await guarded({ base: treeOf("Readme.md"), local: treeOf("README.md") })).toBeNull();
    expect(
      await guarded({
        base: treeOf("a"),
        local: new Map([
          ["a", other],
          ["new", version],
        ]),
        remote: treeOf("a", "B", "b"),
      }),
    ).toBeNull();
  });

  it("that touches workflows needs a credential that may", async () => {
    const local = treeOf(".github/workflows/ci.yml", ".github/CODEOWNERS", "main.tf");
    const error = await guarded({ base: treeOf(), local }, { canWriteWorkflows: false });
    expect(error).toMatchObject({
      code: "workflow_permission_missing",
      details: { paths: [".github/workflows/ci.yml"] },
    });
    expect(String(error)).toContain('grant the "workflow" scope');
    expect(await guarded({ base: treeOf(), local }, { canWriteWorkflows: null })).toBeNull();
    expect(await guarded({ base: treeOf(), local }, { canWriteWorkflows: false, directory: "infra" })).toBeNull();
    const inside = await guarded(
      { base: treeOf(), local: treeOf("workflows/ci.yml") },
      { canWriteWorkflows: false, directory: ".github" },
    );
    expect(inside).toMatchObject({ details: { paths: [".github/workflows/ci.yml"] } });
    const deleted = await guarded(
      { base: treeOf(".github/workflows/ci.yml", "x"), local: treeOf("x") },
      { canWriteWorkflows: false },
    );
    expect(deleted).toMatchObject({ code: "workflow_permission_missing" });
  });
});
