import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigurationError } from "./configuration-error.js";

/**
 * Makes a folder that a variable names, and those above it, unless they are there. Step by step: Node's own `recursive` never
 * comes back where a folder exists that none can be made in, such as /proc.
 *
 * @throws ConfigurationError naming the variable
 */
export async function makeOwnFolder(variable: "DATA_DIR" | "PROJECTS_DIR", path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeOwnFolder(variable, dirname(path));
  try {
    await mkdir(path);
  } catch {
    // Another host may have been faster.
    if (await isFolder(path)) return;
    throw new ConfigurationError(
      `${variable}: the folder ${path} cannot be made. Name one that this process may make.`,
    );
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
