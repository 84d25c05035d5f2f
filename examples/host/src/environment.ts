import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import {
  type EnvironmentOptions,
  type GitHubAppOptions,
  isGitHubSdkError,
  keyringCipher,
  optionsFromEnv,
} from "@infrajet/github";
import { issueText } from "@infrajet/github/adapters";
import { type HttpEnvironmentOptions, httpOptionsFromEnv } from "@infrajet/github/http";
import { z } from "zod";
import { keptApp } from "./app-creation.js";
import { ConfigurationError } from "./configuration-error.js";

/** The storage of project files. */
export type ProjectsPlace =
  | { readonly kind: "folder"; readonly root: string }
  | {
      readonly kind: "azure";
      readonly connectionString: string;
      readonly shareName: string;
      readonly baseDirectory: string;
    };

/** The work of a process: all of it, only requests, or only syncs. */
export type WorkerMode = "yes" | "none" | "only";

/** The Redis server that the processes of a host share. */
export interface RedisPlace {
  readonly url: string;
  /** The beginning of every key and channel. */
  readonly prefix: string;
}

/** The parsed environment. Paths are absolute. */
export interface HostEnvironment {
  /** `0` selects any free port. */
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly projects: ProjectsPlace;
  /** `null` without Redis. */
  readonly redis: RedisPlace | null;
  readonly worker: WorkerMode;
  /** `null` without GitHub credentials; the host then runs on GitHub in a box. */
  readonly github: EnvironmentOptions | null;
  /** The GitHub App that was created in the browser; `null` for that of `github`. */
  readonly createdApp: GitHubAppOptions | null;
  /** `null` when no key for bearer tokens is set; a host on GitHub in a box then generates one. */
  readonly http: HttpEnvironmentOptions | null;
  readonly variables: Environment;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const withDefault = (fallback: string) => text.transform((value) => value ?? fallback);
const number = (most: number, fallback: number, unit: string) =>
  text
    .refine(
      (value) => value === undefined || (/^\d{1,9}$/.test(value) && Number(value) <= most),
      `must be ${unit} from 0 to ${most}`,
    )
    .transform((value) => (value === undefined ? fallback : Number(value)));

function isRedisUrl(value: string | undefined): boolean {
  return value === undefined || (/^rediss?:\/\//.test(value) && URL.canParse(value));
}

const variablesSchema = z.object({
  PORT: number(65_535, 3000, "a port"),
  HOST: withDefault("127.0.0.1"),
  DATA_DIR: withDefault(".data"),
  DATABASE_URL: text.refine(
    (value) => value === undefined || /^(postgres(ql)?:\/\/|mysql:\/\/|mariadb:\/\/|file:|pglite:)./.test(value),
    "must begin with postgresql://, mysql://, file: or pglite:",
  ),
  REDIS_URL: text.refine(isRedisUrl, "must be a URL that begins with redis:// or rediss://"),
  REDIS_PREFIX: withDefault("infrajet").refine(
    (value) => /^[\w.:-]{1,100}$/.test(value),
    "must have 1 to 100 letters, digits, or characters of _.:-",
  ),
  WORKER: withDefault("yes").pipe(z.enum(["yes", "none", "only"], "must be yes, none or only")),
  PROJECTS_DIR: text,
  AZURE_STORAGE_CONNECTION_STRING: text,
  AZURE_FILE_SHARE_NAME: text,
  AZURE_BASE_DIRECTORY: withDefault("projects"),
  SUPABASE_JWT_SECRET: text,
  SUPABASE_JWKS_URL: text,
});

type Variables = z.infer<typeof variablesSchema>;

/** Loads a folder's `.env` file, if it exists. Variables that are already set win. @throws ConfigurationError when it is unreadable */
export function loadEnvFile(folder: string): void {
  const file = join(folder, ".env");
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new ConfigurationError(`${file} cannot be read. Make it a readable file, or remove it.`);
  }
}

/** Parses the environment. Empty variables count as not set. @throws ConfigurationError when a variable is invalid or missing */
export function readEnvironment(env: Environment, folder: string): HostEnvironment {
  const parsed = variablesSchema.safeParse(env);
  if (!parsed.success) {
    throw new ConfigurationError(`${issueText(parsed.error.issues, "environment")}.`);
  }
  const variables = parsed.data;
  const dataDir = resolve(folder, variables.DATA_DIR);
  const github = readGitHub(env);
  const hasTokenKey = variables.SUPABASE_JWT_SECRET !== undefined || variables.SUPABASE_JWKS_URL !== undefined;
  if (github !== null && !hasTokenKey) {
    throw new ConfigurationError(
      "SUPABASE_JWT_SECRET is missing. With GitHub credentials, the host does not generate a key. Set it to the secret that signs your tokens, or set SUPABASE_JWKS_URL.",
    );
  }
  return {
    port: variables.PORT,
    host: variables.HOST,
    dataDir,
    databaseUrl: variables.DATABASE_URL ?? `pglite:${join(dataDir, "database")}`,
    projects: readProjects(variables, folder, dataDir),
    redis: variables.REDIS_URL === undefined ? null : { url: variables.REDIS_URL, prefix: variables.REDIS_PREFIX },
    worker: variables.WORKER,
    github,
    createdApp: github === null || github.app !== undefined ? null : keptApp(dataDir),
    http: hasTokenKey ? readHttp(env) : null,
    variables: env,
  };
}

/** Reads the options of the endpoints. @throws ConfigurationError when a variable is invalid or missing */
export function readHttp(env: Environment): HttpEnvironmentOptions {
  try {
    return httpOptionsFromEnv(env);
  } catch (error) {
    throw isGitHubSdkError(error) ? new ConfigurationError(error.message) : error;
  }
}

function readGitHub(env: Environment): EnvironmentOptions | null {
  const isConfigured = Object.entries(env).some(
    ([name, value]) => name.startsWith("GITHUB_") && isVariable(name) && value?.trim(),
  );
  if (!isConfigured) return null;
  try {
    const options = optionsFromEnv(env);
    if (options.oauth !== undefined || options.app !== undefined) {
      // Validates the keys before anything is opened.
      keyringCipher(options.encryptionKeys ?? "");
      return options;
    }
  } catch (error) {
    throw isGitHubSdkError(error) ? new ConfigurationError(error.message) : error;
  }
  throw new ConfigurationError(
    "GITHUB_CLIENT_ID is missing. Set the credentials of an OAuth App or a GitHub App, or unset all GITHUB_ variables to run on GitHub in a box.",
  );
}

/** True for the host's own variables. Other programs, such as GitHub Actions runners, set variables with the same prefix. */
function isVariable(name: string): boolean {
  return /^GITHUB_(API_URL|SERVER_URL|CLIENT_|REDIRECT_URI$|APP_|PRIVATE_KEY$|WEBHOOK_SECRET$|OAUTH_CLIENT_|TOKEN_ENCRYPTION_KEYS$)/.test(
    name,
  );
}

function readProjects(variables: Variables, folder: string, dataDir: string): ProjectsPlace {
  const { AZURE_STORAGE_CONNECTION_STRING: connectionString, AZURE_FILE_SHARE_NAME: shareName } = variables;
  const root = variables.PROJECTS_DIR;
  if (connectionString === undefined && shareName === undefined) {
    return { kind: "folder", root: root === undefined ? join(dataDir, "projects") : resolve(folder, root) };
  }
  if (root !== undefined) {
    throw new ConfigurationError("PROJECTS_DIR cannot be combined with the AZURE_ variables. Unset one of them.");
  }
  if (connectionString === undefined) throw missing("AZURE_STORAGE_CONNECTION_STRING", "AZURE_FILE_SHARE_NAME");
  if (shareName === undefined) throw missing("AZURE_FILE_SHARE_NAME", "AZURE_STORAGE_CONNECTION_STRING");
  return { kind: "azure", connectionString, shareName, baseDirectory: variables.AZURE_BASE_DIRECTORY };
}

function missing(absent: string, present: string): ConfigurationError {
  return new ConfigurationError(`${absent} is missing. ${present} requires it.`);
}
