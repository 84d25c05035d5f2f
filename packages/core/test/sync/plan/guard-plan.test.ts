import { describe, expect, it } from "vitest";
import type { BranchPermissions } from "../../../src/repository/branch-view.js";
import { guardPlan } from "../../../src/sync/plan/guard-plan.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import type { Tree } from "../project/project-tree.js";
import { planInput, planWith, TARGET } from "./planned-sync.js";

const { options } = parseSyncRequest({ project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" });

const thrownBy = (action: () => void): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
};

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

/** Plans a sync of three trees and returns the error of its guards, or `null`. */
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
  const context = {
    baseline: input.baseline.entries,
    remote: input.remote,
    permissions: { ...MAY_DO_ALL, canWriteWorkflows },
    options: { ...options, allowMassDeletion },
  };
  return thrownBy(() => guardPlan(plan, context));
}

describe("guardPlan", () => {
  it("rejects the deletion of more than half of the files and more than ten unless it is allowed", async () => {
    const base = treeOf(...numbered(20));
    const error = await guarded({ base, local: treeOf(...numbered(9)) });
    expect(error).toMatchObject({ code: "mass_deletion", details: { deletions: 11, files: 20 } });
    expect(String(error)).toContain("The sync would delete 11 of 20 files. To delete them, set `allowMassDeletion`.");
    expect(await guarded({ base, local: treeOf(...numbered(9)) }, { allowMassDeletion: true })).toBeNull();
  });

  it("accepts the deletion of half of the files, or of ten", async () => {
    expect(await guarded({ base: treeOf(...numbered(22)), local: treeOf(...numbered(11)) })).toBeNull();
    expect(await guarded({ base: treeOf(...numbered(10)), local: treeOf() })).toBeNull();
    expect(await guarded({ base: treeOf(...numbered(11)), local: treeOf() })).toMatchObject({ code: "mass_deletion" });
  });

  it("does not count files that were deleted on the branch", async () => {
    expect(
      await guarded({ base: treeOf(...numbered(30)), local: treeOf(...numbered(30)), remote: treeOf() }),
    ).toBeNull();
  });

  it("names both paths when an added path differs only in case from one on the branch", async () => {
    const error = await guarded({
      base: treeOf(),
      local: treeOf("README.md", "x/y"),
      remote: treeOf("Readme.md", "X/z"),
    });
    expect(error).toMatchObject({ code: "path_collision", details: { count: 2 } });
    expect(String(error)).toContain("Readme.md and README.md");
    expect(String(error)).toContain("X/z and x/y");
  });

  it("accepts a rename that changes only the case, and collisions that the branch already has", async () => {
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

  it("rejects changes of workflow files without the permission to write them", async () => {
    const local = treeOf(".github/workflows/ci.yml", ".github/CODEOWNERS", "main.tf");
    const error = await guarded({ base: treeOf(), local }, { canWriteWorkflows: false });
    expect(error).toMatchObject({
      code: "workflow_permission_missing",
      details: { paths: [".github/workflows/ci.yml"] },
    });
    expect(String(error)).toContain('Grant the "workflow" scope');
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
