import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { type PrismaStores, prismaStores } from "../prisma-stores.js";
import type { Provider } from "../store-database.js";
import { type DatabaseLocation, parseDatabaseUrl, providerOf } from "./database-url.js";
import { loadDriver } from "./driver-adapter.js";
import { FolderLock } from "./folder-lock.js";
import { generatedClient } from "./generated-client.js";
import { migrateDatabase } from "./migrate-database.js";

/** A database that this package opened itself, with a Prisma client of its own. */
export interface Database {
  readonly provider: Provider;
  /** Every store of the SDK, for the option `stores` of `createGitHubSdk`. */
  readonly stores: PrismaStores;
  /**
   * Applies the migrations that the database does not have yet, under a lock; gives back their names.
   *
   * @throws GitHubSdkError `store_failed`
   */
  migrate(): Promise<readonly string[]>;
  /** Ends all connections, and gives an embedded database's folder back. */
  close(): Promise<void>;
}

/** What {@link openDatabase} can be told. */
export interface OpenDatabaseOptions {
  /** Tells the time in place of the database: for tests. */
  readonly clock?: Clock;
}

/**
 * Opens a database for a host that has no Prisma client of its own: `postgresql://…`, `mysql://…` (MariaDB too), `file:PATH`
 * (SQLite), or `pglite:FOLDER`, a PostgreSQL that runs inside this process and keeps its data in that folder.
 *
 * @throws GitHubSdkError `invalid_options` for another URL or a driver that is not installed; `store_failed` when an embedded
 * database's folder is in use by another process
 */
export async function openDatabase(url: string, options: OpenDatabaseOptions = {}): Promise<Database> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const lock = await prepare(location);
  try {
    const driver = await loadDriver(location);
    const client = await generatedClient(provider, driver.adapter);
    return {
      provider,
      stores: prismaStores(client, { provider, ...(options.clock === undefined ? {} : { clock: options.clock }) }),
      migrate: () => migrateDatabase(driver.adapter, location),
      async close() {
        await client.$disconnect();
        await driver.close();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    if (isGitHubSdkError(error)) throw error;
    throw new GitHubSdkError("store_failed", "The database could not be opened. Its own message is in the cause.", {
      cause: error,
    });
  }
}

/** Makes the folder of a database in a file, and takes the lock of one that serves a single process. */
async function prepare(location: DatabaseLocation): Promise<FolderLock | null> {
  if (location.kind === "sqlite") await mkdir(dirname(location.url.slice("file:".length)), { recursive: true });
  return location.kind === "pglite" ? FolderLock.acquire(location.folder) : null;
}
