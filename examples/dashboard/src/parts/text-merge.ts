import { diffIndices, merge } from "node-diff3";

/** Longer texts are shown without highlights: comparing them would block the page. */
const MOST_LINES = 4_000;

/** Returns the numbers of the lines of `text` that are not in `base`, from 0. */
export function changedLines(base: readonly string[], text: readonly string[]): ReadonlySet<number> {
  if (Math.max(base.length, text.length) > MOST_LINES) return new Set();
  const changes = diffIndices([...base], [...text]);
  return new Set(
    changes.flatMap(({ buffer2: [start, length] }) => Array.from({ length }, (_, index) => start + index)),
  );
}

/** Returns the merge of both texts. Where both changed the same lines, it has git's conflict markers. */
export function mergedText(base: string, ours: string, theirs: string): string {
  // A missing line at the end would be a difference of its own.
  const [a, o, b] = [linesOf(whole(ours)), linesOf(whole(base)), linesOf(whole(theirs))];
  if (Math.max(a.length, o.length, b.length) > MOST_LINES) return ours;
  const label = { a: "project", b: "branch" };
  return merge<string>(a, o, b, { label, excludeFalseConflicts: true })
    .result.map((line) => `${line}\n`)
    .join("");
}

/** True while a text has conflict markers. */
export function hasMarkers(text: string): boolean {
  return /^(<{7}|={7}|>{7})( |$)/m.test(text);
}

export function linesOf(text: string): string[] {
  return text.split("\n");
}

function whole(text: string): string {
  return text.replace(/\n$/, "");
}
