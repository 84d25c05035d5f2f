import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Arguments } from "./arguments.js";
import type { Environment } from "./environment.js";

/** Returns the default state file of a target. Each repository, branch, directory and project has its own. */
export function defaultStatePath(
  { repository, branch, directory, projectId }: Pick<Arguments, "repository" | "branch" | "directory" | "projectId">,
  apiUrl: string,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string {
  const target = [apiUrl, repository.toLowerCase(), branch, directory, projectId];
  const digest = createHash("sha256").update(JSON.stringify(target)).digest("hex").slice(0, 12);
  const name = `${repository}-${branch}`.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
  return join(stateFolder(env, platform), "infrajet-github", `${name.slice(0, 100)}-${digest}.json`);
}

/** Returns the file that keeps the token of a user who signed in to an app. */
export function tokenPath(
  { serverUrl, clientId }: { readonly serverUrl: string; readonly clientId: string },
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([serverUrl, clientId]))
    .digest("hex")
    .slice(0, 12);
  return join(stateFolder(env, platform), "infrajet-github", `token-${digest}.json`);
}

/** Returns the state folder of the system. @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function stateFolder(env: Environment, platform: NodeJS.Platform): string {
  const home = homedir();
  if (platform === "win32") return env.LOCALAPPDATA || join(home, "AppData", "Local");
  if (platform === "darwin") return join(home, "Library", "Application Support");
  const stated = env.XDG_STATE_HOME ?? "";
  return isAbsolute(stated) ? stated : join(home, ".local", "state");
}
