import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";
import type { Provider } from "../store-database.js";
import { bundledMigrations, checksumOf, type Migration, statementsOf } from "./migration.js";
import { MIGRATION_DIALECTS, type MigrationDialect } from "./migration-dialect.js";
import { type SqlConnection, type SqlQueryable, type SqlTransaction, statement } from "./sql-connection.js";

const BUSY_PATIENCE = 60_000;
const BUSY_PAUSE = 50;

// A table, a column, an index: https://mariadb.com/kb/en/mariadb-error-code-reference/
const MYSQL_IS_THERE = ["1050", "1060", "1061"];

const driverErrorSchema = z.object({ cause: z.object({ kind: z.string(), originalCode: z.string().optional() }) });

const recordSchema = z.object({
  id: z.string(),
  checksum: z.string(),
  migration_name: z.string(),
  is_finished: z.coerce.number(),
  applied_steps_count: z.coerce.number(),
});
type MigrationRecord = z.infer<typeof recordSchema>;

/**
 * Applies the pending migrations of this package and returns their names. One process at a time migrates a database. Records
 * them in `_prisma_migrations`, so that `prisma migrate` can be used interchangeably.
 *
 * On PostgreSQL and SQLite all pending migrations are one transaction. MySQL commits each schema change by itself: there the
 * applied statements are counted, and the next run continues after the last one.
 *
 * @throws GitHubSdkError `store_failed` when a statement fails or another process has migrated for more than a minute
 */
export async function migrate(connection: SqlConnection, provider: Provider, schema?: string): Promise<string[]> {
  const dialect = MIGRATION_DIALECTS[provider];
  for (const deadline = Date.now() + BUSY_PATIENCE; ; ) {
    try {
      if (dialect.setting !== null) await connection.queryRaw(statement(dialect.setting));
      return await inTransaction(connection, dialect, schema, (transaction) => apply(transaction, provider, dialect));
    } catch (error) {
      // SQLite reports another connection's write lock at once instead of waiting for it.
      if (!(provider === "sqlite" && isBusy(error) && Date.now() < deadline)) throw migrationFailed(error);
      await pause(BUSY_PAUSE);
    }
  }
}

async function inTransaction<Result>(
  connection: SqlConnection,
  dialect: MigrationDialect,
  schema: string | undefined,
  work: (transaction: SqlQueryable) => Promise<Result>,
): Promise<Result> {
  const transaction = await connection.startTransaction();
  try {
    for (const lock of dialect.lock) assertLocked(await transaction.queryRaw(statement(lock)));
    if (schema !== undefined) await enterSchema(transaction, schema);
    const result = await work(transaction);
    if (dialect.unlock !== null) await transaction.queryRaw(statement(dialect.unlock));
    await end(transaction, "COMMIT");
    return result;
  } catch (error) {
    if (dialect.unlock !== null) await transaction.queryRaw(statement(dialect.unlock)).catch(() => undefined);
    await end(transaction, "ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Selects a PostgreSQL schema. Creates it only when it is missing, because creating schemas may not be permitted. */
async function enterSchema(transaction: SqlQueryable, schema: string): Promise<void> {
  const name = `"${schema.replaceAll('"', '""')}"`;
  const text = `'${schema.replaceAll("'", "''")}'`;
  const { rows } = await transaction.queryRaw(statement(`SELECT 1 FROM pg_namespace WHERE nspname = ${text}`));
  if (rows.length === 0) await transaction.executeRaw(statement(`CREATE SCHEMA ${name}`));
  await transaction.executeRaw(statement(`SET LOCAL search_path TO ${name}`));
}

async function apply(transaction: SqlQueryable, provider: Provider, dialect: MigrationDialect): Promise<string[]> {
  await transaction.executeRaw(statement(dialect.table));
  if (dialect.lockTable !== null) await transaction.executeRaw(statement(dialect.lockTable));
  const records = await readRecords(transaction);
  const applied: string[] = [];
  for (const migration of bundledMigrations(provider)) {
    const record = records.find(({ migration_name }) => migration_name === migration.name);
    if (record !== undefined) assertSame(record, migration);
    if (record?.is_finished === 1) continue;
    await applyOne(transaction, dialect, migration, record);
    applied.push(migration.name);
  }
  return applied;
}

async function applyOne(
  transaction: SqlQueryable,
  { now }: MigrationDialect,
  migration: Migration,
  begun: MigrationRecord | undefined,
): Promise<void> {
  const id = begun?.id ?? randomUUID();
  const run = (sql: string): Promise<number> => transaction.executeRaw(statement(sql));
  if (begun === undefined) {
    const values = [`'${id}'`, `'${checksumOf(migration)}'`, `'${migration.name}'`, now, "0"];
    await run(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count) VALUES (${values.join(", ")})`,
    );
  }
  const done = begun?.applied_steps_count ?? 0;
  for (const [index, sql] of statementsOf(migration).entries()) {
    if (index < done) continue;
    await run(sql).catch((error: unknown) => {
      // The earlier run may have ended between the statement and its count.
      if (!(begun !== undefined && index === done && isThere(error))) throw error;
    });
    await run(`UPDATE _prisma_migrations SET applied_steps_count = ${index + 1} WHERE id = '${id}'`);
  }
  // Prisma counts a migration as one step.
  await run(`UPDATE _prisma_migrations SET finished_at = ${now}, applied_steps_count = 1 WHERE id = '${id}'`);
}

async function readRecords(transaction: SqlQueryable): Promise<MigrationRecord[]> {
  const isFinished = "CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END AS is_finished";
  const columns = `id, checksum, migration_name, ${isFinished}, applied_steps_count`;
  const { columnNames, rows } = await transaction.queryRaw(
    statement(`SELECT ${columns} FROM _prisma_migrations WHERE rolled_back_at IS NULL`),
  );
  return rows.map((row) =>
    recordSchema.parse(Object.fromEntries(columnNames.map((name, index) => [name, row[index]]))),
  );
}

function assertSame({ checksum }: MigrationRecord, migration: Migration): void {
  if (checksum === checksumOf(migration)) return;
  throw new GitHubSdkError(
    "store_failed",
    `The database contains a different migration named ${migration.name}: the file was changed after it was copied. Restore the package's file and put your changes into a migration of your own.`,
  );
}

// GET_LOCK returns 0 when it times out.
function assertLocked({ rows }: { readonly rows: unknown[][] }): void {
  if (String(rows[0]?.[0] ?? "") !== "0") return;
  throw new GitHubSdkError("store_failed", "Another process has been migrating the database for a minute. Try again.");
}

async function end(transaction: SqlTransaction, how: "COMMIT" | "ROLLBACK"): Promise<void> {
  if (!transaction.options.usePhantomQuery) await transaction.executeRaw(statement(how));
  await (how === "COMMIT" ? transaction.commit() : transaction.rollback());
}

function isBusy(error: unknown): boolean {
  return driverErrorOf(error)?.kind === "SocketTimeout";
}

function isThere(error: unknown): boolean {
  return MYSQL_IS_THERE.includes(driverErrorOf(error)?.originalCode ?? "");
}

/** Returns the database error that a driver adapter reports. */
function driverErrorOf(error: unknown): z.infer<typeof driverErrorSchema>["cause"] | undefined {
  return driverErrorSchema.safeParse(error).data?.cause;
}

function migrationFailed(error: unknown): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  return new GitHubSdkError(
    "store_failed",
    "The database could not be migrated. See `cause` for the database's error.",
    {
      cause: error,
    },
  );
}
