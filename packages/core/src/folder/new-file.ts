import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import type { NewContent } from "../adapters/project-files.js";
import { verifiedContent } from "../domain/blob-hash.js";
import { errorCode, isGone } from "./file-error.js";

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes a regular file whole, so that it survives a power failure, or leaves nothing.
 *
 * @param location where nothing is, or a file that a crashed process left behind
 * @param permissions the permission bits; `null` for those of new files
 * @throws ContentFailure, GitHubSdkError `internal_error` for other content, the file system's error, the signal's reason
 */
export async function writeNewFile(
  location: string,
  content: NewContent,
  permissions: number | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const initial = content.mode === "100755" ? 0o777 : 0o666;
  const handle = await open(location, FLAGS, initial).catch(async (error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error;
    await unlink(location);
    return open(location, FLAGS, initial);
  });
  try {
    try {
      for await (const piece of verifiedContent(content, content.bytes())) {
        signal?.throwIfAborted();
        await handle.writeFile(piece);
      }
      signal?.throwIfAborted();
      if (permissions !== null) await handle.chmod(permissions);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await removeIfThere(location).catch(() => {});
    throw error;
  }
}

/** Deletes a file, if it exists. */
export async function removeIfThere(location: string): Promise<void> {
  try {
    await unlink(location);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
