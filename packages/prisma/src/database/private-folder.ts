import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";

const OWNER_ONLY = 0o700;
const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/**
 * Creates a directory and its missing parents, for this user only (mode 0700). Creates them one by one, because Node's
 * `recursive: true` never returns below a directory that rejects new entries, such as /proc. An existing directory is not changed.
 *
 * @throws GitHubSdkError `store_failed` when a directory cannot be created; the message names it
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: OWNER_ONLY });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (await isFolder(path)) return;
    throw new GitHubSdkError("store_failed", `The folder ${path} cannot be created.`, { cause: error });
  }
}

/**
 * Creates a directory as {@link makeFolder} does, and makes an existing one private: when other users of the system can read
 * it, its mode is changed to 0700. On Windows, an existing directory is not changed.
 *
 * @throws GitHubSdkError `store_failed` when the directory cannot be created or made private, or when other users can write
 * to it: its content cannot be trusted then. The message contains the command that repairs it.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path);
  if (process.platform === "win32") return;
  const { mode } = await stat(path);
  if ((mode & OTHERS_WRITE) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    throw new GitHubSdkError(
      "store_failed",
      `Other users of this system can write to the folder ${path} (mode ${octal}). Check its content, then run: chmod -R go-rwx ${shellQuoted(path)}`,
    );
  }
  if ((mode & OTHERS) === 0) return;
  await chmod(path, OWNER_ONLY).catch((cause: unknown) => {
    throw new GitHubSdkError(
      "store_failed",
      `Other users of this system can read the folder ${path}, and this process cannot change that. As its owner, run: chmod -R go-rwx ${shellQuoted(path)}`,
      { cause },
    );
  });
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
