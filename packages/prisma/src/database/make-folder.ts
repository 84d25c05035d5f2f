import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";

/**
 * Creates a directory and its missing parents. Creates them one by one, because Node's `recursive: true` never returns below
 * a directory that rejects new entries, such as /proc.
 *
 * @throws GitHubSdkError `store_failed` when a directory cannot be created; the message names it
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (await isFolder(path)) return;
    throw new GitHubSdkError("store_failed", `The folder ${path} cannot be created.`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
