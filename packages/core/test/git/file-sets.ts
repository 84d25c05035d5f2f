import fc from "fast-check";
import type { ObjectFormat, RemoteEntry } from "../../src/domain/repository.js";
import { hashObject } from "../../src/git/object-id.js";

/** Files of a repository by path. */
export type FileSet = ReadonlyMap<string, RemoteEntry>;

// Names that sort differently by byte, by UTF-16 unit and as directories: "a" < "a-b" < "a.b" < "a/" < "a0" < "é" < "\uffee" < "😀".
const NAMES = [
  "a",
  "a-b",
  "a.b",
  "a0",
  "A",
  "ab",
  "b",
  "é",
  "e\u0301",
  "\uffee",
  "😀",
  "a b",
  " ",
  "~",
  "a\tb",
  'q"',
  "x\\y",
];

const segment = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }).filter(isPlainName) },
);

/** Arbitrary paths, short and of few names, so that they share directories and collide. */
export const anyPath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));

/** The contents of the files of all sets. */
export function blobsOf(format: ObjectFormat): readonly { readonly oid: string; readonly content: string }[] {
  return ["", "a", "b\n", "é", "\0"].map((content) => ({
    oid: hashObject("blob", Buffer.from(content), format),
    content,
  }));
}

/** Arbitrary entries of a flat listing; the commits of submodules exist in no repository. */
export function anyEntry(format: ObjectFormat): fc.Arbitrary<RemoteEntry> {
  const digits = format === "sha1" ? 40 : 64;
  const commit = fc.string({ unit: fc.constantFrom(..."123456789abcdef"), minLength: digits, maxLength: digits });
  const blob = fc.constantFrom(...blobsOf(format).map(({ oid }) => oid));
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ mode: fc.constantFrom("100644", "100755", "120000"), oid: blob }) },
    { weight: 1, arbitrary: fc.record({ mode: fc.constant("160000"), oid: commit }) },
  );
}

/** Arbitrary sets of files in which no path is below another. */
export function anyFileSet(format: ObjectFormat, maxLength = 14): fc.Arbitrary<FileSet> {
  const entries = fc.array(fc.tuple(anyPath, anyEntry(format)), { minLength: 1, maxLength });
  return entries.map((list) => withoutClashes(list));
}

/** Returns the entries that are neither below nor above an earlier one. */
export function withoutClashes(entries: Iterable<readonly [string, RemoteEntry]>): FileSet {
  const files = new Map<string, RemoteEntry>();
  const directories = new Set<string>();
  for (const [path, entry] of entries) {
    const parents = parentsOf(path);
    if (directories.has(path) || parents.some((parent) => files.has(parent))) continue;
    files.set(path, entry);
    for (const parent of parents) directories.add(parent);
  }
  return files;
}

/** Returns the directories above a path, without the root. */
export function parentsOf(path: string): string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
}

function isPlainName(name: string): boolean {
  return !/[/\0]/.test(name) && !/^\.{1,2}$/.test(name) && !/git/i.test(name);
}
