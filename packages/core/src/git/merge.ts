import { isUtf8 } from "node:buffer";
import type { FileMode } from "../domain/project-file.js";
import { alignLines } from "./line-alignment.js";

/** Bytes that each side of a text merge may have. Source code is far below it; generated data merges badly line by line. */
export const MAX_MERGE_BYTES = 4 * 1024 * 1024;

/** Lines that each side of a text merge may have: the host's event loop waits while they are compared. */
export const MAX_MERGE_LINES = 50_000;

/** Lines that a side may add and remove in a text merge: time and memory grow with the square of it (16 MB at this bound). */
export const MAX_MERGE_EDITS = 2_000;

/** The three versions of one file. */
export interface MergeSides {
  /** What both sides began from. */
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

/** The merged text, or why there is none. */
export type TextMerge =
  | { readonly clean: true; readonly bytes: Uint8Array }
  /** How many stretches of lines both sides changed, each in its own way. */
  | { readonly clean: false; readonly reason: "overlap"; readonly conflicts: number }
  /** One version is no UTF-8 text or has a NUL, or one is over the `MAX_MERGE_` bounds. */
  | { readonly clean: false; readonly reason: "binary" | "too_large" };

/**
 * Merges two changed versions of a text, line by line and byte for byte: line endings and a missing one at the end of the
 * file are a part of their line. Where only one side differs from the base, or both are the same, that side is the result,
 * whatever it holds.
 *
 * Changes conflict when they overlap or touch, as in `git merge-file`, unless both sides made the same one. It errs on the
 * side of a conflict: where the lines repeat so much that it cannot be told which of them changed, and for anything but UTF-8
 * (git merges any bytes without a NUL among the first 8000, which tears UTF-16 apart). The content of a symbolic link is no
 * text; do not merge it.
 *
 * @see https://git-scm.com/docs/git-merge-file
 */
export function mergeText({ base, ours, theirs }: MergeSides): TextMerge {
  if (isSame(ours, theirs) || isSame(base, theirs)) return { clean: true, bytes: ours };
  if (isSame(base, ours)) return { clean: true, bytes: theirs };
  const sides = [base, ours, theirs];
  if (!sides.every(isText)) return { clean: false, reason: "binary" };
  if (sides.some(isTooLarge)) return { clean: false, reason: "too_large" };
  return mergeLines(splitLines(base), splitLines(ours), splitLines(theirs));
}

/** Whether a version can be merged at all: UTF-8 text within the bounds of {@link mergeText}. */
export function isMergeable(bytes: Uint8Array): boolean {
  return isText(bytes) && !isTooLarge(bytes);
}

/**
 * Merges the modes of two changed versions of a file: the changed one, or the one that both have. `null` when the two
 * contradict each other.
 *
 * @param base `null` when the file is new on both sides.
 */
export function mergeMode(base: FileMode | null, ours: FileMode, theirs: FileMode): FileMode | null {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : null;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && isUtf8(bytes);
}

function isTooLarge(bytes: Uint8Array): boolean {
  if (bytes.byteLength > MAX_MERGE_BYTES) return true;
  let lines = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, end + 1)) lines++;
  return lines > MAX_MERGE_LINES;
}

const LINE_FEED = 10;

/** The lines of a text with their endings, one character a byte. */
function splitLines(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function mergeLines(base: readonly string[], ours: readonly string[], theirs: readonly string[]): TextMerge {
  const numbers = new Map<string, number>();
  const baseLines = numberLines(base, numbers);
  const keptByOurs = alignLines(baseLines, numberLines(ours, numbers), MAX_MERGE_EDITS);
  const keptByTheirs = alignLines(baseLines, numberLines(theirs, numbers), MAX_MERGE_EDITS);
  if (keptByOurs === null || keptByTheirs === null) return { clean: false, reason: "too_large" };
  const merged: string[] = [];
  let conflicts = 0;
  for (const { from, to } of stretches(keptByOurs, keptByTheirs, ours.length, theirs.length)) {
    const stretch = mergeStretch(
      base.slice(from.base, to.base),
      ours.slice(from.ours, to.ours),
      theirs.slice(from.theirs, to.theirs),
    );
    if (stretch === null) conflicts++;
    else merged.push(stretch.join(""));
  }
  if (conflicts > 0) return { clean: false, reason: "overlap", conflicts };
  return { clean: true, bytes: Buffer.from(merged.join(""), "latin1") };
}

/** Lines as numbers, equal lines as equal ones. */
function numberLines(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  });
}

/** A line in each of the three versions. */
interface Position {
  readonly base: number;
  readonly ours: number;
  readonly theirs: number;
}

/** Parts the three versions into stretches that are kept on both sides and stretches that are not, in turn. */
function* stretches(keptByOurs: Int32Array, keptByTheirs: Int32Array, ourLength: number, theirLength: number) {
  const end: Position = { base: keptByOurs.length, ours: ourLength, theirs: theirLength };
  let from: Position = { base: 0, ours: 0, theirs: 0 };
  while (from.base < end.base || from.ours < end.ours || from.theirs < end.theirs) {
    const to = afterKept(from, keptByOurs, keptByTheirs);
    const next = nextKept(to, keptByOurs, keptByTheirs) ?? end;
    yield { from, to };
    yield { from: to, to: next };
    from = next;
  }
}

function afterKept(from: Position, keptByOurs: Int32Array, keptByTheirs: Int32Array): Position {
  let { base, ours, theirs } = from;
  while (base < keptByOurs.length && keptByOurs[base] === ours && keptByTheirs[base] === theirs) {
    base++;
    ours++;
    theirs++;
  }
  return { base, ours, theirs };
}

function nextKept(from: Position, keptByOurs: Int32Array, keptByTheirs: Int32Array): Position | null {
  for (let base = from.base; base < keptByOurs.length; base++) {
    const ours = keptByOurs[base] ?? -1;
    const theirs = keptByTheirs[base] ?? -1;
    if (ours !== -1 && theirs !== -1) return { base, ours, theirs };
  }
  return null;
}

function mergeStretch(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): readonly string[] | null {
  if (isSameLines(ours, theirs) || isSameLines(base, theirs)) return ours;
  return isSameLines(base, ours) ? theirs : null;
}

function isSameLines(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}
