import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type GitHubAppOptions, isGitHubSdkError, optionsFromEnv, Secret } from "@infrajet/github";
import { UsageError } from "./usage-error.js";

/** In whose name GitHub is asked: a token's owner, or an installation of a GitHub App. */
export type Credentials =
  | { readonly kind: "token"; readonly token: Secret }
  | { readonly kind: "installation"; readonly app: GitHubAppOptions; readonly installationId: number };

/** Which GitHub is meant, and in whose name it is asked. */
export interface GitHubAccess {
  readonly credentials: Credentials;
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
  return { credentials: credentials(env), apiUrl, serverUrl: url("GITHUB_SERVER_URL", env, serverOf(apiUrl)) };
}

function credentials(env: Environment): Credentials {
  const token = env.GITHUB_TOKEN?.trim() ?? "";
  if (/\s/.test(token)) throw new UsageError("GITHUB_TOKEN holds spaces or line breaks: set it to the token alone.");
  if (token !== "") return { kind: "token", token: new Secret(token) };
  const app = appOptions(env);
  if (app !== undefined) return { kind: "installation", app, installationId: installationId(env) };
  throw new UsageError(
    "GITHUB_TOKEN is missing. Set it to a token that may write the repository's contents, or set GITHUB_APP_ID, GITHUB_PRIVATE_KEY and GITHUB_INSTALLATION_ID.",
  );
}

/** @throws UsageError naming the variable that is missing or wrong */
function appOptions(env: Environment): GitHubAppOptions | undefined {
  const { GITHUB_APP_ID, GITHUB_PRIVATE_KEY } = env;
  try {
    return optionsFromEnv({ GITHUB_APP_ID, GITHUB_PRIVATE_KEY }).app;
  } catch (error) {
    throw isGitHubSdkError(error) ? new UsageError(error.message) : error;
  }
}

function installationId(env: Environment): number {
  const id = env.GITHUB_INSTALLATION_ID?.trim() ?? "";
  if (/^[1-9]\d{0,15}$/.test(id)) return Number(id);
  throw new UsageError(
    "GITHUB_INSTALLATION_ID is missing or no number: set it to the last part of the installation's address on GitHub.",
  );
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
