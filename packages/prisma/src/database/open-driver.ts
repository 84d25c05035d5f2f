import { dirname } from "node:path";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import type { DatabaseLocation } from "./database-url.js";
import { type Driver, loadDriver } from "./driver-adapter.js";
import { FolderLock } from "./folder-lock.js";
import { makeFolder, makePrivateFile, makePrivateFolder } from "./make-folder.js";

/**
 * Opens the driver of a database. Closing it also releases the folder of an embedded database.
 *
 * @throws GitHubSdkError `invalid_options` when the driver is not installed; `store_failed` when the folder cannot be
 * created or another process uses the embedded database
 */
export async function openDriver(location: DatabaseLocation): Promise<Driver> {
  const lock = await prepare(location);
  try {
    const driver = await loadDriver(location);
    return {
      ...driver,
      async close() {
        await driver.close();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    if (isGitHubSdkError(error)) throw error;
    throw new GitHubSdkError("store_failed", "The database could not be opened. See `cause` for the driver's error.", {
      cause: error,
    });
  }
}

/** Creates the files of a file-based database for its owner only, and locks the folder of an embedded one. */
async function prepare(location: DatabaseLocation): Promise<FolderLock | null> {
  if (location.kind === "sqlite") {
    const path = location.url.slice("file:".length);
    await makeFolder(dirname(path));
    // SQLite gives its other files the mode of the database file. An unusable path is reported when the database is opened.
    await makePrivateFile(path).catch(() => undefined);
  }
  if (location.kind !== "pglite") return null;
  await makePrivateFolder(location.folder);
  return FolderLock.acquire(location.folder);
}
