import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";

/**
 * Makes a folder and those above it, unless they are there. Step by step: Node's own `recursive` never comes back where a folder
 * exists that none can be made in, such as /proc.
 *
 * @throws GitHubSdkError `store_failed` naming the folder
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Somebody else may have been faster.
    if (await isFolder(path)) return;
    throw new GitHubSdkError("store_failed", `The folder ${path} cannot be made.`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
