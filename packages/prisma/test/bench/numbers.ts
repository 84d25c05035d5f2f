import type { TestDatabase } from "../test-database.js";

const PLACES = Array.from({ length: 4 }, (_, place) => place);

const ROWS_AT_ONCE = 10 ** PLACES.length;

/** Runs `work` with a table of digits, from which {@link numbers} counts the same way on every database. */
export async function withDigits(sql: TestDatabase["sql"], work: () => Promise<void>): Promise<void> {
  const rows = Array.from({ length: 10 }, (_, digit) => `(${digit})`).join(", ");
  await sql("CREATE TABLE bench_digits (digit INTEGER PRIMARY KEY)", `INSERT INTO bench_digits VALUES ${rows}`);
  await work();
  await sql("DROP TABLE bench_digits");
}

/** Returns a query for 10,000 numbers from `first` on. */
export function numbers(first: number): string {
  const sum = [first, ...PLACES.map((place) => `${10 ** place} * d${place}.digit`)].join(" + ");
  return `SELECT ${sum} AS number FROM ${PLACES.map((place) => `bench_digits d${place}`).join(", ")}`;
}

/** Calls `work` with the first number of every batch below `count`. */
export async function inBatches(count: number, work: (first: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += ROWS_AT_ONCE) await work(first);
}
