import { isUtf8 } from "node:buffer";
import type { FileMode } from "../domain/project-file.js";
import { alignLines } from "./line-alignment.js";

/** The largest size of each side of a text merge, in bytes. Source code is far smaller; generated data merges badly by lines. */
export const MAX_MERGE_BYTES = 4 * 1024 * 1024;

/** The largest number of lines of each side of a text merge, since comparing them blocks the event loop. */
export const MAX_MERGE_LINES = 50_000;

/** The largest number of lines that a side may add and remove: time and memory grow with its square (16 MB at this limit). */
export const MAX_MERGE_EDITS = 2_000;

/** The three versions of one file. */
export interface MergeSides {
  /** The common ancestor of both sides. */
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}

/** The merged text, or the reason for a conflict. */
export type TextMerge =
  | { readonly clean: true; readonly bytes: Uint8Array }
  /** The number of regions that the sides changed differently. */
  | { readonly clean: false; readonly reason: "overlap"; readonly conflicts: number }
  /** A version is not UTF-8 text or contains a NUL, or exceeds the `MAX_MERGE_` limits. */
  | { readonly clean: false; readonly reason: "binary" | "too_large" };

/**
 * Merges two changed versions of a text by lines. Line endings, also a missing one at the end of the file, are a part of their
 * line. If only one side differs from the base, or both are equal, that side is the result, whatever its content.
 *
 * Changes conflict when they overlap or touch, as in `git merge-file`, unless both sides made the same change. Two cases
 * conflict although git may merge them: lines that repeat so much that the changed ones are ambiguous, and content that is not
 * UTF-8 (git merges any bytes without a NUL in the first 8000, which corrupts UTF-16). Do not merge the content of a symbolic
 * link, which is not text.
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

/** Returns true if a version can be merged: UTF-8 text within the limits of {@link mergeText}. */
export function isMergeable(bytes: Uint8Array): boolean {
  return isText(bytes) && !isTooLarge(bytes);
}

/**
 * Merges the modes of two changed versions of a file. Returns the changed mode or the common one, or `null` for a conflict.
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

/** Returns true for UTF-8 text without a NUL. */
export function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && isUtf8(bytes);
}

function isTooLarge(bytes: Uint8Array): boolean {
  if (bytes.byteLength > MAX_MERGE_BYTES) return true;
  let lines = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, end + 1)) lines++;
  return lines > MAX_MERGE_LINES;
}

const LINE_FEED = 10;

/** Returns the lines of a text with their endings, one character per byte. */
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
  for (const { from, to } of regions(keptByOurs, keptByTheirs, ours.length, theirs.length)) {
    const region = mergeRegion(
      base.slice(from.base, to.base),
      ours.slice(from.ours, to.ours),
      theirs.slice(from.theirs, to.theirs),
    );
    if (region === null) conflicts++;
    else merged.push(region.join(""));
  }
  if (conflicts > 0) return { clean: false, reason: "overlap", conflicts };
  return { clean: true, bytes: Buffer.from(merged.join(""), "latin1") };
}

/** Converts lines to numbers, equal lines to equal numbers. */
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

/** Splits the three versions into regions that both sides kept and regions that they did not, alternately. */
function* regions(keptByOurs: Int32Array, keptByTheirs: Int32Array, ourLength: number, theirLength: number) {
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

function mergeRegion(
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
