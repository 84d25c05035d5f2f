import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import type { DatabaseLocation } from "./database-url.js";
import { type Driver, loadDriver } from "./driver-adapter.js";
import { FolderLock } from "./folder-lock.js";

/**
 * The driver of a database, which gives an embedded one's folder back when it is closed.
 *
 * @throws GitHubSdkError `invalid_options` for a driver that is not installed; `store_failed` when an embedded database's
 * folder is in use by another process
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

/** Makes the folder of a database in a file, and takes the lock of one that serves a single process. */
async function prepare(location: DatabaseLocation): Promise<FolderLock | null> {
  if (location.kind === "sqlite") await mkdir(dirname(location.url.slice("file:".length)), { recursive: true });
  return location.kind === "pglite" ? FolderLock.acquire(location.folder) : null;
}
