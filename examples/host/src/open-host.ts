import { createGitHubSdk, type EnvironmentOptions, type GitHubSdk, isGitHubSdkError } from "@infrajet/github";
import type { ProjectFiles } from "@infrajet/github/adapters";
import { folderProjectFiles } from "@infrajet/github/folder";
import { type GitHubHttpOptions, supabaseAuthenticator } from "@infrajet/github/http";
import { azureProjectFiles } from "@infrajet/github-azure";
import { type Database, openDatabase } from "@infrajet/github-prisma/database";
import { ConfigurationError } from "./configuration-error.js";
import { consoleLog } from "./console-log.js";
import type { HostEnvironment, ProjectsPlace, TokenKey } from "./environment.js";

/** Everything that a host is but its server. */
export interface Host {
  readonly sdk: GitHubSdk;
  readonly http: GitHubHttpOptions;
  /** Called once the endpoints answer at that address; gives what to tell whoever started the host, if there is anything. */
  announce(endpoints: string): Promise<string | null>;
  /** Ends what the SDK worked on, once it is closed itself. */
  close(): Promise<void>;
}

/** An environment that says everything. */
export type CompleteEnvironment = HostEnvironment & {
  readonly github: EnvironmentOptions;
  readonly tokenKey: TokenKey;
};

/**
 * Makes the SDK that the environment describes, on its database, which is brought up to date first.
 *
 * @throws ConfigurationError for a database or a place of projects that cannot be opened
 * @throws GitHubSdkError `invalid_options`
 */
export async function openHost(environment: CompleteEnvironment): Promise<Host> {
  const { afterConnectUrl, syncWaitSeconds } = environment;
  const database = await openMigrated(environment.databaseUrl);
  try {
    const sdk = openSdk(environment, database);
    const http = {
      authenticator: supabaseAuthenticator({ ...environment.tokenKey, audience: environment.audience }),
      syncWaitSeconds,
      ...(afterConnectUrl === null ? {} : { afterConnectUrl }),
    };
    return { sdk, http, announce: async () => null, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openMigrated(url: string): Promise<Database> {
  try {
    const database = await openDatabase(url);
    try {
      await database.migrate();
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw new ConfigurationError(`DATABASE_URL: ${wordsOf(error)}`);
  }
}

/** What an error and its causes say, in one line. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "object" ? JSON.stringify(error) : String(error);
  const cause = error.cause === undefined ? "" : ` ${wordsOf(error.cause)}`;
  return `${error.message}${cause}`.replaceAll(/\s+/g, " ");
}

function openSdk({ github, projects }: CompleteEnvironment, { stores }: Database): GitHubSdk {
  return createGitHubSdk({ ...github, stores, projectFiles: projectFilesOf(projects), logger: consoleLog });
}

function projectFilesOf(place: ProjectsPlace): ProjectFiles {
  if (place.kind === "folder") return folderProjectFiles({ root: place.root });
  try {
    return azureProjectFiles(place);
  } catch (error) {
    if (!isGitHubSdkError(error)) throw error;
    throw new ConfigurationError(error.message.replace(/^\w+/, (option) => AZURE_VARIABLES[option] ?? option));
  }
}

/** Options of the Azure adapter as the environment calls them. */
const AZURE_VARIABLES: Readonly<Record<string, string>> = {
  connectionString: "AZURE_STORAGE_CONNECTION_STRING",
  shareName: "AZURE_FILE_SHARE_NAME",
  baseDirectory: "AZURE_BASE_DIRECTORY",
};
