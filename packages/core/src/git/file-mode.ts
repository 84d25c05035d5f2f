import type { FileMode } from "../domain/project-file.js";
import type { ObjectType } from "./object-id.js";

/** What a tree entry can be: a file's mode, a submodule (`160000`, a commit of another repository) or a subtree. */
export type EntryMode = FileMode | "160000" | "040000";

/** Whether a mode is one that a project's file may have. */
export function isFileMode(mode: string): mode is FileMode {
  return mode === "100644" || mode === "100755" || mode === "120000";
}

/**
 * A mode as git writes it today. Old trees hold others, such as `100664`: as git does, a file counts as executable when
 * its owner may execute it, and what is no file, link or tree counts as a submodule. `null` when it is no octal number.
 *
 * @param mode Octal digits, `40000` and `040000` alike.
 */
export function normalizeMode(mode: string): EntryMode | null {
  if (!/^[0-7]{1,7}$/.test(mode)) return null;
  const bits = Number.parseInt(mode, 8);
  switch (bits & 0o170000) {
    case 0o100000:
      return (bits & 0o100) === 0 ? "100644" : "100755";
    case 0o120000:
      return "120000";
    case 0o040000:
      return "040000";
    default:
      return "160000";
  }
}

/** The kind of object that an entry of that mode names. */
export function objectTypeOf(mode: EntryMode): Exclude<ObjectType, "tag"> {
  if (mode === "040000") return "tree";
  return mode === "160000" ? "commit" : "blob";
}
