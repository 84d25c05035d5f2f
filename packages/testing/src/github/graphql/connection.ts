/** Returns a page of a GraphQL connection (`first`/`after`, `last`/`before`). Cursors are positions. */
export function connection<T>(
  all: readonly T[],
  page: { first?: number | null; after?: string | null; last?: number | null; before?: string | null },
): Record<string, unknown> {
  const start = page.after == null ? 0 : readCursor(page.after) + 1;
  const end = page.before == null ? all.length : readCursor(page.before);
  const window = all.slice(start, end);
  const cut = page.first != null ? window.slice(0, page.first) : page.last != null ? window.slice(-page.last) : window;
  const from = page.first == null && page.last != null ? end - cut.length : start;
  return {
    nodes: cut,
    totalCount: all.length,
    pageInfo: {
      startCursor: cut.length === 0 ? null : writeCursor(from),
      endCursor: cut.length === 0 ? null : writeCursor(from + cut.length - 1),
      hasNextPage: from + cut.length < all.length,
      hasPreviousPage: from > 0,
    },
  };
}

function writeCursor(index: number): string {
  return Buffer.from(`cursor:${index}`).toString("base64");
}

function readCursor(cursor: string): number {
  return Number(Buffer.from(cursor, "base64").toString().replace("cursor:", ""));
}
