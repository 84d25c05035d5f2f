import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldName, type PathCollision, pathCollisions } from "../../src/git/path-collision.js";

test.each<readonly [readonly string[], readonly PathCollision[]]>([
  [["a", "b", "a.b", "c/a"], []],
  [["README.md", "readme.md"], [{ kind: "case", first: "README.md", second: "readme.md" }]],
  [["A/x", "a/y"], [{ kind: "case", first: "A/x", second: "a/y" }]],
  [["A/x", "a/x", "a/y", "A/z"], [{ kind: "case", first: "A/x", second: "a/x" }]],
  [["m/A", "n/a"], []],
  [["\u00e9.tf", "e\u0301.tf"], [{ kind: "unicode", first: "\u00e9.tf", second: "e\u0301.tf" }]],
  [["\u00c9.tf", "e\u0301.tf"], [{ kind: "case", first: "\u00c9.tf", second: "e\u0301.tf" }]],
  [["a", "a/b"], [{ kind: "file_and_directory", first: "a", second: "a/b" }]],
  [["a/b", "a"], [{ kind: "file_and_directory", first: "a/b", second: "a" }]],
  [["a", "a/b", "a/c"], [{ kind: "file_and_directory", first: "a", second: "a/b" }]],
  [["a", "A/b"], [{ kind: "case", first: "a", second: "A/b" }]],
  [["a/b", "a/b"], [{ kind: "duplicate", first: "a/b", second: "a/b" }]],
  [
    ["x", "X", "x", "X/y"],
    [
      { kind: "case", first: "x", second: "X" },
      { kind: "duplicate", first: "x", second: "x" },
      { kind: "case", first: "x", second: "X/y" },
    ],
  ],
])("pathCollisions returns for %j the collisions %j", (paths, collisions) => {
  expect(pathCollisions(paths)).toEqual(collisions);
});

describe("foldName", () => {
  test.each([
    ["straße", "STRASSE"],
    ["ẞ", "ß"],
    ["Σίσυφος", "ΣΊΣΥΦΟΣ"],
    ["ﬁle", "FILE"],
    ["\u212a", "k"],
    ["ǆ", "ǅ"],
    ["한", "\u1112\u1161\u11ab"],
    ["\u1fb4", "\u03b1\u0345\u0301"],
  ])("returns the same form for %s and %s", (left, right) => {
    expect(foldName(left)).toBe(foldName(right));
  });

  test.each([
    ["ı", "i"],
    ["a", "á"],
    ["o", "0"],
    ["a-b", "a_b"],
  ])("returns different forms for %s and %s", (left, right) => {
    expect(foldName(left)).not.toBe(foldName(right));
  });

  test("returns the same form for any case and normal form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        for (const form of ["NFC", "NFD"]) expect(foldName(name.normalize(form))).toBe(foldName(name));
        expect(foldName(foldName(name))).toBe(foldName(name));
        if (!name.includes("ı")) expect(foldName(name.toUpperCase())).toBe(foldName(name));
      }),
    );
  });
});

test("pathCollisions finds each pair of files that a case-insensitive file system treats as one", () => {
  const name = fc.constantFrom("a", "A", "b", "é", "e\u0301", "É");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 8 }), (paths) => {
      const folded = paths.map((each) => each.split("/").map(foldName).join("/"));
      const spellings = new Map<string, Set<string>>();
      for (const [index, each] of paths.entries()) {
        const segments = each.split("/");
        segments.forEach((_, depth) => {
          const key = (folded[index] ?? "")
            .split("/")
            .slice(0, depth + 1)
            .join("/");
          const spelling = `${segments.slice(0, depth + 1).join("/")}${depth === segments.length - 1 ? "" : "/"}`;
          spellings.set(key, (spellings.get(key) ?? new Set()).add(spelling));
        });
      }
      const collide = [...spellings.values()].some((each) => each.size > 1);
      expect(pathCollisions(paths).length > 0).toBe(collide);
    }),
  );
});

test("pathCollisions takes linear time for deep and wide sets", () => {
  const deep = Array.from({ length: 2_000 }, (_, index) => `${"d/".repeat(1_000)}${index}`);
  const twins = Array.from({ length: 20_000 }, (_, index) => `${index % 2 === 0 ? "A" : "a"}/${index}`);
  expect(pathCollisions(deep)).toEqual([]);
  expect(pathCollisions(twins)).toHaveLength(1);
});
