/** Matches any number of items, including none. */
export const ANY_RUN = Symbol("any run");

/**
 * Returns true if a pattern matches a whole list.
 *
 * Backtracking to the last run is enough: an earlier run cannot succeed where a later one failed, since that could match the
 * same items. So the time is at most the product of both lengths.
 */
export function matchesGlob<Pattern, Item>(
  pattern: readonly (Pattern | typeof ANY_RUN)[],
  items: readonly Item[],
  accepts: (part: Pattern, item: Item) => boolean,
): boolean {
  let part = 0;
  let run: { readonly part: number; readonly item: number } | null = null;
  for (let index = 0; index < items.length; ) {
    const wanted = pattern[part];
    const item = items[index];
    if (wanted === ANY_RUN) {
      run = { part, item: index };
      part += 1;
    } else if (wanted !== undefined && item !== undefined && accepts(wanted, item)) {
      part += 1;
      index += 1;
    } else {
      if (run === null) return false;
      run = { part: run.part, item: run.item + 1 };
      part = run.part + 1;
      index = run.item;
    }
  }
  while (pattern[part] === ANY_RUN) part += 1;
  return part === pattern.length;
}
