import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type GitHubAppOptions, isGitHubSdkError, optionsFromEnv, Secret } from "@infrajet/github";
import { UsageError } from "./usage-error.js";

/** The credentials: a token, an installation of a GitHub App, or an app that a user signs in to with a code. */
export type Credentials = { readonly kind: "device"; readonly clientId: string } | RunCredentials;

/** The credentials of a run. */
export type RunCredentials =
  | { readonly kind: "token"; readonly token: Secret }
  | { readonly kind: "installation"; readonly app: GitHubAppOptions; readonly installationId: number };

/** The addresses of GitHub and the credentials. */
export interface GitHubAccess {
  readonly credentials: Credentials;
  /** Without a trailing slash. */
  readonly apiUrl: string;
  /** The web address, without a trailing slash. */
  readonly serverUrl: string;
}

/** The addresses and credentials after a user has signed in. */
export type RunAccess = Omit<GitHubAccess, "credentials"> & { readonly credentials: RunCredentials };

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Loads the `.env` file of a folder if it exists. Variables that are already set are not changed. @throws UsageError */
export function loadEnvFile(folder: string): void {
  const file = join(folder, ".env");
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new UsageError(`${file} cannot be read. Make it a readable file, or remove it.`);
  }
}

/** Reads the GitHub variables. @throws UsageError naming the variable */
export function readGitHubAccess(env: Environment): GitHubAccess {
  const apiUrl = url("GITHUB_API_URL", env, "https://api.github.com");
  return { credentials: credentials(env), apiUrl, serverUrl: url("GITHUB_SERVER_URL", env, serverOf(apiUrl)) };
}

function credentials(env: Environment): Credentials {
  const token = env.GITHUB_TOKEN?.trim() ?? "";
  if (/\s/.test(token)) throw new UsageError("GITHUB_TOKEN contains spaces or line breaks. Set it to the token only.");
  if (token !== "") return { kind: "token", token: new Secret(token) };
  const app = appOptions(env);
  if (app !== undefined) return { kind: "installation", app, installationId: installationId(env) };
  const clientId = env.GITHUB_CLIENT_ID?.trim() ?? "";
  // No user could enter a code there.
  if (clientId !== "" && !env.CI) return { kind: "device", clientId };
  throw new UsageError(
    "GITHUB_TOKEN is missing. Set it to a token that may write the repository's contents, or set GITHUB_APP_ID, GITHUB_PRIVATE_KEY and GITHUB_INSTALLATION_ID. To sign in with a code instead, set GITHUB_CLIENT_ID.",
  );
}

/** @throws UsageError naming the missing or invalid variable */
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
    "GITHUB_INSTALLATION_ID is missing or not a number. Set it to the last part of the installation's address on GitHub.",
  );
}

function url(name: string, env: Environment, fallback: string): string {
  const given = env[name]?.trim() || fallback;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given.replace(/\/+$/, "");
  throw new UsageError(`${name} is not a URL. Set it to a URL such as ${fallback}, or unset it.`);
}

/** GitHub Enterprise Server has its API at /api/v3 of the same host. */
function serverOf(apiUrl: string): string {
  return apiUrl.endsWith("/api/v3") ? apiUrl.slice(0, -"/api/v3".length) : "https://github.com";
}
