import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { isGitHubSdkError } from "../../src/errors.js";
import { assertPath, baseName, checkPath, comparePaths, joinPath, parentPath } from "../../src/git/path.js";
import { scratchRepository } from "./scratch-repository.js";

interface Case {
  readonly path: string;
  readonly mode: string;
}

// The parts of `.git` and `.gitmodules`, and all that file systems ignore in names.
const PIECES = [
  ...[
    ".git",
    ".GIT",
    ".gIt",
    ".",
    "g",
    "i",
    "t",
    "git",
    "GIT~1",
    "git~1",
    "git~2",
    "~1",
    "modules",
    ".gitmodules",
    ".GitModules",
  ],
  ...[
    "gitmod~1",
    "GITMOD~4",
    "gitmod~5",
    "gi7eba~1",
    "gi7eba~0",
    "gi7eb~12",
    "GI7E~123",
    "gi7d~123",
    "g~123456",
    "~1234567",
  ],
  ...[
    " ",
    "..",
    ". .",
    ":",
    "::$INDEX_ALLOCATION",
    "\\",
    "/",
    "x",
    "\u200c",
    "\u200d",
    "\u202e",
    "\u206a",
    "\ufeff",
    "\ufffe",
    "\uffff",
  ],
  ...["\u00ad", "İ", "ı", "é", "\u0001", "\n", "😀", ".gitignore", "..."],
];

const anyCase: fc.Arbitrary<Case> = fc.record({
  path: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("")),
  mode: fc.constantFrom("100644", "120000"),
});

describe("checkPath agrees with git", () => {
  const repository = scratchRepository();
  repository.git(["config", "core.protectHFS", "true"]);
  repository.git(["config", "core.protectNTFS", "true"]);
  const oid = repository.git(["hash-object", "-w", "--stdin"], { input: "x" }).toString().trim();
  afterAll(() => repository.remove());

  test("for paths that are added to the index", () => {
    // The index ignores a backslash at the beginning of a segment; the check below does not.
    const indexed = anyCase.filter(({ path }) => !/(?:^|\/)\\/.test(path));
    fc.assert(
      fc.property(fc.array(indexed, { minLength: 3_000, maxLength: 3_000 }), (cases) => {
        const lines = cases.map(({ path, mode }, index) => `${mode} ${oid}\t${index}/${path}\0`);
        repository.git(["read-tree", "--empty"]);
        repository.git(["update-index", "-z", "--index-info"], { input: lines.join("") });
        const taken = new Set(repository.git(["ls-files", "-z"]).toString().split("\0"));
        const wrong = cases.filter(({ path, mode }, index) => {
          return (checkPath(path, mode) === null) !== taken.has(`${index}/${path}`);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  test("for trees that fsck checks as GitHub does", () => {
    const names = anyCase.filter(({ path }) => !path.includes("/"));
    fc.assert(
      fc.property(fc.uniqueArray(names, { minLength: 300, maxLength: 300, selector: ({ path }) => path }), (cases) => {
        const lines = cases.map(({ path, mode }) => `${mode} blob ${oid}\t${path}\0\0`);
        const trees = repository
          .git(["mktree", "-z", "--batch"], { input: lines.join("") })
          .toString()
          .split("\n");
        const { stderr } = repository.tryGit(["fsck", "--strict", "--no-dangling"]);
        const refused = new Set(Array.from(stderr.toString().matchAll(/^error in tree (\w+)/gm), ([, tree]) => tree));
        const wrong = cases.filter(({ path, mode }, index) => {
          return (checkPath(path, mode) !== null) !== refused.has(trees[index] ?? "");
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });
});

test.each([
  ["", "empty"],
  ["/main.tf", "absolute"],
  ["/", "absolute"],
  ["modules/", "trailing_slash"],
  ["modules//main.tf", "empty_segment"],
  ["./main.tf", "dot_segment"],
  ["modules/../main.tf", "dot_segment"],
  [".git/config", "git_directory"],
  ["modules/.Git", "git_directory"],
  [".git ", "git_directory"],
  [".git...", "git_directory"],
  [".git::$INDEX_ALLOCATION/config", "git_directory"],
  ["GIT~1/config", "git_directory"],
  [".g\u200cit/config", "git_directory"],
  ["a\\.git\\config", "git_directory"],
  ["main\0.tf", "nul"],
  ["main\ud83d.tf", "not_unicode"],
  ["main\ude00.tf", "not_unicode"],
])("checkPath rejects %j as %s", (path, reason) => {
  const problem = checkPath(path);
  expect(problem).toMatchObject({ path, reason });
  expect(problem?.message).toMatch(/^The path .*\.$|^A segment .*\.$/);
  expect(() => assertPath(path)).toThrow(
    expect.toSatisfy((error) => isGitHubSdkError(error, "invalid_path") && error.details.reason === reason),
  );
});

test("checkPath rejects a link .gitmodules, but not a file", () => {
  expect(checkPath("lib/.gitmodules", "120000")?.reason).toBe("gitmodules_link");
  expect(checkPath("lib/.gitmodules", "100644")).toBeNull();
});

test.each([
  "main.tf",
  ".gitignore",
  ".github/workflows/ci.yml",
  "a/.gitkeep",
  "git",
  "x.git/config",
  "a\\b",
  "a:b",
  "trailing ",
  "...",
  "aux",
])("checkPath accepts %j", (path) => {
  expect(checkPath(path)).toBeNull();
  expect(() => assertPath(path)).not.toThrow();
});

test("checkPath limits a segment to 255 bytes and a path to 4096", () => {
  const directories = `${"a".repeat(200)}/`.repeat(20);
  expect(checkPath("é".repeat(127))).toBeNull();
  expect(checkPath("é".repeat(128))?.reason).toBe("segment_too_long");
  expect(checkPath(directories + "a".repeat(76))).toBeNull();
  expect(checkPath(directories + "a".repeat(77))?.reason).toBe("path_too_long");
});

test("joinPath, parentPath and baseName join and split paths", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b.tf", "é"), { minLength: 1, maxLength: 4 }), (segments) => {
      const path = segments.join("/");
      expect(joinPath(parentPath(path), baseName(path))).toBe(path);
      expect(parentPath(path)).toBe(segments.slice(0, -1).join("/"));
    }),
  );
});

test("comparePaths orders paths by their bytes", () => {
  const unit = fc.constantFrom("a", "b", "/", "é", "\uffee", "😀", "😁");
  const path = fc.string({ unit, maxLength: 5 });
  fc.assert(
    fc.property(path, path, (left, right) => {
      expect(Math.sign(comparePaths(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
    {
      examples: [
        ["\uffee", "😀"],
        ["a", "ab"],
        ["😀", "😁"],
      ],
    },
  );
});
