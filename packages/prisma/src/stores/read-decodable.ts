const ROWS_AT_ONCE = 100;

/**
 * Reads rows until `count` of them are decoded or there are no more, so that rows which cannot be decoded do not shorten a page.
 *
 * @param read returns at most `take` rows after the last one that was read
 * @param decode returns `null` for a row to skip
 */
export async function readDecodable<Row, Value>(
  count: number,
  read: (last: Row | null, take: number) => Promise<readonly Row[]>,
  decode: (row: Row) => Value | null,
): Promise<Value[]> {
  const values: Value[] = [];
  for (let last: Row | null = null; values.length < count; ) {
    const take = Math.min(count - values.length, ROWS_AT_ONCE);
    const rows: readonly Row[] = await read(last, take);
    for (const row of rows) {
      const value = decode(row);
      if (value !== null) values.push(value);
    }
    if (rows.length < take) break;
    last = rows.at(-1) ?? null;
  }
  return values;
}
