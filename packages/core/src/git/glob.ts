/** Stands for any number of items, also for none. */
export const ANY_RUN = Symbol("any run");

/**
 * Whether a pattern stands for the whole of a list.
 *
 * Going back to the last run alone is enough: an earlier one cannot help where a later one has failed, since that could have
 * taken the same items. So the time is bounded by the product of both lengths, whatever the pattern is.
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
