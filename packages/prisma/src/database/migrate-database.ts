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
    return await migrate(connection, providerOf(location), schemaOf(location));
  } finally {
    await connection.dispose();
  }
}

/** Returns the PostgreSQL schema of the tables, so that the session's search_path does not matter. */
function schemaOf(location: DatabaseLocation): string | undefined {
  if (location.kind === "postgresql") return location.schema;
  return location.kind === "pglite" ? "public" : undefined;
}
