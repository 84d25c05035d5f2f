import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { parseDatabaseUrl } from "../src/database/database-url.js";
import { loadDriver } from "../src/database/driver-adapter.js";
import { type Database, openDatabase } from "../src/database/open-database.js";
import { bundledMigrations, statementsOf } from "../src/migrations/migration.js";
import { statement } from "../src/migrations/sql-connection.js";
import { emptyServerDatabase } from "./test-database.js";

const postgresql = process.env.INFRAJET_TEST_POSTGRES_URL;
const mysql = process.env.INFRAJET_TEST_MYSQL_URL;

/** Run in reverse order. */
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function emptyDatabase(server: string | undefined): Promise<string> {
  const { url, drop } = await emptyServerDatabase(server ?? "");
  cleanups.push(drop);
  return url;
}

async function open(url: string): Promise<Database> {
  const database = await openDatabase(url);
  cleanups.push(() => database.close());
  return database;
}

async function query(url: string, ...statements: string[]): Promise<unknown[][]> {
  const connection = await (await loadDriver(parseDatabaseUrl(url))).adapter.connect();
  try {
    let rows: unknown[][] = [];
    for (const sql of statements) ({ rows } = await connection.queryRaw(statement(sql)));
    return rows;
  } finally {
    await connection.dispose();
  }
}

describe.each([
  { name: "PostgreSQL", server: postgresql },
  { name: "MariaDB", server: mysql },
])("Database.migrate on $name", ({ server }) => {
  it.skipIf(server === undefined)(
    "applies a migration once when several connections migrate at the same time",
    async () => {
      const url = await emptyDatabase(server);
      const databases = await Promise.all([open(url), open(url), open(url)]);
      const applied = await Promise.all(databases.map((database) => database.migrate()));
      expect(applied.flat()).toEqual(bundledMigrations(databases[0].provider).map(({ name }) => name));
      expect(await databases[0].stores.locks.acquire("works", 1_000)).not.toBeNull();
    },
  );
});

describe.skipIf(postgresql === undefined)("Database.migrate in a PostgreSQL schema", () => {
  it("creates a missing schema and all tables in it", async () => {
    const url = await emptyDatabase(postgresql);
    const database = await open(`${url}?schema=${encodeURIComponent("host's github")}`);
    expect(await database.migrate()).not.toEqual([]);
    expect(await database.migrate()).toEqual([]);
    expect(await database.stores.locks.acquire("works", 1_000)).not.toBeNull();
    const schemas =
      "SELECT DISTINCT schemaname::text FROM pg_tables WHERE tablename LIKE 'github%' OR tablename LIKE '_prisma%'";
    expect(await query(url, schemas)).toEqual([["host's github"]]);
  });
});

const TABLES =
  "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'github%' ORDER BY table_name";

describe.skipIf(mysql === undefined)("Database.migrate after an interruption on MariaDB", () => {
  // The process ended after or before the third statement was counted.
  it.each([3, 2])(
    "continues a migration that was interrupted after 3 statements, %d of them counted",
    async (counted) => {
      const url = await emptyDatabase(mysql);
      const database = await open(url);
      await database.migrate();
      const [migration] = bundledMigrations("mysql");
      const statements = migration === undefined ? [] : statementsOf(migration);
      const tables = async (): Promise<string[]> =>
        z
          .array(z.tuple([z.string()]))
          .parse(await query(url, TABLES))
          .flat();
      const complete = await tables();
      await query(
        url,
        `DROP TABLE ${complete.join(", ")}`,
        ...statements.slice(0, 3),
        `DELETE FROM _prisma_migrations WHERE migration_name <> '${migration?.name}'`,
        `UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = ${counted}`,
      );
      expect(await database.migrate()).toEqual(bundledMigrations("mysql").map(({ name }) => name));
      expect(await database.migrate()).toEqual([]);
      expect(await tables()).toEqual(complete);
    },
  );

  it("continues the migration of sync records when it was interrupted before its first statement was counted", async () => {
    const url = await emptyDatabase(mysql);
    const database = await open(url);
    await database.migrate();
    const [, migration] = bundledMigrations("mysql");
    await query(
      url,
      "DROP INDEX github_sync_records_status_not_before_idx ON github_sync_records",
      "DROP INDEX github_sync_records_user_key_status_idx ON github_sync_records",
      `UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0 WHERE migration_name = '${migration?.name}'`,
    );
    expect(await database.migrate()).toEqual([migration?.name]);
    expect(await database.stores.records.unfinished(0, 10)).toEqual([]);
  });

  it("passes URL parameters with spaces to the driver", async () => {
    const url = `${await emptyDatabase(mysql)}?initSql=${encodeURIComponent("SET @given = 'with two spaces'")}`;
    expect(await query(url, "SELECT @given")).toEqual([["with two spaces"]]);
  });
});
