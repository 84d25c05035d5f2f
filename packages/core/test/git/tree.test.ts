import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { ObjectFormat } from "../../src/domain/repository.js";
import { isGitHubSdkError } from "../../src/errors.js";
import { EMPTY_TREE, hashObject } from "../../src/git/object-id.js";
import { parseTree, type TreeEntry, writeTree } from "../../src/git/tree.js";
import { buildTrees } from "../../src/git/tree-builder.js";
import { anyEntry, anyFileSet, blobsOf, type FileSet } from "./file-sets.js";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.js";

const FORMATS: readonly ObjectFormat[] = ["sha1", "sha256"];
const SETS = 500;
const RUNS = { sha1: 3, sha256: 1 };

/** Returns the root tree that git writes for each set, from one commit with a directory for each set. */
function gitTreeIds(repository: ScratchRepository, sets: readonly FileSet[]): (string | undefined)[] {
  const script = ["commit refs/heads/sets", "committer T <t@example.com> 0 +0000", "data 0", "deleteall"];
  for (const [index, files] of sets.entries()) {
    for (const [path, { mode, oid }] of files) {
      script.push(`M ${mode} ${oid} "${`${index}/${path}`.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`);
    }
  }
  repository.git(["fast-import", "--quiet", "--force"], { input: `${script.join("\n")}\n` });
  const ids: string[] = [];
  for (const [, oid, index] of repository
    .git(["ls-tree", "sets"])
    .toString()
    .matchAll(/ tree (\w+)\t(\d+)/g)) {
    ids[Number(index)] = oid ?? "";
  }
  return sets.map((_, index) => ids[index]);
}

/** Returns the ids of all trees below a root, by parsing the built trees. */
function reachable(root: string, trees: ReadonlyMap<string, readonly TreeEntry[]>): Set<string> {
  const found = new Set<string>();
  const waiting = [root];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    found.add(oid);
    waiting.push(...(trees.get(oid) ?? []).filter(({ mode }) => mode === "040000").map((entry) => entry.oid));
  }
  return found;
}

describe.each(FORMATS)("buildTrees in %s", (format) => {
  const repository = scratchRepository(format);
  afterAll(() => repository.remove());
  for (const { oid, content } of blobsOf(format)) {
    expect(repository.git(["hash-object", "-w", "--stdin"], { input: content }).toString().trim()).toBe(oid);
  }

  test("have git's ids for any names and modes", () => {
    fc.assert(
      fc.property(fc.array(anyFileSet(format), { minLength: SETS, maxLength: SETS }), (sets) => {
        const expected = gitTreeIds(repository, sets);
        const wrong = sets.find((files, index) => buildTrees(files, format).root !== expected[index]);
        expect(wrong).toBeUndefined();
      }),
      { numRuns: RUNS[format], endOnFailure: true },
    );
  });

  test("contain each tree once, after its sub-trees", () => {
    fc.assert(
      fc.property(anyFileSet(format), (files) => {
        const { root, trees } = buildTrees(files, format);
        const entries = new Map<string, readonly TreeEntry[]>();
        for (const { oid, bytes } of trees) {
          const parsed = parseTree(bytes, format) ?? [];
          expect(entries.has(oid)).toBe(false);
          for (const { mode, oid: held } of parsed) expect(mode !== "040000" || entries.has(held)).toBe(true);
          expect(hashObject("tree", bytes, format)).toBe(oid);
          entries.set(oid, parsed);
        }
        expect(reachable(root, entries)).toEqual(new Set(entries.keys()));
        expect(trees.at(-1)?.oid).toBe(root);
      }),
    );
  });

  test("parses the trees that writeTree builds, in any order of entries", () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 6 }).filter((text) => !/[/\0]/.test(text));
    const mode = fc.constantFrom("100644", "100664", "100755", "120000", "160000", "040000");
    const entry = fc.tuple(name, mode, anyEntry(format)).map(([name, mode, { oid }]) => ({ name, mode, oid }));
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 12 }), (entries) => {
        const tree = writeTree(entries, format);
        const parsed = parseTree(tree.bytes, format) ?? [];
        expect(parsed).toHaveLength(entries.length);
        expect(new Set(parsed)).toEqual(new Set(entries));
        expect(writeTree(parsed.toReversed(), format)).toEqual(tree);
      }),
    );
  });

  test("writeTree returns the empty tree without entries", () => {
    expect(buildTrees([], format)).toEqual({
      root: EMPTY_TREE[format],
      trees: [{ oid: EMPTY_TREE[format], bytes: Buffer.alloc(0) }],
    });
  });

  test("parseTree returns null for invalid bytes", () => {
    const { bytes } = writeTree([{ name: "main.tf", mode: "100644", oid: EMPTY_TREE[format] }], format);
    for (let length = 1; length < bytes.length; length++)
      expect(parseTree(bytes.subarray(0, length), format)).toBeNull();
    expect(parseTree(Buffer.concat([bytes, bytes.subarray(0, 9)]), format)).toBeNull();
    expect(parseTree(bytes, format === "sha1" ? "sha256" : "sha1")).toBeNull();
    expect(parseTree(Buffer.concat([Buffer.from("100644 \xff\0", "latin1"), bytes.subarray(-32)]), format)).toBeNull();
  });

  test.each(["", "a/b", "a\0b"])("writeTree throws for an entry named %j", (name) => {
    expect(() => writeTree([{ name, mode: "100644", oid: EMPTY_TREE[format] }], format)).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "internal_error")),
    );
  });

  test("writeTree throws for an id of the other format", () => {
    const oid = EMPTY_TREE[format === "sha1" ? "sha256" : "sha1"];
    expect(() => writeTree([{ name: "a", mode: "100644", oid }], format)).toThrow(
      expect.toSatisfy((error) => isGitHubSdkError(error, "internal_error")),
    );
  });
});
