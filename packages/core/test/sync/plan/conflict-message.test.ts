import { describe, expect, it } from "vitest";
import type { ConflictReason, SyncConflict } from "../../../src/domain/conflict.js";
import { conflictMessage } from "../../../src/sync/plan/conflict-message.js";

const conflict = (path: string, reason: ConflictReason = "changed_on_both_sides"): SyncConflict => ({
  path,
  reason,
  resolved: false,
  resolution: "pull_request",
  remoteOid: null,
  remoteSize: null,
  localOid: null,
  baseOid: null,
  isBinary: false,
});

const remote = new Map(
  Object.entries({ file: "100644", link: "120000", vendor: "160000" }).map(([path, mode]) => [
    path,
    { mode, oid: "1".repeat(40) },
  ]),
);
const context = { remote, hasBaseline: true };

describe("conflictMessage", () => {
  it("lists five paths and counts the rest", () => {
    const conflicts = Array.from({ length: 7 }, (_, index) => conflict(`f${index}`));
    expect(conflictMessage(conflicts, context)).toBe(
      "Changed on both sides: f0, f1, f2, f3, f4 and 2 more. Nothing was written.",
    );
  });

  it("groups paths by reason and names submodules, links and files that are in the way", () => {
    const message = conflictMessage(
      [
        conflict("file"),
        conflict("vendor", "submodule_in_the_repository"),
        conflict("link"),
        conflict("vendor/a", "parent_is_a_file_in_the_repository"),
        conflict("link/a/b", "parent_is_a_file_in_the_repository"),
      ],
      context,
    );
    expect(message).toBe(
      "Changed on both sides: file; A submodule on the branch: vendor; A symbolic link on the branch: link; " +
        "Below a submodule on the branch: vendor/a; Below a symbolic link on the branch: link/a/b. Nothing was written.",
    );
  });

  it.each([
    ["file/a", "parent_is_a_file_in_the_repository", "Below a file on the branch: file/a."],
    ["d", "path_is_a_directory_in_the_repository", "A directory on the branch: d."],
    ["file", "deleted_locally_changed_remotely", "Deleted in the project but changed on the branch: file."],
    ["gone", "changed_locally_deleted_remotely", "Changed in the project but deleted on the branch: gone."],
  ] as const)("describes %s with the reason %s", (path, reason, words) => {
    expect(conflictMessage([conflict(path, reason)], context)).toBe(`${words} Nothing was written.`);
  });

  it("says that no earlier sync is known when the baseline is empty", () => {
    const message = conflictMessage([conflict("file", "different_without_common_base")], {
      ...context,
      hasBaseline: false,
    });
    expect(message).toBe(
      "Different in the project and on the branch: file. No earlier sync of the project to this branch is known here, " +
        "so that changes cannot be merged. Nothing was written.",
    );
  });

  it("quotes paths with control characters", () => {
    expect(conflictMessage([conflict("a\u001b[2J")], context)).toContain('"a\\u001b[2J"');
  });
});
