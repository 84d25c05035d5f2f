import type { ObjectDatabase } from "./object-database.js";

/** File modes that git stores (`git help ls-tree`): file, executable, symbolic link, submodule, directory. */
export type FileMode = "100644" | "100755" | "120000" | "160000" | "040000";

/** One entry of a tree object. */
export interface TreeEntry {
  mode: FileMode;
  /** The name as text; names that are not UTF-8 show replacement characters here. */
  name: string;
  /** The name as git has it. */
  rawName: Buffer;
  oid: string;
}

/** A file, link or submodule somewhere below a tree. */
export interface PathEntry {
  path: string;
  mode: FileMode;
  oid: string;
}

/** The id of the tree that has no entries. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Git's word for what a mode stands for. */
export function typeOfMode(mode: FileMode): "blob" | "tree" | "commit" {
  return mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob";
}

/** Reads the body of a tree object. */
export function parseTree(body: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const end = body.indexOf(0, space);
    const rawName = body.subarray(space + 1, end);
    entries.push({
      mode: body.subarray(at, space).toString("latin1").padStart(6, "0") as FileMode,
      name: rawName.toString(),
      rawName,
      oid: body.subarray(end + 1, end + 21).toString("hex"),
    });
    at = end + 21;
  }
  return entries;
}

/** Writes the body of a tree object, entries in git's order (a directory sorts as if its name ended in a slash). */
export function serializeTree(entries: Iterable<TreeEntry>): Buffer {
  const keyed = [...entries].map((entry) => ({
    entry,
    key: entry.mode === "040000" ? Buffer.concat([entry.rawName, Buffer.from("/")]) : entry.rawName,
  }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    keyed.flatMap(({ entry }) => [
      Buffer.from(`${entry.mode.replace(/^0/, "")} `),
      entry.rawName,
      Buffer.of(0),
      Buffer.from(entry.oid, "hex"),
    ]),
  );
}

/** The entries of a tree; throws when the repository has no such tree. */
export async function readTree(objects: ObjectDatabase, oid: string): Promise<TreeEntry[]> {
  if (oid === EMPTY_TREE) return [];
  const body = await objects.readAs("tree", oid);
  if (body === undefined) throw new Error(`${oid} is not a tree`);
  return parseTree(body);
}

/** The entry at a path below a tree; the root itself for the empty path. */
export async function entryAt(
  objects: ObjectDatabase,
  root: string,
  path: string,
): Promise<{ mode: FileMode; oid: string } | undefined> {
  let current: { mode: FileMode; oid: string } = { mode: "040000", oid: root };
  for (const name of path === "" ? [] : path.split("/")) {
    if (current.mode !== "040000") return undefined;
    const next = (await readTree(objects, current.oid)).find((entry) => entry.name === name);
    if (next === undefined) return undefined;
    current = { mode: next.mode, oid: next.oid };
  }
  return current;
}

/** Every entry below a tree in git's order, directories before what they hold; directories only when asked for. */
export async function* walkTree(
  objects: ObjectDatabase,
  root: string,
  options: { directories?: boolean } = {},
  prefix = "",
): AsyncGenerator<PathEntry> {
  for (const { mode, name, oid } of await readTree(objects, root)) {
    const path = prefix + name;
    if (mode !== "040000") yield { path, mode, oid };
    else {
      if (options.directories === true) yield { path, mode, oid };
      yield* walkTree(objects, oid, options, `${path}/`);
    }
  }
}
