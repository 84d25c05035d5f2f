import type { ObjectDatabase } from "./object-database.js";

/** The modes of tree entries: file, executable, symbolic link, submodule, directory. */
export type FileMode = "100644" | "100755" | "120000" | "160000" | "040000";

/** An entry of a tree object. */
export interface TreeEntry {
  mode: FileMode;
  /** The name as text. Invalid UTF-8 becomes replacement characters. */
  name: string;
  /** The bytes of the name. */
  rawName: Buffer;
  oid: string;
}

/** A file, symbolic link, submodule or directory below a tree. */
export interface PathEntry {
  path: string;
  mode: FileMode;
  oid: string;
}

/** The ID of the empty tree. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Returns the object type of a mode. */
export function typeOfMode(mode: FileMode): "blob" | "tree" | "commit" {
  return mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob";
}

/** Parses the body of a tree object. */
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

/** Serializes the body of a tree object in git's order, where the name of a directory ends with a slash. */
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

/** Returns the entries of a tree. Throws when the repository does not have the tree. */
export async function readTree(objects: ObjectDatabase, oid: string): Promise<TreeEntry[]> {
  if (oid === EMPTY_TREE) return [];
  const body = await objects.readAs("tree", oid);
  if (body === undefined) throw new Error(`${oid} is not a tree`);
  return parseTree(body);
}

/** Returns the entry at a path below a tree, or the tree itself for an empty path. */
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

/** Yields all entries below a tree in git's order. With `directories`, a directory precedes its entries; otherwise it is omitted. */
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
