import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { FileLock, type FileLockHolder } from "@infrajet/github/folder";
import type { DatabaseLocation } from "./database-url.js";
import { type Driver, loadDriver } from "./driver-adapter.js";
import { makeFolder, makePrivateFolder } from "./private-folder.js";

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

/** Creates an empty SQLite file with mode 0600, which SQLite's other files inherit. The driver reports an unusable path. */
async function makePrivateFile(path: string): Promise<void> {
  await open(path, "a", 0o600).then(
    (file) => file.close(),
    () => undefined,
  );
}

/** Creates the folder of a file-based database and locks the folder of an embedded one. */
async function prepare(location: DatabaseLocation): Promise<FileLock | null> {
  if (location.kind === "sqlite") {
    const path = location.url.slice("file:".length);
    await makeFolder(dirname(path));
    await makePrivateFile(path);
  }
  if (location.kind !== "pglite") return null;
  await makePrivateFolder(location.folder);
  return lockFolder(location.folder);
}

/** Locks the folder of an embedded database, which supports one process, with a file beside it. */
function lockFolder(folder: string): Promise<FileLock> {
  const path = join(dirname(folder), `${basename(folder)}.lock`);
  return FileLock.acquire(path, { held: (holder) => inUse(folder, path, holder) });
}

function inUse(folder: string, path: string, holder: FileLockHolder | null): GitHubSdkError {
  const who = holder === null ? "another process" : `process ${holder.pid} on ${holder.host}`;
  return new GitHubSdkError(
    "store_failed",
    `The database folder ${folder} is in use by ${who}. An embedded database supports one process. Stop that process, or use a PostgreSQL server for several. If no process uses the folder, remove ${path}.`,
  );
}
