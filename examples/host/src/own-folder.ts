import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigurationError } from "./configuration-error.js";

/**
 * Creates a directory and its missing parents. Creates them one by one, because Node's `recursive: true` never returns below
 * a directory that rejects new entries, such as /proc.
 *
 * @throws ConfigurationError when a directory cannot be created; the message names the variable
 */
export async function makeOwnFolder(variable: "DATA_DIR" | "PROJECTS_DIR", path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeOwnFolder(variable, dirname(path));
  try {
    await mkdir(path);
  } catch {
    // Another host may have created it meanwhile.
    if (await isFolder(path)) return;
    throw new ConfigurationError(
      `${variable}: the folder ${path} cannot be created. Set it to a folder that this process can create.`,
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
