import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { type EnvironmentOptions, isGitHubSdkError, keyringCipher, optionsFromEnv } from "@infrajet/github";
import { z } from "zod";
import { ConfigurationError } from "./configuration-error.js";

/** Where the files of projects are. */
export type ProjectsPlace =
  | { readonly kind: "folder"; readonly root: string }
  | {
      readonly kind: "azure";
      readonly connectionString: string;
      readonly shareName: string;
      readonly baseDirectory: string;
    };

/** What bearer tokens are verified with. */
export type TokenKey = { readonly jwtSecret: string } | { readonly jwksUrl: string };

/** What the environment says; paths are absolute. */
export interface HostEnvironment {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly projects: ProjectsPlace;
  /** `null` without credentials of GitHub: the host runs on GitHub in a box then. */
  readonly github: EnvironmentOptions | null;
  /** `null` where nothing is said: a host on GitHub in a box makes a key of its own. */
  readonly tokenKey: TokenKey | null;
  /** Whom bearer tokens have to be meant for. */
  readonly audience: string;
  /** `null`: the browser is sent nowhere after it connected. */
  readonly afterConnectUrl: string | null;
  readonly syncWaitSeconds: number;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();
const withDefault = (value: string) => text.transform((given) => given ?? value);
const isWebAddress = (value: string | undefined): boolean =>
  value === undefined || (/^https?:\/\//.test(value) && URL.canParse(value));
const url = text.refine(isWebAddress, "has to be a URL that begins with https:// or http://");
const number = (most: number, fallback: number, unit: string) =>
  text
    .refine(
      (value) => value === undefined || (/^\d{1,9}$/.test(value) && Number(value) <= most),
      `has to be ${unit} from 0 to ${most}`,
    )
    .transform((value) => (value === undefined ? fallback : Number(value)));

const variables = z.object({
  PORT: number(65_535, 3000, "a port"),
  HOST: withDefault("127.0.0.1"),
  DATA_DIR: withDefault(".data"),
  DATABASE_URL: text.refine(
    (value) => value === undefined || /^(postgres(ql)?:\/\/|mysql:\/\/|mariadb:\/\/|file:|pglite:)./.test(value),
    "has to begin with postgresql://, mysql://, file: or pglite:",
  ),
  PROJECTS_DIR: text,
  AZURE_STORAGE_CONNECTION_STRING: text,
  AZURE_FILE_SHARE_NAME: text,
  AZURE_BASE_DIRECTORY: withDefault("projects"),
  SUPABASE_JWT_SECRET: text.refine(
    (value) => value === undefined || value.length >= 32,
    "has to have 32 characters at least; Supabase shows it under Project Settings, JWT Keys",
  ),
  SUPABASE_JWKS_URL: url,
  SUPABASE_JWT_AUDIENCE: withDefault("authenticated"),
  AFTER_CONNECT_URL: text.refine(
    (value) => isWebAddress(value) || /^\/(?!\/)/.test(value ?? ""),
    "has to be a URL that begins with https:// or http://, or a path of this host that begins with /",
  ),
  SYNC_WAIT_SECONDS: number(600, 25, "seconds"),
});

type Variables = z.infer<typeof variables>;

/** Takes the file `.env` of a folder into the environment, where there is one. What is set already stays. @throws ConfigurationError */
export function loadEnvFile(folder: string): void {
  const file = join(folder, ".env");
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new ConfigurationError(`${file} cannot be read: make it a readable file, or remove it.`);
  }
}

/** Reads what the host is told. Empty variables count as absent. @throws ConfigurationError naming the variable and the mend */
export function readEnvironment(env: Environment, folder: string): HostEnvironment {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    const words = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new ConfigurationError(`${words.join("; ")}.`);
  }
  const given = parsed.data;
  const dataDir = resolve(folder, given.DATA_DIR);
  const github = readGitHub(env);
  const tokenKey = readTokenKey(given);
  if (github !== null && tokenKey === null) {
    throw new ConfigurationError(
      "SUPABASE_JWT_SECRET is missing: with credentials of GitHub, nobody may be let in by a key that the host made up. Set it to the secret that your tokens are signed with, or set SUPABASE_JWKS_URL.",
    );
  }
  return {
    port: given.PORT,
    host: given.HOST,
    dataDir,
    databaseUrl: given.DATABASE_URL ?? `pglite:${join(dataDir, "database")}`,
    projects: readProjects(given, folder, dataDir),
    github,
    tokenKey,
    audience: given.SUPABASE_JWT_AUDIENCE,
    afterConnectUrl: given.AFTER_CONNECT_URL ?? null,
    syncWaitSeconds: given.SYNC_WAIT_SECONDS,
  };
}

function readGitHub(env: Environment): EnvironmentOptions | null {
  const isTold = Object.entries(env).some(
    ([name, value]) => name.startsWith("GITHUB_") && isVariable(name) && value?.trim(),
  );
  if (!isTold) return null;
  try {
    const options = optionsFromEnv(env);
    if (options.oauth !== undefined || options.app !== undefined) {
      // Throws what is wrong with them, and how to make one, before anything is opened.
      keyringCipher(options.encryptionKeys ?? "");
      return options;
    }
  } catch (error) {
    throw isGitHubSdkError(error) ? new ConfigurationError(error.message) : error;
  }
  throw new ConfigurationError(
    "GITHUB_CLIENT_ID is missing: set the credentials of an OAuth App or a GitHub App, or no GITHUB_ variable at all to run on GitHub in a box.",
  );
}

/** Other programs, such as GitHub's own runners, set variables with the same prefix. */
function isVariable(name: string): boolean {
  return /^GITHUB_(API_URL|SERVER_URL|CLIENT_|REDIRECT_URI$|APP_|PRIVATE_KEY$|WEBHOOK_SECRET$|OAUTH_CLIENT_|TOKEN_ENCRYPTION_KEYS$)/.test(
    name,
  );
}

function readTokenKey({ SUPABASE_JWT_SECRET: jwtSecret, SUPABASE_JWKS_URL: jwksUrl }: Variables): TokenKey | null {
  if (jwtSecret !== undefined && jwksUrl !== undefined) {
    throw new ConfigurationError("SUPABASE_JWT_SECRET and SUPABASE_JWKS_URL are both given: leave one out.");
  }
  if (jwtSecret !== undefined) return { jwtSecret };
  return jwksUrl === undefined ? null : { jwksUrl };
}

function readProjects(given: Variables, folder: string, dataDir: string): ProjectsPlace {
  const { AZURE_STORAGE_CONNECTION_STRING: connectionString, AZURE_FILE_SHARE_NAME: shareName } = given;
  const root = given.PROJECTS_DIR;
  if (connectionString === undefined && shareName === undefined) {
    return { kind: "folder", root: root === undefined ? join(dataDir, "projects") : resolve(folder, root) };
  }
  if (root !== undefined) {
    throw new ConfigurationError("PROJECTS_DIR and the AZURE_ variables are both given: leave one out.");
  }
  if (connectionString === undefined) throw missing("AZURE_STORAGE_CONNECTION_STRING", "AZURE_FILE_SHARE_NAME");
  if (shareName === undefined) throw missing("AZURE_FILE_SHARE_NAME", "AZURE_STORAGE_CONNECTION_STRING");
  return { kind: "azure", connectionString, shareName, baseDirectory: given.AZURE_BASE_DIRECTORY };
}

function missing(absent: string, given: string): ConfigurationError {
  return new ConfigurationError(`${absent} is missing: ${given} is given, and needs it.`);
}
