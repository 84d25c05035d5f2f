import { describe, expect, it } from "vitest";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import { compareVersions, pathVersions } from "../../../src/sync/plan/compare.js";
import { bytesOf, show, type Version } from "../project/project-tree.js";
import { baselineEntry, blobsOf, localFile, planInput, planTrees, planWith, remoteEntry } from "./planned-sync.js";

const A: Version = { mode: "100644", top: "A", bottom: "a" };
const B: Version = { mode: "100644", top: "B", bottom: "b" };
const C: Version = { mode: "100644", top: "C", bottom: "c" };
const EXECUTABLE: Version = { ...A, mode: "100755" };
const LINK: Version = { ...A, mode: "120000" };
const OTHER_LINK: Version = { ...B, mode: "120000" };
const SUBMODULE: Version = { mode: "160000", top: "sub", bottom: "module" };
const _ = null;

type Row = readonly [base: Version | null, local: Version | null, remote: Version | null, result: string];

const rows: readonly Row[] = [
  // base, local, remote
  [_, _, _, "unchanged"],
  [_, _, A, "foreign"],
  [_, A, _, "write"],
  [_, A, A, "converged"],
  [_, A, B, "different_without_common_base"],
  [A, _, _, "converged"],
  [A, _, A, "write"],
  [A, _, B, "deleted_locally_changed_remotely"],
  [A, A, _, "keep_remote"],
  [A, A, A, "unchanged"],
  [A, A, B, "keep_remote"],
  [A, B, _, "changed_locally_deleted_remotely"],
  [A, B, A, "write"],
  [A, B, B, "converged"],
  [A, B, C, "changed_on_both_sides"],
  // modes are a part of the version
  [A, EXECUTABLE, A, "write"],
  [A, A, EXECUTABLE, "keep_remote"],
  [A, EXECUTABLE, EXECUTABLE, "converged"],
  [A, EXECUTABLE, B, "changed_on_both_sides"],
  [A, B, EXECUTABLE, "changed_on_both_sides"],
  [_, A, EXECUTABLE, "different_without_common_base"],
  [EXECUTABLE, _, A, "deleted_locally_changed_remotely"],
  // links
  [LINK, OTHER_LINK, LINK, "write"],
  [LINK, LINK, OTHER_LINK, "keep_remote"],
  [A, LINK, A, "write"],
  [A, LINK, B, "changed_on_both_sides"],
  [LINK, _, OTHER_LINK, "deleted_locally_changed_remotely"],
  // submodules, which a project never has
  [_, _, SUBMODULE, "foreign"],
  [_, A, SUBMODULE, "submodule_in_the_repository"],
  [A, A, SUBMODULE, "keep_remote"],
  [A, B, SUBMODULE, "submodule_in_the_repository"],
  [A, _, SUBMODULE, "deleted_locally_changed_remotely"],
];

describe("compareVersions", () => {
  it.each(
    rows.map(
      (row) =>
        [
          row
            .slice(0, 3)
            .map((side) => show(side as Version | null))
            .join(" | "),
          row,
        ] as const,
    ),
  )("%s", (_name, [base, local, remote, result]) => {
    const comparison = compareVersions({
      base: base === null ? null : baselineEntry(base),
      local: local === null ? null : { ...localFile("f", local), mode: baselineEntry(local).mode },
      remote: remote === null ? null : remoteEntry(remote),
    });
    expect(comparison.kind === "conflict" ? comparison.reason : comparison.kind).toBe(result);
  });

  it("treats obsolete modes as their current equivalents", () => {
    const old = { ...remoteEntry(A), mode: "100664" };
    expect(compareVersions(pathVersions(baselineEntry(A), localFile("f", A), old)).kind).toBe("unchanged");
    expect(compareVersions(pathVersions(baselineEntry(A), localFile("f", B), old)).kind).toBe("write");
    expect(compareVersions(pathVersions(null, localFile("f", A), old)).kind).toBe("converged");
  });
});

describe("pathVersions of a source without modes", () => {
  const compare = (base: Version | null, local: Version, remote: Version | null) => {
    const versions = pathVersions(
      base === null ? null : baselineEntry(base),
      localFile("f", local, null),
      remote === null ? null : remoteEntry(remote),
    );
    return [compareVersions(versions).kind, versions.local?.mode];
  };

  it("keep the branch's executable bit without a conflict", () => {
    expect(compare(A, A, EXECUTABLE)).toEqual(["unchanged", "100755"]);
    expect(compare(EXECUTABLE, A, A)).toEqual(["unchanged", "100644"]);
    expect(compare(null, A, EXECUTABLE)).toEqual(["converged", "100755"]);
    expect(compare(A, B, EXECUTABLE)).toEqual(["write", "100755"]);
    expect(compare(A, A, { ...B, mode: "100755" })).toEqual(["keep_remote", "100755"]);
  });

  it("keep the branch's executable bit under `ours`", async () => {
    const input = planInput(new Map([["f", A]]), new Map(), new Map([["f", { ...C, mode: "100755" }]]), {
      strategy: "ours",
    });
    const { plan } = await planWith({ ...input, local: new Map([["f", localFile("f", B, null)]]) }, new Map());
    expect(plan.changes).toMatchObject([{ path: "f", mode: "100755" }]);
  });

  it("use the mode of the last sync, else 100644, without a file on the branch", () => {
    expect(compare(EXECUTABLE, B, null)).toEqual(["conflict", "100755"]);
    expect(compare(null, A, null)).toEqual(["write", "100644"]);
    expect(compare(null, A, LINK)).toEqual(["conflict", "100644"]);
    expect(compare(null, A, SUBMODULE)).toEqual(["conflict", "100644"]);
    expect(compare(LINK, A, LINK)).toEqual(["write", "100644"]);
  });
});

type Settled = readonly [
  base: Version | null,
  local: Version | null,
  remote: Version | null,
  strategy: ConflictStrategy,
  after: Version | null | "unresolved",
  resolution: string,
];

const TOP: Version = { ...A, top: "X" };
const BOTTOM: Version = { ...A, bottom: "y" };
const BOTH: Version = { ...A, top: "X", bottom: "y" };

const resolutions: readonly Settled[] = [
  [A, TOP, BOTTOM, "merge", BOTH, "merge"],
  [A, TOP, BOTTOM, "pull_request", BOTH, "merge"],
  [A, TOP, BOTTOM, "fail", "unresolved", "merge"],
  [A, TOP, BOTTOM, "ours", TOP, "ours"],
  [A, TOP, BOTTOM, "theirs", BOTTOM, "theirs"],
  [A, B, C, "merge", "unresolved", "pull_request"],
  [A, B, C, "fail", "unresolved", "pull_request"],
  [A, B, C, "pull_request", B, "pull_request"],
  [A, B, C, "ours", B, "ours"],
  [A, B, C, "theirs", C, "theirs"],
  [A, null, B, "merge", B, "keep_change"],
  [A, null, B, "pull_request", B, "keep_change"],
  [A, null, B, "fail", "unresolved", "keep_change"],
  [A, null, B, "ours", null, "ours"],
  [A, null, B, "theirs", B, "theirs"],
  [A, B, null, "merge", B, "keep_change"],
  [A, B, null, "fail", "unresolved", "keep_change"],
  [A, B, null, "ours", B, "ours"],
  [A, B, null, "theirs", null, "theirs"],
  [null, A, B, "merge", "unresolved", "pull_request"],
  [null, A, B, "ours", A, "ours"],
  [null, A, B, "theirs", B, "theirs"],
  [null, A, B, "pull_request", A, "pull_request"],
  [null, A, SUBMODULE, "merge", "unresolved", "pull_request"],
  [null, A, SUBMODULE, "ours", A, "ours"],
  [null, A, SUBMODULE, "theirs", SUBMODULE, "theirs"],
  [A, EXECUTABLE, TOP, "merge", { ...TOP, mode: "100755" }, "merge"],
  [A, TOP, EXECUTABLE, "merge", { ...TOP, mode: "100755" }, "merge"],
  [LINK, OTHER_LINK, { ...C, mode: "120000" }, "merge", "unresolved", "pull_request"],
];

describe("conflict resolution", () => {
  const treeOf = (version: Version | null) => new Map(version === null ? [] : [["f", version] as const]);

  it.each(
    resolutions.map(
      (row) => [[...row.slice(0, 3).map((side) => show(side as Version | null)), row[3]].join(" | "), row] as const,
    ),
  )("%s", async (_name, [base, local, remote, strategy, after, resolution]) => {
    const { plan, change } = await planTrees(treeOf(base), treeOf(local), treeOf(remote), strategy);
    expect(plan.conflicts).toMatchObject([{ path: "f", resolution, resolved: after !== "unresolved" }]);
    expect(plan.conflicts[0]?.remoteOid).toBe(remote === null ? null : remoteEntry(remote).oid);
    const hasSize = remote !== null && remote !== SUBMODULE;
    expect(plan.conflicts[0]?.remoteSize).toBe(hasSize ? bytesOf(remote).length : null);
    if (after === "unresolved") return;
    const [write] = plan.changes;
    const onBranch =
      write === undefined
        ? remote && remoteEntry(remote)
        : write.oid === null
          ? null
          : { mode: write.mode, oid: write.oid };
    expect(onBranch).toEqual(after === null ? null : remoteEntry(after));
    // The base is always the project's own version.
    const unpublished = resolution === "theirs" ? { unpublished: true } : {};
    expect(change.entries.get("f") ?? null).toEqual(
      local === null ? null : { ...baselineEntry(local), ...unpublished },
    );
  });

  it("keeps the project's content for later merges when it is not written to the branch", async () => {
    const kept = async (base: Version, local: Version | null, remote: Version | null, strategy: ConflictStrategy) => [
      ...(await planTrees(treeOf(base), treeOf(local), treeOf(remote), strategy)).keepContents.values(),
    ];
    expect(await kept(A, TOP, BOTTOM, "merge")).toEqual(["f"]);
    expect(await kept(A, B, C, "theirs")).toEqual(["f"]);
    expect(await kept(A, B, null, "theirs")).toEqual(["f"]);
    expect(await kept(A, B, C, "ours")).toEqual([]);
    expect(await kept(A, null, C, "theirs")).toEqual([]);
    expect(await kept(A, EXECUTABLE, TOP, "merge")).toEqual(["f"]);
  });

  it("resolves a conflict without a write when the branch already has the merged content", async () => {
    const { plan } = await planTrees(treeOf(A), treeOf(TOP), treeOf({ ...TOP, bottom: "y" }), "merge");
    expect(plan.changes).toEqual([]);
    expect(plan.conflicts).toMatchObject([{ resolved: true, resolution: "merge" }]);
  });

  it("reports a conflict when a file and a directory have the same name", async () => {
    const directory = await planTrees(new Map(), new Map([["a", A]]), new Map([["a/x", B]]), "ours");
    expect(directory.plan.conflicts).toMatchObject([
      { path: "a", reason: "path_is_a_directory_in_the_repository", resolved: false },
    ]);
    const parent = await planTrees(new Map(), new Map([["a/x", A]]), new Map([["a", B]]), "theirs");
    expect(parent.plan.conflicts).toMatchObject([
      { path: "a/x", reason: "parent_is_a_file_in_the_repository", resolved: true },
    ]);
    expect(parent.plan.changes).toEqual([]);
  });

  it("reports no conflict when the project replaces its own file with a directory", async () => {
    const own = new Map([["a", A]]);
    const { plan } = await planTrees(own, new Map([["a/x", B]]), own, "merge");
    expect(plan.conflicts).toEqual([]);
    expect(plan.changes.map(({ path, action }) => `${action} ${path}`)).toEqual(["delete a", "add a/x"]);
  });
});

describe("compareProject", () => {
  const [base, local, remote] = [
    new Map([
      ["f", A],
      ["g", A],
    ]),
    new Map([["f", B]]),
    new Map([
      ["f", A],
      ["g", A],
    ]),
  ];

  it("compares only the requested paths", async () => {
    const { plan, change } = await planWith(
      planInput(base, local, remote, { only: new Set(["f"]) }),
      blobsOf(base, local),
    );
    expect(plan.changes.map(({ path }) => path)).toEqual(["f"]);
    expect([...change.entries.keys()]).toEqual(["f"]);
  });

  it("leaves ignored paths of the base on the branch and lists them", async () => {
    const ignoredPaths = new Set(["g"]);
    const kept = await planWith(planInput(base, local, remote, { ignoredPaths }), blobsOf(base, local));
    expect(kept.plan.ignoredInRepository).toEqual(["g"]);
    expect(kept.plan.changes.map(({ path }) => path)).toEqual(["f"]);
    expect(kept.change.entries.get("g")).toMatchObject({ ignored: true });
    const deleteIgnored = planInput(base, local, remote, { ignoredPaths, deleteIgnored: true });
    const deleted = await planWith(deleteIgnored, blobsOf(base, local));
    expect(deleted.plan.ignoredInRepository).toEqual([]);
    expect(deleted.plan.changes.map(({ path, action }) => `${action} ${path}`)).toEqual(["update f", "delete g"]);
  });
});
