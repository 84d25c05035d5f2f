import type { Provider } from "../store-database.js";

/** The SQL for locking and recording migrations on one provider. Lock names and columns are those of `prisma migrate`. */
export interface MigrationDialect {
  /** Runs before the transaction: a persistent database setting. */
  readonly setting: string | null;
  /** Runs first in the transaction. No other process, including `prisma migrate`, migrates until the transaction ends. */
  readonly lock: readonly string[];
  readonly table: string;
  /** Runs after `table`, where the lock is a write lock on that table. */
  readonly lockTable: string | null;
  readonly now: string;
  /** Releases a lock that outlives the transaction. */
  readonly unlock: string | null;
}

// The lock of prisma migrate: https://github.com/prisma/prisma-engines, sql-schema-connector.
const POSTGRESQL_LOCK = 72_707_369;
const MYSQL_LOCK = "prisma_migrate";

/** The dialect of each provider. */
export const MIGRATION_DIALECTS: Readonly<Record<Provider, MigrationDialect>> = {
  postgresql: {
    setting: null,
    lock: ["SET LOCAL lock_timeout = '60s'", `SELECT pg_advisory_xact_lock(${POSTGRESQL_LOCK})::text`],
    table: `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
)`,
    lockTable: null,
    now: "now()",
    unlock: null,
  },
  mysql: {
    setting: null,
    lock: [`SELECT GET_LOCK('${MYSQL_LOCK}', 60)`],
    table: `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at DATETIME(3),
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at DATETIME(3),
    started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    lockTable: null,
    now: "UTC_TIMESTAMP(3)",
    unlock: `SELECT RELEASE_LOCK('${MYSQL_LOCK}')`,
  },
  sqlite: {
    // In WAL mode readers do not wait for the writer: https://sqlite.org/wal.html
    setting: "PRAGMA journal_mode = WAL",
    lock: [],
    table: `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id TEXT PRIMARY KEY NOT NULL,
    checksum TEXT NOT NULL,
    finished_at DATETIME,
    migration_name TEXT NOT NULL,
    logs TEXT,
    rolled_back_at DATETIME,
    started_at DATETIME NOT NULL DEFAULT current_timestamp,
    applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
)`,
    lockTable: "DELETE FROM _prisma_migrations WHERE 1 = 0",
    now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    unlock: null,
  },
};
