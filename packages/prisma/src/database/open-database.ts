import type { Clock } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { type PrismaStores, prismaStores } from "../prisma-stores.js";
import type { Provider } from "../store-database.js";
import { parseDatabaseUrl, providerOf } from "./database-url.js";
import type { Driver } from "./driver-adapter.js";
import { type GeneratedClient, generatedClient } from "./generated-client.js";
import { migrateDatabase } from "./migrate-database.js";
import { openDriver } from "./open-driver.js";

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
 * @throws GitHubSdkError `invalid_options` for another URL, a driver that is not installed or another `@prisma/client` than 7;
 * `store_failed` when a database's folder cannot be made, or an embedded database's is in use by another process
 */
export async function openDatabase(url: string, options: OpenDatabaseOptions = {}): Promise<Database> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const driver = await openDriver(location);
  const client = await loadClient(provider, driver);
  return {
    provider,
    stores: prismaStores(client, { provider, ...(options.clock === undefined ? {} : { clock: options.clock }) }),
    migrate: () => migrateDatabase(driver.migrator, location),
    async close() {
      await client.$disconnect();
      await driver.close();
    },
  };
}

async function loadClient(provider: Provider, driver: Driver): Promise<GeneratedClient> {
  try {
    return await generatedClient(provider, driver.adapter);
  } catch (error) {
    await driver.close();
    throw new GitHubSdkError(
      "invalid_options",
      "The client that this package brings along needs @prisma/client 7.10 or a later 7.x: npm install @prisma/client@7",
      { cause: error },
    );
  }
}
