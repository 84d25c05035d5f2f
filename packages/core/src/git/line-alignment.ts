import { shortestEdit } from "./shortest-edit.js";

/**
 * Finds the lines of a text that a changed version still contains. Returns for each line of `base` the index of its line in
 * `side`, or -1; returns `null` if more than `limit` lines differ.
 *
 * Several shortest edits often exist, and a merge may differ for each. So the edit is searched from both ends, changes that
 * can slide along equal lines are placed where git places them, and only lines on which both searches agree count as kept.
 */
export function alignLines(base: Int32Array, side: Int32Array, limit: number): Int32Array | null {
  const fromStart = shortestEdit(base, side, limit);
  const fromEnd = shortestEdit(base.toReversed(), side.toReversed(), limit);
  if (fromStart === null || fromEnd === null) return null;
  const one = slideChanges(base, side, fromStart);
  const other = slideChanges(base, side, mirror(fromEnd, side.length));
  return one.map((line, index) => (line === other[index] ? line : -1));
}

function mirror(kept: Int32Array, sideLength: number): Int32Array {
  return kept.toReversed().map((line) => (line === -1 ? -1 : sideLength - 1 - line));
}

/**
 * Places each run of changed lines where git's diff places it: as far down as it can slide along equal lines, but beside a
 * change of the other text where it can reach one.
 */
function slideChanges(base: Int32Array, side: Int32Array, kept: Int32Array): Int32Array {
  const { gone, come } = changedRuns(kept, side.length);
  slideRuns(base, gone, come);
  slideRuns(side, come, gone);
  return keptLines(gone, come, base.length);
}

/** Returns the numbers of removed and added lines before each kept line, and after the last. */
function changedRuns(kept: Int32Array, sideLength: number): { readonly gone: number[]; readonly come: number[] } {
  const gone: number[] = [];
  const come: number[] = [];
  let baseEnd = 0;
  let sideEnd = 0;
  for (const [index, line] of kept.entries()) {
    if (line === -1) continue;
    gone.push(index - baseEnd);
    come.push(line - sideEnd);
    baseEnd = index + 1;
    sideEnd = line + 1;
  }
  return { gone: [...gone, kept.length - baseEnd], come: [...come, sideLength - sideEnd] };
}

function keptLines(gone: readonly number[], come: readonly number[], baseLength: number): Int32Array {
  const kept = new Int32Array(baseLength).fill(-1);
  let base = 0;
  let side = 0;
  for (let gap = 0; gap < gone.length - 1; gap++) {
    base += gone[gap] ?? 0;
    side += come[gap] ?? 0;
    kept[base++] = side++;
  }
  return kept;
}

/** Slides the runs of one text, changing their lengths in place; `others` are the runs of the other text between the same lines. */
function slideRuns(lines: Int32Array, runs: number[], others: readonly number[]): void {
  let start = 0;
  for (let gap = 0; gap < runs.length; gap++) {
    if ((runs[gap] ?? 0) > 0) {
      const run = new Run(lines, runs, gap, start);
      run.place(others);
      gap = run.gap;
      start = run.start;
    }
    start += (runs[gap] ?? 0) + 1;
  }
}

/** A sliding run of changed lines. It merges with a run that it meets. */
class Run {
  readonly #lines: Int32Array;
  readonly #runs: number[];
  /** The number of kept lines before it. */
  #gap: number;
  /** The index of its first line. */
  #start: number;

  constructor(lines: Int32Array, runs: number[], gap: number, start: number) {
    this.#lines = lines;
    this.#runs = runs;
    this.#gap = gap;
    this.#start = start;
  }

  /** The number of kept lines before it. */
  get gap(): number {
    return this.#gap;
  }

  /** The index of its first line. */
  get start(): number {
    return this.#start;
  }

  /** Slides up and down as far as possible, merging with the runs that it meets, to its final place. */
  place(others: readonly number[]): void {
    const isBesideChange = () => (others[this.#gap] ?? 0) > 0;
    let canMeetChange: boolean;
    let length: number;
    do {
      length = this.length;
      while (this.slideUp()) {}
      canMeetChange = isBesideChange();
      while (this.slideDown()) canMeetChange ||= isBesideChange();
    } while (this.length !== length);
    while (canMeetChange && !isBesideChange() && this.slideUp()) {}
  }

  private get length(): number {
    return this.#runs[this.#gap] ?? 0;
  }

  /** Moves one line up: the kept line above swaps with the equal last line of the run. */
  private slideUp(): boolean {
    const length = this.length;
    if (this.#gap === 0 || this.#lines[this.#start - 1] !== this.#lines[this.#start + length - 1]) return false;
    this.#runs[this.#gap--] = 0;
    const met = this.length;
    this.#runs[this.#gap] = met + length;
    this.#start -= met + 1;
    return true;
  }

  /** Moves one line down: the kept line below swaps with the equal first line of the run. */
  private slideDown(): boolean {
    const length = this.length;
    if (this.#gap === this.#runs.length - 1 || this.#lines[this.#start] !== this.#lines[this.#start + length])
      return false;
    this.#runs[this.#gap++] = 0;
    this.#runs[this.#gap] = this.length + length;
    this.#start++;
    return true;
  }
}
