import { createHash } from "node:crypto";
import type { ObjectId } from "../domain/repository.js";

/**
 * A file beside the one that a write swaps, which listings skip:
 *
 * - `new`: the content to write, perhaps incomplete.
 * - `aside`: the replaced version.
 * - `claimed-new`, `claimed-aside`: complete content that is about to take the place of an empty file, on a file system without hard
 *   links.
 */
export type HiddenKind = "new" | "aside" | "claimed-new" | "claimed-aside";

/** The parts of a hidden file's name: all that is needed to finish the write after a crash. */
export interface HiddenName {
  readonly kind: HiddenKind;
  /** A digest of the operation. */
  readonly operation: string;
  /** A digest of the name of the file to write, which can have the longest length itself. */
  readonly file: string;
  readonly keep: "aside" | "drop";
  /** The expected version; `null` for none. */
  readonly oid: ObjectId | null;
}

const PREFIX = ".infrajet-";
const NAME =
  /^\.infrajet-([0-9a-f]{16})-([0-9a-f]{32})-(new|aside|claimed-new|claimed-aside)-(aside|drop)-([0-9a-f]{40}|[0-9a-f]{64}|none)$/;

/** Returns the name of a hidden file. It has at most 140 bytes. */
export function hiddenName({ kind, operation, file, keep, oid }: HiddenName): string {
  return `${PREFIX}${operation}-${file}-${kind}-${keep}-${oid ?? "none"}`;
}

/** Returns the parts of a hidden file's name, or `null` for a name of another file. */
export function parseHiddenName(name: string): HiddenName | null {
  if (!name.startsWith(PREFIX)) return null;
  const [, operation, file, kind, keep, oid] = NAME.exec(name) ?? [];
  if (operation === undefined || file === undefined || oid === undefined) return null;
  if (!isKind(kind) || (keep !== "aside" && keep !== "drop")) return null;
  return { kind, operation, file, keep, oid: oid === "none" ? null : oid };
}

/** Returns the digest of an operation in hidden names. */
export function operationDigest(operation: string): string {
  return digest(operation).slice(0, 16);
}

/** Returns the digest of a file's name in hidden names. */
export function fileDigest(name: string): string {
  return digest(name).slice(0, 32);
}

/**
 * Returns true when a write of one of these names is not finished, so that a file is missing, or empty, which is not.
 *
 * @param names all names of a directory
 */
export function isBetweenVersions(names: readonly string[]): boolean {
  const hidden = names.map(parseHiddenName).filter((name) => name !== null && name.kind !== "new");
  if (hidden.length === 0) return false;
  const files = new Set(names.map(fileDigest));
  return hidden.some((name) => name !== null && (name.kind !== "aside" || !files.has(name.file)));
}

function isKind(kind: string | undefined): kind is HiddenKind {
  return kind === "new" || kind === "aside" || kind === "claimed-new" || kind === "claimed-aside";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
