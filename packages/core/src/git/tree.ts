import { isUtf8 } from "node:buffer";
import type { ObjectFormat, ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { hashObject, OBJECT_ID_BYTES } from "./object-id.js";
import { comparePaths } from "./path.js";

/** One entry of one tree object. */
export interface TreeEntry {
  /** The name, one path segment. */
  readonly name: string;
  /** The mode as six octal digits. Old trees contain modes that git no longer writes. */
  readonly mode: string;
  readonly oid: ObjectId;
}

/** A tree as git stores it. */
export interface TreeObject {
  readonly oid: ObjectId;
  /** The content of the object, without its header. */
  readonly bytes: Uint8Array;
}

/**
 * Builds a tree object from entries in any order, each name once.
 *
 * @throws GitHubSdkError `internal_error` when a name is not valid for an entry, or an id has another format.
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
 */
export function writeTree(entries: Iterable<TreeEntry>, format: ObjectFormat): TreeObject {
  const sorted = [...entries].map((entry) => ({ entry, key: sortKey(entry) }));
  sorted.sort((a, b) => comparePaths(a.key, b.key));
  const bytes = Buffer.concat(sorted.map(({ entry }) => encodeEntry(entry, format)));
  return { oid: hashObject("tree", bytes, format), bytes };
}

/**
 * Parses the entries of a tree object. Returns `null` when the bytes are not a tree of that format, or contain a name that is
 * not UTF-8 (which GitHub's API cannot report either).
 */
export function parseTree(bytes: Uint8Array, format: ObjectFormat): TreeEntry[] | null {
  const tree = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TreeEntry[] = [];
  for (let offset = 0; offset < tree.length; ) {
    const nameEnd = tree.indexOf(0, offset);
    const end = nameEnd + 1 + OBJECT_ID_BYTES[format];
    if (nameEnd === -1 || end > tree.length) return null;
    const head = tree.subarray(offset, nameEnd);
    const [, mode, name] = /^([0-7]{5,6}) ([^/]+)$/s.exec(head.toString("utf8")) ?? [];
    if (mode === undefined || name === undefined || !isUtf8(head)) return null;
    entries.push({ name, mode: mode.padStart(6, "0"), oid: tree.toString("hex", nameEnd + 1, end) });
    offset = end;
  }
  return entries;
}

// Git compares the name of a tree as if it ended with a slash: the order of the paths below it.
function sortKey(entry: TreeEntry): string {
  return entry.mode === "040000" ? `${entry.name}/` : entry.name;
}

function encodeEntry({ name, mode, oid }: TreeEntry, format: ObjectFormat): Buffer {
  if (name === "" || /[/\0]/.test(name)) {
    throw new GitHubSdkError(
      "internal_error",
      `Internal error: ${JSON.stringify(name)} is not a valid name of a tree entry.`,
    );
  }
  const id = Buffer.from(oid, "hex");
  if (id.length !== OBJECT_ID_BYTES[format] || oid.length !== 2 * id.length) {
    throw new GitHubSdkError("internal_error", `Internal error: ${oid} is not a ${format} object id.`);
  }
  return Buffer.concat([Buffer.from(`${mode.replace(/^0/, "")} ${name}\0`), id]);
}
