import { performance } from "node:perf_hooks";
import { parseDatabaseUrl, providerOf } from "../../src/database/database-url.js";
import { loadDriver } from "../../src/database/driver-adapter.js";
import { generatedClient } from "../../src/database/generated-client.js";
import { type PrismaStores, prismaStores } from "../../src/prisma-stores.js";
import type { Provider } from "../../src/store-database.js";
import { recordingAdapter, type SentStatement } from "../recording-adapter.js";

const CALLS = 20;

const EXPLAIN: Readonly<Record<Provider, string>> = {
  postgresql: "EXPLAIN",
  mysql: "EXPLAIN",
  sqlite: "EXPLAIN QUERY PLAN",
};

/** The durations of calls in milliseconds, and the query plans of their statements. */
export interface Measurement {
  /** The first call, which connects and prepares the statement. Not part of the other figures. */
  readonly first: number;
  readonly fastest: number;
  readonly median: number;
  readonly worst: number;
  readonly plans: readonly QueryPlan[];
}

/** A query with its plan. */
export interface QueryPlan {
  readonly sql: string;
  readonly plan: readonly string[];
}

/** Stores whose queries are measured and explained. */
export interface MeasuredStores {
  readonly stores: PrismaStores;
  /** Calls once to warm up, then twenty times, and explains the statements with the arguments of the last call. */
  measure(call: () => Promise<unknown>): Promise<Measurement>;
  close(): Promise<void>;
}

/** Opens stores on a database with a driver that records the statements. */
export async function measuredStores(url: string): Promise<MeasuredStores> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const { adapter, close } = await loadDriver(location);
  const sent = new Map<string, SentStatement>();
  const client = await generatedClient(
    provider,
    recordingAdapter(adapter, (query) => sent.set(query.sql, query)),
  );
  const explaining = await adapter.connect();
  const planOf = async (query: SentStatement): Promise<QueryPlan> => {
    const { columnNames, rows } = await explaining.queryRaw({ ...query, sql: `${EXPLAIN[provider]} ${query.sql}` });
    const line = (row: readonly unknown[]): string =>
      columnNames.length === 1 ? String(row[0]) : row.filter((cell) => cell !== null).join(" | ");
    return { sql: query.sql, plan: rows.map(line) };
  };
  return {
    stores: prismaStores(client),
    async measure(call) {
      sent.clear();
      const time = async (): Promise<number> => {
        const began = performance.now();
        await call();
        return performance.now() - began;
      };
      const first = await time();
      const times: number[] = [];
      while (times.length < CALLS) times.push(await time());
      times.sort((a, b) => a - b);
      const [fastest = Number.NaN] = times;
      const plans: QueryPlan[] = [];
      for (const query of sent.values()) if (isExplained(query.sql)) plans.push(await planOf(query));
      return { first, fastest, median: times[CALLS / 2] ?? Number.NaN, worst: times.at(-1) ?? Number.NaN, plans };
    },
    async close() {
      await explaining.dispose();
      await client.$disconnect();
      await close();
    },
  };
}

// The query for the database's time is left out.
function isExplained(sql: string): boolean {
  return sql.includes("github_");
}
