import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectFormat, RemoteEntry } from "../../src/domain/repository.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { writeCommit } from "../../src/git/commit.js";
import { EMPTY_TREE, hashObject } from "../../src/git/object-id.js";
import { parseTree } from "../../src/git/tree.js";
import { buildTrees, type TreeListing, updateTrees } from "../../src/git/tree-builder.js";
import { anyEntry, anyFileSet, anyPath, type FileSet, parentsOf, withoutClashes } from "./file-sets.js";

const FORMATS: readonly ObjectFormat[] = ["sha1", "sha256"];

const blob = (content: string): RemoteEntry => ({
  mode: "100644",
  oid: hashObject("blob", Buffer.from(content), "sha1"),
});
const files = (...paths: readonly string[]): FileSet => new Map(paths.map((path) => [path, blob(path)]));

/** Returns the entries of all trees of a set by path, as GitHub's recursive listing does. */
function treesOf(set: FileSet, format: ObjectFormat): Map<string, RemoteEntry> {
  const trees = new Map(buildTrees(set, format).trees.map(({ oid, bytes }) => [oid, parseTree(bytes, format) ?? []]));
  const found = new Map<string, RemoteEntry>();
  const visit = (directory: string, oid: string): void => {
    for (const { name, mode, oid: held } of trees.get(oid) ?? []) {
      if (mode !== "040000") continue;
      found.set(`${directory}${name}`, { mode, oid: held });
      visit(`${directory}${name}/`, held);
    }
  };
  visit("", buildTrees(set, format).root);
  return found;
}

/** Arbitrary sets of files with changes: deleted, overwritten and new paths. */
function anyChange(format: ObjectFormat) {
  return fc
    .record({
      before: anyFileSet(format),
      fates: fc.array(fc.constantFrom("kept", "kept", "deleted", "overwritten"), { minLength: 14, maxLength: 14 }),
      entry: anyEntry(format),
      additions: fc.array(fc.tuple(anyPath, anyEntry(format)), { maxLength: 5 }),
    })
    .map(({ before, fates, entry, additions }) => {
      const changes = new Map<string, RemoteEntry | null>();
      const remaining = new Map<string, RemoteEntry>();
      for (const [index, [path, old]] of [...before].entries()) {
        if (fates[index] === "deleted") changes.set(path, null);
        else if (fates[index] === "overwritten") changes.set(path, entry);
        if (fates[index] !== "deleted") remaining.set(path, changes.get(path) ?? old);
      }
      const after = withoutClashes([...remaining, ...additions.filter(([path]) => !before.has(path))]);
      for (const [path, added] of after) if (!remaining.has(path)) changes.set(path, added);
      return { before, changes, after };
    });
}

describe.each(FORMATS)("updateTrees in %s", (format) => {
  // Without trees, as in a baseline; with all trees, as GitHub lists them; without the entries of unchanged trees.
  const listings: Record<string, (before: FileSet, changed: Iterable<string>) => TreeListing> = {
    "files alone": (before) => before,
    "all entries": (before) => [...before, ...treesOf(before, format)],
    "changed directories": (before, changed) => {
      const touched = new Set([...changed].flatMap(parentsOf));
      const isListed = (path: string) => parentsOf(path).every((parent) => touched.has(parent));
      return [...before, ...treesOf(before, format)].filter(([path]) => isListed(path));
    },
  };

  test.each(Object.entries(listings))("from a listing of %s are those of the new set", (_, listingOf) => {
    fc.assert(
      fc.property(anyChange(format), ({ before, changes, after }) => {
        const old = buildTrees(before, format);
        const wanted = buildTrees(after, format);
        const updated = updateTrees({ root: old.root, listing: listingOf(before, changes.keys()), changes, format });
        if (!updated.faithful) throw new Error(`unfaithful: ${updated.directories.join()}`);
        expect(updated.root).toBe(wanted.root);
        const known = new Set(old.trees.map(({ oid }) => oid));
        const byId = (a: { oid: string }, b: { oid: string }) => (a.oid < b.oid ? -1 : 1);
        // An unchanged subtree of an unlisted directory is unknown.
        const unlisted = updated.trees.filter(({ oid }) => known.has(oid));
        if (listingOf !== listings["changed directories"]) expect(unlisted).toEqual([]);
        expect(updated.trees.filter(({ oid }) => !known.has(oid)).toSorted(byId)).toEqual(
          wanted.trees.filter(({ oid }) => !known.has(oid)).toSorted(byId),
        );
      }),
      { numRuns: 120 },
    );
  });

  test("are correct or unfaithful where the listing lacks an entry", () => {
    fc.assert(
      fc.property(anyChange(format), fc.nat(), fc.boolean(), ({ before, changes, after }, pick, withTrees) => {
        const { root } = buildTrees(before, format);
        const listing = [...before, ...(withTrees ? treesOf(before, format) : [])];
        listing.splice(pick % before.size, 1);
        const updated = updateTrees({ root, listing, changes, format });
        // The only file of an unchanged directory may be missing: the directory is kept by its id.
        if (updated.faithful && withTrees) expect(updated.root).toBe(buildTrees(after, format).root);
        else expect(updated.faithful).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

const update = (before: FileSet, changes: readonly (readonly [string, RemoteEntry | null])[]) => {
  const updated = updateTrees({ root: buildTrees(before, "sha1").root, listing: before, changes, format: "sha1" });
  if (!updated.faithful) throw new Error("unfaithful");
  return updated;
};

describe("updateTrees", () => {
  test("reports the directories with a wrong listing", () => {
    const before = files("a/b/c", "a/d", "e");
    const { root } = buildTrees(before, "sha1");
    const listing = new Map([...before, ...treesOf(before, "sha1")]);
    listing.delete("a/d");
    expect(updateTrees({ root, listing, changes: files("f"), format: "sha1" })).toEqual({
      faithful: false,
      directories: ["a", ""],
    });
  });

  test("keeps the old modes of other entries", () => {
    const old = new Map([["bin/run", { mode: "100775", oid: blob("run").oid }]]);
    const tree = (entries: FileSet, name: string) =>
      updateTrees({ root: null, listing: entries, changes: [[name, blob("new")]], format: "sha1" });
    const updated = tree(old, "bin/new");
    if (!updated.faithful) throw new Error("unfaithful");
    const written = updated.trees.flatMap(({ bytes }) => parseTree(bytes, "sha1") ?? []);
    expect(written).toContainEqual({ name: "run", mode: "100775", oid: blob("run").oid });
  });

  test("keeps an unlisted directory by its id, and does not write into it", () => {
    const modules = buildTrees(files("vpc/main.tf"), "sha1").root;
    const listing = new Map<string, RemoteEntry>([
      ["main.tf", blob("main")],
      ["modules", { mode: "040000", oid: modules }],
    ]);
    const outside = updateTrees({ root: null, listing, changes: [["main.tf", blob("new")]], format: "sha1" });
    if (!outside.faithful) throw new Error("unfaithful");
    expect(parseTree(outside.trees[0]?.bytes ?? Buffer.alloc(0), "sha1")).toContainEqual({
      name: "modules",
      mode: "040000",
      oid: modules,
    });
    expect(updateTrees({ root: null, listing, changes: [["modules/new.tf", blob("new")]], format: "sha1" })).toEqual({
      faithful: false,
      directories: ["modules"],
    });
  });

  test("returns the same root and no trees without changes", () => {
    const before = files("a", "b/c");
    expect(update(before, [])).toEqual({
      faithful: true,
      before: buildTrees(before, "sha1").root,
      root: buildTrees(before, "sha1").root,
      trees: [],
    });
  });

  test("ignores the deletion of a missing path or a directory", () => {
    const before = files("a/b", "c");
    for (const path of ["x", "x/y", "a/x", "a", "c/x", "c/x/y"]) {
      expect([path, update(before, [[path, null]])]).toEqual([path, update(before, [])]);
    }
  });

  test("returns the empty tree when all files are deleted", () => {
    expect(
      update(files("a/b/c", "a/d"), [
        ["a/b/c", null],
        ["a/d", null],
      ]).root,
    ).toBe(EMPTY_TREE.sha1);
  });

  test("replaces a file with a directory and back", () => {
    const asFile = files("a");
    const asDirectory = files("a/b/c");
    expect(
      update(asFile, [
        ["a", null],
        ["a/b/c", blob("a/b/c")],
      ]).root,
    ).toBe(buildTrees(asDirectory, "sha1").root);
    expect(
      update(asDirectory, [
        ["a", blob("a")],
        ["a/b/c", null],
      ]).root,
    ).toBe(buildTrees(asFile, "sha1").root);
  });

  test.each<readonly [string, FileSet, readonly (readonly [string, RemoteEntry])[]]>([
    ["a file where a directory stays", files("a/b"), [["a", blob("a")]]],
    ["a directory where a file stays", files("a"), [["a/b", blob("b")]]],
    ["a directory below a file that stays", files("a/b"), [["a/b/c/d", blob("d")]]],
    ["a file in a submodule", new Map([["lib", { mode: "160000", oid: "1".repeat(40) }]]), [["lib/x", blob("x")]]],
    [
      "a file and a directory of one name",
      new Map(),
      [
        ["a", blob("a")],
        ["a/b", blob("b")],
      ],
    ],
    [
      "one path twice",
      new Map(),
      [
        ["a", blob("a")],
        ["a", blob("b")],
      ],
    ],
  ])("throws path_collision for %s", (_, before, changes) => {
    expect(() => update(before, changes)).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "path_collision")),
    );
  });

  test.each(["", "/a", "a/", "a//b", "../a", ".git/config", "a/.GIT/x"])("throws invalid_path for %j", (path) => {
    expect(() => buildTrees([[path, blob("a")]], "sha1")).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "invalid_path")),
    );
  });

  test("throws for a mode that is not a file's", () => {
    for (const mode of ["040000", "100664", ""]) {
      expect(() => buildTrees([["a", { mode, oid: blob("a").oid }]], "sha1")).toThrow(
        expect.toSatisfy((error) => isGitHubSdkError(error, "internal_error")),
      );
    }
  });

  test("builds only the trees above a few changed files of 50,000", () => {
    const before = new Map(
      Array.from({ length: 50_000 }, (_, index) => [
        `d${index % 50}/e${index % 1_000}/f${index}.tf`,
        blob(`${index % 97}`),
      ]),
    );
    const changes = new Map([
      ["d7/e7/f7.tf", blob("new")],
      ["d7/new/x.tf", blob("new")],
      ["d8/e8/f8.tf", null],
    ]);
    const updated = updateTrees({ root: null, listing: before, changes, format: "sha1" });
    if (!updated.faithful) throw new Error("unfaithful");
    expect(updated.trees).toHaveLength(6);
  });
});

test("buildTrees and writeCommit return the ids of a tree and a commit from GitHub", () => {
  const updated = updateTrees({
    root: null,
    listing: [["README.md", { mode: "100644", oid: "958337fe1f522a58e5e7098cc61a2917db1c9643" }]],
    changes: [
      ["app/run.sh", { mode: "100755", oid: "e9ba7ba07276a794d493db90e0384940ce2b757b" }],
      ["doc/readme.txt", { mode: "100644", oid: "fbbc875b17d1e17da06b4ee8fda46e2596c41f3c" }],
      ["data/val1.dat", { mode: "100644", oid: "aed2973e4b8a7ff1b30ff5c4751e5a2b38989e74" }],
      ["data/val2.dat", { mode: "100644", oid: "5bd8bb897b13225c93a1d26baa88c96b7bd5d817" }],
    ],
    format: "sha1",
  });
  expect(updated).toMatchObject({ faithful: true, root: "b09a1698f3aeb1d462c3492007760e2579734c74" });
  const who = { timestamp: Date.parse("2021-01-23T20:20:25Z") / 1000, timezone: "+0000" };
  const commit = writeCommit({
    tree: "b09a1698f3aeb1d462c3492007760e2579734c74",
    parents: ["2acb295eef8d5eaf34d8915fad20db132745e9a0"],
    author: { name: "author", email: "author@author.com", ...who },
    committer: { name: "committer", email: "committer@committer.com", ...who },
    headers: [],
    message: "Add files",
  });
  expect(commit.oid).toBe("466725309d43aa6fe6cb67f8f4161451d627b43f");
});
