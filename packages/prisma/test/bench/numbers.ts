import type { TestDatabase } from "../test-database.js";

const PLACES = Array.from({ length: 4 }, (_, place) => place);

const ROWS_AT_ONCE = 10 ** PLACES.length;

/** Does a work with the table that {@link numbers} reads: every kind of database counts by itself in another way. */
export async function withDigits(sql: TestDatabase["sql"], work: () => Promise<void>): Promise<void> {
  const rows = Array.from({ length: 10 }, (_, digit) => `(${digit})`).join(", ");
  await sql("CREATE TABLE bench_digits (digit INTEGER PRIMARY KEY)", `INSERT INTO bench_digits VALUES ${rows}`);
  await work();
  await sql("DROP TABLE bench_digits");
}

/** A query for the next 10,000 numbers. */
export function numbers(first: number): string {
  const sum = [first, ...PLACES.map((place) => `${10 ** place} * d${place}.digit`)].join(" + ");
  return `SELECT ${sum} AS number FROM ${PLACES.map((place) => `bench_digits d${place}`).join(", ")}`;
}

/** Calls with the first number of every batch below the count. */
export async function inBatches(count: number, work: (first: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += ROWS_AT_ONCE) await work(first);
}
