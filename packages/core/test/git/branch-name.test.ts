import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGitHubSdkError } from "../../src/errors.js";
import {
  assertBranchName,
  assertNewBranchName,
  checkBranchName,
  checkNewBranchName,
} from "../../src/git/branch-name.js";

/** Returns the result of `git check-ref-format --branch` for each name, from one shell. */
function gitAccepts(names: readonly string[]): boolean[] {
  const script = 'for name do git check-ref-format --branch "$name" >/dev/null 2>&1; printf "%s\\n" $?; done';
  const { stdout } = spawnSync("sh", ["-c", script, "sh", ...names], {
    env: { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: tmpdir() },
    cwd: tmpdir(),
    encoding: "utf8",
  });
  return stdout
    .trimEnd()
    .split("\n")
    .map((status) => status === "0");
}

const PIECES = [
  ..."abcHEAD/.-@{}~^:?*[]\\ \t\n\x01\x1f\x7f!\"#$%&'()+,;<=>_`|é😀",
  ...[
    "..",
    "//",
    "@{",
    "@",
    "HEAD",
    ".lock",
    ".LOCK",
    "lock",
    "refs/",
    "heads",
    "main",
    "-",
    "\u0080",
    "\u00a0",
    "\ufeff",
  ],
];
const name = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 8 }).filter((text) => !text.includes("\0")),
);

describe("checkBranchName", () => {
  test("agrees with git check-ref-format", () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 350, maxLength: 350 }), (names) => {
        const accepted = gitAccepts(names);
        expect(names.filter((each, index) => (checkBranchName(each) === null) !== accepted[index])).toEqual([]);
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test.each(["main", "feature/azure-sync", "a/-b", "@", "a/@", "a.lock.b", "release-1.0", "über/straße"])(
    "accepts %j",
    (each) => {
      expect(checkBranchName(each)).toBeNull();
      expect(checkNewBranchName(each)).toBeNull();
      expect(gitAccepts([each])).toEqual([true]);
    },
  );

  test.each([
    "",
    "HEAD",
    "-a",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.",
    "a.lock",
    "a.lock/b",
    "a..b",
    "a b",
    "@{-1}",
    "a\\b",
  ])("rejects %j", (each) => {
    expect(checkBranchName(each)?.name).toBe(each);
    expect(gitAccepts([each])).toEqual([false]);
    expect(() => assertBranchName(each)).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "invalid_branch")),
    );
  });

  test("checkBranchName rejects a NUL and half of a surrogate pair", () => {
    expect(checkBranchName("a\0b")).not.toBeNull();
    expect(checkBranchName("a\ud800b")).not.toBeNull();
  });

  test.each(["a".repeat(40), "0123456789ABCDEF0123456789abcdef01234567", "refs/heads/main", "é".repeat(123)])(
    "checkNewBranchName rejects %j, which git accepts",
    (each) => {
      expect(checkBranchName(each)).toBeNull();
      expect(checkNewBranchName(each)?.name).toBe(each);
      expect(() => assertNewBranchName(each)).toThrow(
        expect.toSatisfy((error) => isGitHubSdkError(error, "invalid_branch")),
      );
    },
  );

  test("checkNewBranchName accepts a name up to GitHub's limit", () => {
    expect(checkNewBranchName("é".repeat(122))).toBeNull();
  });
});
