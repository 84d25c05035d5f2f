/**
 * Which lines stay in a shortest way to turn one text into another: for each line of `from` the index of the line of `to`
 * that it becomes, or -1 when it goes. `null` when more than `limit` lines go or come.
 *
 * Time grows with the length times the difference, memory with the square of the difference; how often a line repeats
 * does not matter. Both texts are lines as numbers, equal lines as equal numbers.
 *
 * @see http://www.xmailserver.org/diff2.pdf (E. Myers, "An O(ND) Difference Algorithm and Its Variations")
 */
export function shortestEdit(from: Int32Array, to: Int32Array, limit: number): Int32Array | null {
  const rounds: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    const round = furthestPoints(rounds.at(-1), edits, from, to);
    rounds.push(round);
    const end = round[from.length - to.length + edits];
    if (end !== undefined && end >= from.length) return traceBack(rounds, from.length, to.length);
  }
  return null;
}

/**
 * How far into `from` one gets with that many edits, on each diagonal from `-edits` (all lines came) to `edits` (all went).
 * Every other diagonal cannot be reached and stays 0.
 */
function furthestPoints(previous: Int32Array | undefined, edits: number, from: Int32Array, to: Int32Array): Int32Array {
  const points = new Int32Array(2 * edits + 1);
  for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
    let x = previous === undefined ? 0 : lastEdit(previous, diagonal, edits).x;
    let y = x - diagonal;
    while (x < from.length && y < to.length && from[x] === to[y]) {
      x++;
      y++;
    }
    points[diagonal + edits] = x;
  }
  return points;
}

/** The edit that gets furthest onto a diagonal, and where it ends: a line that comes keeps `x`, one that goes moves it on. */
function lastEdit(
  previous: Int32Array,
  diagonal: number,
  edits: number,
): { readonly x: number; readonly comes: boolean } {
  const going = previous[diagonal + edits - 2] ?? -1;
  const coming = previous[diagonal + edits] ?? -1;
  return going < coming ? { x: coming, comes: true } : { x: going + 1, comes: false };
}

function traceBack(rounds: readonly Int32Array[], fromLength: number, toLength: number): Int32Array {
  const kept = new Int32Array(fromLength).fill(-1);
  let x = fromLength;
  let y = toLength;
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const previous = rounds[edits - 1];
    const edit = previous === undefined ? { x: 0, comes: false } : lastEdit(previous, x - y, edits);
    while (x > edit.x) kept[--x] = --y;
    if (edit.comes) y--;
    else x--;
  }
  return kept;
}
