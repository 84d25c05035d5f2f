import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@infrajet/github/adapters";
import { parseDatabaseUrl, providerOf } from "../src/database/database-url.js";
import { loadDriver } from "../src/database/driver-adapter.js";
import { type GeneratedClient, generatedClient } from "../src/database/generated-client.js";
import { migrateDatabase } from "../src/database/migrate-database.js";
import { statement } from "../src/migrations/sql-connection.js";
import { type PrismaStores, prismaStores } from "../src/prisma-stores.js";
import type { WarningLogger } from "../src/store-database.js";

// In memory where possible, because a database waits for the disk at every write.
const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A migrated database for one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly client: GeneratedClient;
  /** Returns stores on the first client. The clock defaults to the database's. */
  stores(clock?: Clock, logger?: WarningLogger): PrismaStores;
  /** Returns stores on a second client, like another process. PGlite supports only one client, so there it is the first. */
  otherStores(clock?: Clock): PrismaStores;
  sql(...statements: string[]): Promise<void>;
  /** Deletes all rows. */
  clear(): Promise<void>;
  /** Closes the clients and drops the database. */
  remove(): Promise<void>;
}

/** Settings of a database and of its sessions. */
export interface DatabaseSettings {
  /** The end of `CREATE DATABASE name …`. */
  readonly create?: string;
  /** Run in the empty database. */
  readonly sql?: readonly string[];
  /** Defaults of sessions by name, for PostgreSQL. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Run in each session, for MariaDB. */
  readonly initSql?: string;
}

/** Creates an embedded PostgreSQL in a temporary folder. */
export function pgliteDatabase(settings: DatabaseSettings = {}): Promise<TestDatabase> {
  return inScratchFolder((folder) => `pglite:${join(folder, "database")}`, settings);
}

/** Creates an SQLite database in a temporary file. */
export function sqliteDatabase(settings: DatabaseSettings = {}): Promise<TestDatabase> {
  return inScratchFolder((folder) => `file:${join(folder, "test.db")}`, settings);
}

/** Creates a migrated database on a server. */
export async function serverDatabase(serverUrl: string, settings: DatabaseSettings = {}): Promise<TestDatabase> {
  const { url, drop } = await emptyServerDatabase(serverUrl, settings);
  return open(url, drop);
}

/** Creates a database without tables on a server. */
export async function emptyServerDatabase(
  serverUrl: string,
  { create = "", sql = [], defaults = {}, initSql }: DatabaseSettings = {},
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `infrajet_test_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await runSql(serverUrl, `CREATE DATABASE ${name} ${create}`);
  if (url.protocol.startsWith("postgres")) {
    // For speed: tests do not depend on durability after a power failure.
    const all = Object.entries({ ...defaults, synchronous_commit: "off" });
    await runSql(serverUrl, ...all.map(([setting, value]) => `ALTER DATABASE ${name} SET ${setting} = ${value}`));
  }
  if (initSql !== undefined) url.search = `?initSql=${encodeURIComponent(initSql)}`;
  await runSql(url.href, ...sql);
  return { url: url.href, drop: () => runSql(serverUrl, `DROP DATABASE ${name}`) };
}

async function inScratchFolder(
  urlIn: (folder: string) => string,
  { sql = [] }: DatabaseSettings,
): Promise<TestDatabase> {
  const folder = await mkdtemp(join(SCRATCH, "infrajet-prisma-"));
  const url = urlIn(folder);
  if (sql.length > 0) await runSql(url, ...sql);
  return open(url, () => rm(folder, { recursive: true }));
}

async function open(url: string, drop: () => Promise<void>): Promise<TestDatabase> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const driver = await loadDriver(location);
  await migrateDatabase(driver.adapter, location);
  const client = await generatedClient(provider, driver.adapter);
  const second =
    location.kind === "pglite" ? client : await generatedClient(provider, (await loadDriver(location)).adapter);
  const on = (used: GeneratedClient, clock?: Clock, logger?: WarningLogger): PrismaStores =>
    prismaStores(used, { ...(clock === undefined ? {} : { clock }), ...(logger === undefined ? {} : { logger }) });
  const sql = async (...statements: string[]): Promise<void> => {
    const connection = await driver.adapter.connect();
    if (provider === "postgresql") await connection.executeRaw(statement("SET search_path TO public"));
    for (const text of statements) await connection.executeRaw(statement(text));
    await connection.dispose();
  };
  return {
    ...{ url, client, sql },
    stores: (clock, logger) => on(client, clock, logger),
    otherStores: (clock) => on(second, clock),
    clear: () => clear(client),
    async remove() {
      await client.$disconnect();
      await second.$disconnect();
      await driver.close();
      await drop();
    },
  };
}

/** Deletes all rows in one transaction, so that the disk is waited for once. */
async function clear(client: GeneratedClient): Promise<void> {
  await client.$transaction(async (tables) => {
    const everything = { where: {} };
    await tables.gitHubConnection.deleteMany(everything);
    await tables.gitHubOAuthState.deleteMany(everything);
    await tables.gitHubInstallation.deleteMany(everything);
    await tables.gitHubInstallationBinding.deleteMany(everything);
    await tables.gitHubInstallationRepository.deleteMany(everything);
    await tables.gitHubDelivery.deleteMany(everything);
    await tables.gitHubLease.deleteMany(everything);
    await tables.gitHubBaseline.deleteMany(everything);
    await tables.gitHubConflictResolution.deleteMany(everything);
    await tables.gitHubSyncRecord.deleteMany(everything);
    await tables.gitHubChangeCounter.deleteMany(everything);
    await tables.gitHubSyncSums.deleteMany(everything);
    await tables.gitHubProjectLink.deleteMany(everything);
  });
}

async function runSql(url: string, ...statements: readonly string[]): Promise<void> {
  const { adapter, close } = await loadDriver(parseDatabaseUrl(url));
  const connection = await adapter.connect();
  for (const sql of statements) await connection.executeRaw(statement(sql));
  await connection.dispose();
  await close();
}
