import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Secret } from "@infrajet/github";
import { UsageError } from "./usage-error.js";

/** Which GitHub is meant, and in whose name it is asked. */
export interface GitHubAccess {
  readonly token: Secret;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** Where a browser finds repositories; without a slash at its end. */
  readonly serverUrl: string;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Takes the file `.env` of a folder into the environment, where there is one. What is set already stays. @throws UsageError */
export function loadEnvFile(folder: string): void {
  const file = join(folder, ".env");
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new UsageError(`${file} cannot be read: make it a readable file, or remove it.`);
  }
}

/** Reads the GitHub variables. @throws UsageError naming the variable and the mend */
export function readGitHubAccess(env: Environment): GitHubAccess {
  const apiUrl = url("GITHUB_API_URL", env, "https://api.github.com");
  return { token: token(env), apiUrl, serverUrl: url("GITHUB_SERVER_URL", env, serverOf(apiUrl)) };
}

function token(env: Environment): Secret {
  const given = env.GITHUB_TOKEN?.trim() ?? "";
  if (/\s/.test(given)) throw new UsageError("GITHUB_TOKEN holds spaces or line breaks: set it to the token alone.");
  if (given !== "") return new Secret(given);
  const mend = "Set GITHUB_TOKEN to a token that may write the repository's contents.";
  if (env.GITHUB_APP_ID !== undefined) {
    throw new UsageError(`GITHUB_TOKEN is missing; this script does not take GITHUB_APP_ID in its place. ${mend}`);
  }
  throw new UsageError(`GITHUB_TOKEN is missing. ${mend}`);
}

function url(name: string, env: Environment, fallback: string): string {
  const given = env[name]?.trim() || fallback;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given.replace(/\/+$/, "");
  throw new UsageError(`${name} is no web address: set it to one such as ${fallback}, or leave it out.`);
}

/** A GitHub Enterprise Server has its API at /api/v3 of the same host. */
function serverOf(apiUrl: string): string {
  return apiUrl.endsWith("/api/v3") ? apiUrl.slice(0, -"/api/v3".length) : "https://github.com";
}
