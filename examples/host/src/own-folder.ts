import { isGitHubSdkError } from "@infrajet/github";
import { makeFolder, makePrivateFolder } from "@infrajet/github-prisma/database";
import { ConfigurationError } from "./configuration-error.js";

/**
 * Creates a directory and its missing parents for this user only. An existing DATA_DIR is made private, because it contains keys
 * and the database.
 *
 * @throws ConfigurationError when a directory cannot be created or made private; the message names the variable
 */
export async function makeOwnFolder(variable: "DATA_DIR" | "PROJECTS_DIR", path: string): Promise<void> {
  try {
    await (variable === "DATA_DIR" ? makePrivateFolder(path) : makeFolder(path));
  } catch (error) {
    throw isGitHubSdkError(error) ? new ConfigurationError(`${variable}: ${error.message}`) : error;
  }
}
