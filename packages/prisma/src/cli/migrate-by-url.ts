import { GitHubSdkError } from "@infrajet/github/errors";
import { parseDatabaseUrl } from "../database/database-url.js";
import { migrateDatabase } from "../database/migrate-database.js";
import { openDriver } from "../database/open-driver.js";

/**
 * Applies pending migrations to the database at a URL and prints their names. Uses only the driver, because the host's
 * `@prisma/client` may have another version than the bundled Prisma client requires.
 *
 * @throws GitHubSdkError `invalid_options` when the URL is missing or invalid, `store_failed` when a migration fails
 */
export async function migrateByUrl(url: string | undefined, print: (line: string) => void): Promise<void> {
  if (url === undefined || url === "") {
    throw new GitHubSdkError(
      "invalid_options",
      "Set DATABASE_URL or pass --url, for example postgresql://user@host/name.",
    );
  }
  const location = parseDatabaseUrl(url);
  const driver = await openDriver(location);
  try {
    const applied = await migrateDatabase(driver.migrator, location);
    for (const name of applied) print(`applied  ${name}`);
    if (applied.length === 0) print("No pending migrations.");
  } finally {
    await driver.close();
  }
}
