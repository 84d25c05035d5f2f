import fc from "fast-check";
import { hashObject } from "../../../src/git/object-id.js";

/**
 * A file in a test's tree: a text whose first and last line may differ, far enough apart that changes to the two of them
 * merge, and its mode. A submodule has an id for its content.
 */
export interface Version {
  readonly mode: string;
  readonly top: string;
  readonly bottom: string;
}

/** Files by their path. */
export type Tree = ReadonlyMap<string, Version>;

/** Returns the text of a version. */
function textOf({ top, bottom }: Version): string {
  return `${top}\none\ntwo\nthree\n${bottom}\n`;
}

/** Returns the bytes of a version. */
export function bytesOf(version: Version): Uint8Array {
  return Buffer.from(textOf(version));
}

/** Returns the blob ID of a version. */
export function oidOf(version: Version): string {
  return hashObject("blob", bytesOf(version), "sha1");
}

/** Formats a version for comparisons and messages. */
export function show(version: Version | null | undefined): string {
  return version === null || version === undefined ? "-" : `${version.mode} ${version.top}${version.bottom}`;
}

/** True when a path is below another one. */
export function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

/** Removes paths that would be both a file and a directory; earlier paths are kept. */
function consistent(entries: Iterable<readonly [string, Version]>): Tree {
  const tree = new Map<string, Version>();
  for (const [path, version] of entries) {
    const clashes = [...tree.keys()].some((other) => isBelow(path, other) || isBelow(other, path));
    if (!clashes) tree.set(path, version);
  }
  return tree;
}

/** A few paths, so that edits collide, some of them below others. */
export const PATHS = ["a", "a/x", "a/y", "b", "b/c", "b/c/d", "z"] as const;

const plainMode = fc.constantFrom("100644", "100644", "100644", "100755");

/** Versions of files and links. */
export const fileVersion: fc.Arbitrary<Version> = fc.record({
  mode: fc.oneof({ weight: 6, arbitrary: plainMode }, { weight: 1, arbitrary: fc.constant("120000") }),
  top: fc.constantFrom("A", "B", "C"),
  bottom: fc.constantFrom("a", "b"),
});

/** Versions of everything that a branch can contain. */
export const remoteVersion: fc.Arbitrary<Version> = fc.oneof(
  { weight: 12, arbitrary: fileVersion },
  { weight: 1, arbitrary: fc.constant({ mode: "160000", top: "sub", bottom: "module" }) },
);

/** Edits of a tree by path: a new version, or a deletion. */
export const edits = (version: fc.Arbitrary<Version>): fc.Arbitrary<readonly (readonly [string, Version | null])[]> =>
  fc.array(fc.tuple(fc.constantFrom(...PATHS), fc.option(version, { freq: 3, nil: null })), { maxLength: 5 });

/** Returns the tree after edits. Entries that collide with a new file are removed. */
export function edited(tree: Tree, changes: readonly (readonly [string, Version | null])[]): Tree {
  let result = new Map(tree);
  for (const [path, version] of changes) {
    result = new Map(
      [...result].filter(
        ([other]) => other !== path && (version === null || !(isBelow(other, path) || isBelow(path, other))),
      ),
    );
    if (version !== null) result.set(path, version);
  }
  return result;
}

/** Any tree of files. */
export const tree: fc.Arbitrary<Tree> = fc
  .array(fc.tuple(fc.constantFrom(...PATHS), fileVersion), { maxLength: 6 })
  .map((entries) => consistent(entries));
