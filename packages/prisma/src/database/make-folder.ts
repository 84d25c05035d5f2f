import { chmod, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { GitHubSdkError } from "@infrajet/github/errors";

/**
 * Creates a directory and its missing parents. Creates them one by one, because Node's `recursive: true` never returns below
 * a directory that rejects new entries, such as /proc.
 *
 * @throws GitHubSdkError `store_failed` when a directory cannot be created; the message names it
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (await isFolder(path)) return;
    throw new GitHubSdkError("store_failed", `The folder ${path} cannot be created.`, { cause: error });
  }
}

/**
 * Creates a directory that only its owner can use (mode 0700), and its missing parents. Sets the mode of an existing directory
 * that other users can read. On Windows, modes do not apply.
 *
 * @throws GitHubSdkError `store_failed` when the directory cannot be created, or when other users can write to it; the message
 * contains the command that fixes it
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, OWNER_ONLY);
  if (process.platform === "win32") return;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & OTHERS_CAN_WRITE) !== 0)
    throw new GitHubSdkError(
      "store_failed",
      `Other users can write to the folder ${path} (mode 0${mode.toString(8)}). Check its content and run: chmod 700 ${path}`,
    );
  if (mode !== OWNER_ONLY) await chmod(path, OWNER_ONLY);
}

/** Creates an empty file that only its owner can read (mode 0600). Does not change an existing file. */
export async function makePrivateFile(path: string): Promise<void> {
  await (await open(path, "a", 0o600)).close();
}

const OWNER_ONLY = 0o700;
const OTHERS_CAN_WRITE = 0o022;

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
