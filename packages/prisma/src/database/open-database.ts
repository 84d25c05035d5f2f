import type { Clock } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { type PrismaStores, prismaStores } from "../prisma-stores.js";
import type { Provider, WarningLogger } from "../store-database.js";
import { parseDatabaseUrl, providerOf } from "./database-url.js";
import type { Driver } from "./driver-adapter.js";
import { type GeneratedClient, generatedClient } from "./generated-client.js";
import { migrateDatabase } from "./migrate-database.js";
import { openDriver } from "./open-driver.js";

/** A database opened with a Prisma client that is bundled with this package. */
export interface Database {
  readonly provider: Provider;
  /** Every store of the SDK, for the option `stores` of `createGitHubSdk`. */
  readonly stores: PrismaStores;
  /**
   * Applies pending migrations under a lock and returns their names.
   *
   * @throws GitHubSdkError `store_failed` when a migration fails
   */
  migrate(): Promise<readonly string[]>;
  /** Closes all connections and releases the folder of an embedded database. */
  close(): Promise<void>;
}

/** Options of {@link openDatabase}. */
export interface OpenDatabaseOptions {
  /** A clock for tests. Defaults to the database's clock. */
  readonly clock?: Clock;
  /** Receives a warning for each stored row that is skipped because it cannot be decoded. Defaults to no logging. */
  readonly logger?: WarningLogger;
}

/**
 * Opens a database for a host without a Prisma client of its own: `postgresql://…`, `mysql://…` (also MariaDB), `file:PATH`
 * (SQLite), or `pglite:FOLDER` (PostgreSQL embedded in this process, with its data in that folder).
 *
 * @throws GitHubSdkError `invalid_options` when the URL is invalid, the driver is not installed or `@prisma/client` is not
 * version 7; `store_failed` when the folder cannot be created or another process uses the embedded database
 */
export async function openDatabase(url: string, options: OpenDatabaseOptions = {}): Promise<Database> {
  const location = parseDatabaseUrl(url);
  const provider = providerOf(location);
  const driver = await openDriver(location);
  const client = await loadClient(provider, driver);
  return {
    provider,
    stores: prismaStores(client, { ...options, provider }),
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
      "The bundled Prisma client requires @prisma/client 7.10 or a later 7.x. Run: npm install @prisma/client@7",
      { cause: error },
    );
  }
}
