import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import { migrate } from "../migrations/migrate.js";
import { type DatabaseLocation, providerOf } from "./database-url.js";

/** Applies this package's migrations through a driver adapter. @throws GitHubSdkError `store_failed` when one fails */
export async function migrateDatabase(
  adapter: SqlDriverAdapterFactory,
  location: DatabaseLocation,
): Promise<readonly string[]> {
  const connection = await adapter.connect();
  try {
    const schema = location.kind === "postgresql" && location.schema !== "public" ? location.schema : undefined;
    return await migrate(connection, providerOf(location), schema);
  } finally {
    await connection.dispose();
  }
}
