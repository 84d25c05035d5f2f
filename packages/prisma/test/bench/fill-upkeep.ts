import { parseDatabaseUrl, providerOf } from "../../src/database/database-url.js";
import type { Provider } from "../../src/store-database.js";
import type { TestDatabase } from "../test-database.js";
import { inBatches, numbers, withDigits } from "./numbers.js";

/** SQL for a number of seconds after the beginning of 2026, in the format that Prisma stores. */
const SECOND: Readonly<Record<Provider, (number: string) => string>> = {
  postgresql: (number) => `TIMESTAMP '2026-01-01' + (${number}) * INTERVAL '1 second'`,
  mysql: (number) => `TIMESTAMP '2026-01-01 00:00:00' + INTERVAL (${number}) SECOND`,
  sqlite: (number) => `strftime('%Y-%m-%dT%H:%M:%f+00:00', '2026-01-01', (${number}) || ' seconds')`,
};

/** Fills the tables that are cleaned up: one row per table for every second from the beginning of 2026. */
export async function fillUpkeep({ url, sql }: TestDatabase, count: number): Promise<void> {
  const second = SECOND[providerOf(parseDatabaseUrl(url))];
  const key = "CAST(number AS CHAR(64))";
  const time = second("number");
  const status =
    "CASE WHEN number % 100 = 0 THEN 'failed' WHEN number % 1000 = 1 THEN 'in_progress' ELSE 'completed' END";
  const rows = {
    github_oauth_states: [key, key, "'7'", key, "'oauth'", "NULL", "NULL", "'b'", time, "'r'"],
    github_deliveries: [key, key, "'push'", key, time, status, "1", second("number + 60"), "NULL"],
    github_baselines: [key, "'https://api.github.com'", "number", "'main'", key, "''", "NULL", "NULL", "1", time],
  };
  await withDigits(sql, () =>
    inBatches(count, async (first) => {
      for (const [table, values] of Object.entries(rows))
        await sql(`INSERT INTO ${table} SELECT ${values.join(", ")} FROM (${numbers(first)}) numbers`);
    }),
  );
}
