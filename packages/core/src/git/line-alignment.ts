import { shortestEdit } from "./shortest-edit.js";

/**
 * Which lines of a text are still there in a changed version of it: for each line of `base` the index of the line of `side`
 * that it is, or -1. `null` when more than `limit` lines differ.
 *
 * Often there are several shortest edits, and a merge may come out differently for each. So the edit is looked for from both
 * ends, changes that could slide along equal lines are put where git puts them, and only lines that both then agree on count
 * as still there.
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
 * Puts every run of changed lines where git's diff puts it: as far down as it slides along equal lines, but beside a change
 * of the other text where it can get there.
 */
function slideChanges(base: Int32Array, side: Int32Array, kept: Int32Array): Int32Array {
  const { gone, come } = changedRuns(kept, side.length);
  slideRuns(base, gone, come);
  slideRuns(side, come, gone);
  return keptLines(gone, come, base.length);
}

/** How many lines went and came before each kept line, and after the last. */
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

/** Slides the runs of one text, whose lengths change in place; `others` are the runs of the other text between the same lines. */
function slideRuns(lines: Int32Array, runs: number[], others: readonly number[]): void {
  let start = 0;
  for (let gap = 0; gap < runs.length; gap++) {
    if ((runs[gap] ?? 0) > 0) {
      const run = new Run(lines, runs, gap, start);
      run.settle(others);
      gap = run.gap;
      start = run.start;
    }
    start += (runs[gap] ?? 0) + 1;
  }
}

/** A run of changed lines on the move. Where it meets another run the two go on as one. */
class Run {
  constructor(
    private readonly lines: Int32Array,
    private readonly runs: number[],
    /** How many kept lines are before it. */
    public gap: number,
    /** Its first line. */
    public start: number,
  ) {}

  /** Slides all the way up and down, taking in what it meets, and comes to rest. */
  settle(others: readonly number[]): void {
    const isBesideChange = () => (others[this.gap] ?? 0) > 0;
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
    return this.runs[this.gap] ?? 0;
  }

  /** Moves one line up: the kept line above changes places with the run's last line, its equal. */
  private slideUp(): boolean {
    const length = this.length;
    if (this.gap === 0 || this.lines[this.start - 1] !== this.lines[this.start + length - 1]) return false;
    this.runs[this.gap--] = 0;
    const met = this.length;
    this.runs[this.gap] = met + length;
    this.start -= met + 1;
    return true;
  }

  /** Moves one line down: the kept line below changes places with the run's first line, its equal. */
  private slideDown(): boolean {
    const length = this.length;
    if (this.gap === this.runs.length - 1 || this.lines[this.start] !== this.lines[this.start + length]) return false;
    this.runs[this.gap++] = 0;
    this.runs[this.gap] = this.length + length;
    this.start++;
    return true;
  }
}
