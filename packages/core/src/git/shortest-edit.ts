/**
 * Finds a shortest edit from one text to another. Returns for each line of `from` the index of its line in `to`, or -1 for a
 * removed line; returns `null` if more than `limit` lines are removed or added.
 *
 * Time grows with the length times the difference, memory with the square of the difference, however often lines repeat. Lines
 * are numbers, equal lines equal numbers.
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
 * Returns the furthest index in `from` after that many edits, on each diagonal from `-edits` (only added lines) to `edits` (only
 * removed lines). Every other diagonal is unreachable and stays 0.
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

/** Returns the edit that gets furthest on a diagonal, and its end: an added line keeps `x`, a removed one increments it. */
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
