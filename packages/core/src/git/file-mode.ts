import type { FileMode } from "../domain/project-file.js";
import type { ObjectType } from "./object-id.js";

/** The mode of a tree entry: that of a file, a submodule (`160000`, a commit of another repository) or a subtree. */
export type EntryMode = FileMode | "160000" | "040000";

/** Returns true if a file of a project can have the mode. */
export function isFileMode(mode: string): mode is FileMode {
  return mode === "100644" || mode === "100755" || mode === "120000";
}

/**
 * Converts a mode to the form that git writes today; returns `null` if it is not an octal number.
 *
 * Old trees contain other modes, such as `100664`. As in git, a file is executable if its owner may execute it, and an entry
 * that is not a file, link or tree is a submodule.
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

/** Returns the type of the object that an entry with the mode refers to. */
export function objectTypeOf(mode: EntryMode): Exclude<ObjectType, "tag"> {
  if (mode === "040000") return "tree";
  return mode === "160000" ? "commit" : "blob";
}
