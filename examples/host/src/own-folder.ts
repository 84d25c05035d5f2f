import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { ConfigurationError } from "./configuration-error.js";

/**
 * Creates a directory and its missing parents. Creates them one by one, because Node's `recursive: true` never returns below
 * a directory that rejects new entries, such as /proc.
 *
 * @throws ConfigurationError when a directory cannot be created; the message names the variable
 */
export async function makeOwnFolder(variable: "DATA_DIR" | "PROJECTS_DIR", path: string, mode = 0o777): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeOwnFolder(variable, dirname(path));
  try {
    await mkdir(path, { mode });
  } catch {
    // Another host may have created it meanwhile.
    if (await isFolder(path)) return;
    throw new ConfigurationError(
      `${variable}: the folder ${path} cannot be created. Set it to a folder that this process can create.`,
    );
  }
}

/**
 * Creates DATA_DIR for its owner only (mode 0700): it contains keys and the database. Sets the mode of an existing folder that
 * other users can read. On Windows, modes do not apply.
 *
 * @throws ConfigurationError when the folder cannot be created, or when other users can write to it
 */
export async function makeDataFolder(path: string): Promise<void> {
  await makeOwnFolder("DATA_DIR", path, OWNER_ONLY);
  if (process.platform === "win32") return;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & OTHERS_CAN_WRITE) !== 0)
    throw new ConfigurationError(
      `DATA_DIR: other users can write to ${path} (mode 0${mode.toString(8)}). Check its content and run: chmod 700 ${path}`,
    );
  if (mode !== OWNER_ONLY) await chmod(path, OWNER_ONLY);
}

const OWNER_ONLY = 0o700;
const OTHERS_CAN_WRITE = 0o022;

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
