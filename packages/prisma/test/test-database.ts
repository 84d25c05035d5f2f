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

// In memory where the system has such a folder: a database waits for the disk at every write.
const SCRATCH = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A migrated database of one test file's own. */
export interface TestDatabase {
  readonly url: string;
  readonly client: GeneratedClient;
  /** Stores on the one client; without a clock they go by the database's. */
  stores(clock?: Clock): PrismaStores;
  /** Stores on a second client, as another process has it; on the same client where there can be no second one. */
  otherStores(clock?: Clock): PrismaStores;
  sql(...statements: string[]): Promise<void>;
  /** Takes everything out. */
  clear(): Promise<void>;
  /** Closes and removes it. */
  remove(): Promise<void>;
}

/** A PostgreSQL in this process's memory. */
export function pgliteDatabase(): Promise<TestDatabase> {
  return inScratchFolder((folder) => `pglite:${join(folder, "database")}`);
}

/** An SQLite database in a temporary file. */
export function sqliteDatabase(): Promise<TestDatabase> {
  return inScratchFolder((folder) => `file:${join(folder, "test.db")}`);
}

/** A new migrated database on the server that the URL names. */
export async function serverDatabase(serverUrl: string): Promise<TestDatabase> {
  const { url, drop } = await emptyServerDatabase(serverUrl);
  return open(url, drop);
}

/** A new database with no tables on the server that the URL names. */
export async function emptyServerDatabase(serverUrl: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `infrajet_test_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  // Only the tests' speed: what the disk has after a power failure is no matter here.
  if (url.protocol.startsWith("postgres"))
    await onServer(serverUrl, `ALTER DATABASE ${name} SET synchronous_commit = off`);
  return { url: url.href, drop: () => onServer(serverUrl, `DROP DATABASE ${name}`) };
}

async function inScratchFolder(urlIn: (folder: string) => string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(SCRATCH, "infrajet-prisma-"));
  return open(urlIn(folder), () => rm(folder, { recursive: true }));
}

async function open(url: string, drop: () => Promise<void>): Promise<TestDatabase> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const driver = await loadDriver(location);
  await migrateDatabase(driver.adapter, location);
  const client = await generatedClient(provider, driver.adapter);
  const second =
    location.kind === "pglite" ? client : await generatedClient(provider, (await loadDriver(location)).adapter);
  const on = (used: GeneratedClient, clock?: Clock): PrismaStores =>
    prismaStores(used, clock === undefined ? {} : { clock });
  const sql = async (...statements: string[]): Promise<void> => {
    const connection = await driver.adapter.connect();
    for (const text of statements) await connection.executeRaw(statement(text));
    await connection.dispose();
  };
  return {
    ...{ url, client, sql },
    stores: (clock) => on(client, clock),
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

/** In one transaction: the disk is waited for once. */
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
    await tables.gitHubSyncRecord.deleteMany(everything);
    await tables.gitHubSyncSums.deleteMany(everything);
  });
}

async function onServer(serverUrl: string, sql: string): Promise<void> {
  const { adapter } = await loadDriver(parseDatabaseUrl(serverUrl));
  const connection = await adapter.connect();
  await connection.executeRaw(statement(sql));
  await connection.dispose();
}
