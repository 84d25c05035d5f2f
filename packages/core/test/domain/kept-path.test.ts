import { describe, expect, it } from "vitest";
import { keptPath, syncIdOf, writablePathProblem } from "../../src/domain/kept-path.js";

describe("keptPath", () => {
  it("returns a path below the sync's directory, numbered from the second version on", () => {
    expect(keptPath("42/1", "dir/main.tf")).toBe(".infrajet/kept/42/dir/main.tf");
    expect(keptPath("42/7", "dir/main.tf", 2)).toBe(".infrajet/kept/42.2/dir/main.tf");
  });

  it.each(["", "42", "42/", "/1", "42/1/2", "../1", "42/..", `${"4".repeat(65)}/1`])(
    "rejects operation %j",
    (operation) => {
      expect(() => syncIdOf(operation)).toThrow(expect.objectContaining({ code: "internal_error" }));
    },
  );
});

describe("writablePathProblem", () => {
  it.each(["main.tf", "dir/.infrajet/kept/a", ".infrajet/other", ".infrajet", "...", "a\\b"])("accepts %j", (path) => {
    expect(writablePathProblem(path)).toBeNull();
  });

  it.each(["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\0b"])(
    "rejects %j, which is not below the project",
    (path) => {
      expect(writablePathProblem(path)).toContain("is not a path of the project");
    },
  );

  it.each([".infrajet/kept", ".infrajet/kept/42/a", ".INFRAJET/Kept/a"])("rejects the kept version %j", (path) => {
    expect(writablePathProblem(path)).toContain("is reserved");
  });
});
