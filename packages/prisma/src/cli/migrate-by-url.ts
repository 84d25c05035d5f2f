import { GitHubSdkError } from "@infrajet/github/errors";
import { parseDatabaseUrl } from "../database/database-url.js";
import { migrateDatabase } from "../database/migrate-database.js";
import { openDriver } from "../database/open-driver.js";

/**
 * Applies the migrations to the database that a URL names, and says which. By the driver alone: a host's Prisma client may
 * be of another version than the one that this package brings along.
 *
 * @throws GitHubSdkError `invalid_options` without a URL or for a wrong one, `store_failed`
 */
export async function migrateByUrl(url: string | undefined, say: (line: string) => void): Promise<void> {
  if (url === undefined || url === "") {
    throw new GitHubSdkError("invalid_options", "Set DATABASE_URL, or say --url, such as postgresql://user@host/name.");
  }
  const location = parseDatabaseUrl(url);
  const driver = await openDriver(location);
  try {
    const applied = await migrateDatabase(driver.migrator, location);
    for (const name of applied) say(`applied  ${name}`);
    if (applied.length === 0) say("The database has every migration already.");
  } finally {
    await driver.close();
  }
}
