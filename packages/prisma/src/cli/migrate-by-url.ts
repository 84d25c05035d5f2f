import { GitHubSdkError } from "@infrajet/github/errors";
import { openDatabase } from "../database/open-database.js";

/**
 * Applies the migrations to the database that a URL names, and says which.
 *
 * @throws GitHubSdkError `invalid_options` without a URL or for a wrong one, `store_failed`
 */
export async function migrateByUrl(url: string | undefined, say: (line: string) => void): Promise<void> {
  if (url === undefined || url === "") {
    throw new GitHubSdkError("invalid_options", "Set DATABASE_URL, or say --url, such as postgresql://user@host/name.");
  }
  const database = await openDatabase(url);
  try {
    const applied = await database.migrate();
    for (const name of applied) say(`applied  ${name}`);
    if (applied.length === 0) say("The database has every migration already.");
  } finally {
    await database.close();
  }
}
