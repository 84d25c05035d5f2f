import { dirname } from "node:path";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import type { DatabaseLocation } from "./database-url.js";
import { type Driver, loadDriver } from "./driver-adapter.js";
import { FolderLock } from "./folder-lock.js";
import { makeFolder } from "./make-folder.js";

/**
 * The driver of a database, which gives an embedded one's folder back when it is closed.
 *
 * @throws GitHubSdkError `invalid_options` for a driver that is not installed; `store_failed` when a database's folder
 * cannot be made, or an embedded database's is in use by another process
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
    throw new GitHubSdkError("store_failed", "The database could not be opened. Its own message is in the cause.", {
      cause: error,
    });
  }
}

/** Makes the folder of a database in files, and takes the lock of one that serves a single process. */
async function prepare(location: DatabaseLocation): Promise<FolderLock | null> {
  if (location.kind === "sqlite") await makeFolder(dirname(location.url.slice("file:".length)));
  if (location.kind !== "pglite") return null;
  await makeFolder(location.folder);
  return FolderLock.acquire(location.folder);
}
