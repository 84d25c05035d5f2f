import { sep } from "node:path";
import {
  createGitHubSdk,
  type EnvironmentOptions,
  type GitHubSdk,
  type GitHubSdkOptions,
  isGitHubSdkError,
} from "@infrajet/github";
import type { ProjectFiles } from "@infrajet/github/adapters";
import { folderProjectFiles } from "@infrajet/github/folder";
import type { GitHubHttpOptions, HttpEnvironmentOptions } from "@infrajet/github/http";
import { azureProjectFiles } from "@infrajet/github-azure";
import { type Database, openDatabase } from "@infrajet/github-prisma/database";
import type { AppCreation } from "./app-creation.js";
import { ConfigurationError } from "./configuration-error.js";
import { consoleLog } from "./console-log.js";
import type { HostEnvironment, ProjectsPlace } from "./environment.js";
import { makeOwnFolder } from "./own-folder.js";
import { openSharedParts, type SharedParts } from "./shared-parts.js";

/** A host without its HTTP server. */
export interface Host {
  readonly sdk: GitHubSdk;
  readonly http: GitHubHttpOptions;
  /** Called when the endpoints are available at a URL. Resolves to a text to print, or to `null`. */
  announce(endpoints: string): Promise<string | null>;
  /** Closes the database and other resources. Close the SDK first. */
  close(): Promise<void>;
}

/** An environment with all required values. */
export type CompleteEnvironment = HostEnvironment & {
  readonly github: EnvironmentOptions & Pick<GitHubSdkOptions, "rateBudget">;
  readonly http: HttpEnvironmentOptions;
};

/**
 * Opens and migrates the database and creates the SDK.
 *
 * @param creation the pages on which an operator creates the host's GitHub App; `null` for none
 * @throws ConfigurationError when the database or the project storage cannot be opened
 * @throws GitHubSdkError `invalid_options` when an SDK option is invalid
 */
export async function openHost(environment: CompleteEnvironment, creation: AppCreation | null): Promise<Host> {
  if (usesDataDir(environment)) await makeOwnFolder("DATA_DIR", environment.dataDir);
  const database = await openMigrated(environment.databaseUrl);
  const shared = openSharedParts(environment, environment.github.encryptionKeys);
  const close = async (): Promise<void> => {
    shared.close();
    await database.close();
  };
  try {
    const sdk = openSdk(environment, database, shared);
    // The host serves nothing else below the endpoints' path.
    const http = { ...environment.http, ...creation?.http, notFound: true };
    return { sdk, http, announce: async () => null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** True when the embedded database or the projects are below DATA_DIR. */
function usesDataDir({ dataDir, databaseUrl, projects }: HostEnvironment): boolean {
  const folders = [databaseUrl.replace(/^pglite:/, ""), ...(projects.kind === "folder" ? [projects.root] : [])];
  return folders.some((folder) => folder.startsWith(`${dataDir}${sep}`));
}

async function openMigrated(url: string): Promise<Database> {
  try {
    const database = await openDatabase(url, { logger: consoleLog });
    try {
      await database.migrate();
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw new ConfigurationError(`DATABASE_URL: ${messageOf(error)}`);
  }
}

/** Returns the messages of an error and its causes in one line. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "object" ? JSON.stringify(error) : String(error);
  const cause = error.cause === undefined ? "" : ` ${messageOf(error.cause)}`;
  return `${error.message}${cause}`.replaceAll(/\s+/g, " ");
}

function openSdk(
  { github, createdApp, projects }: CompleteEnvironment,
  { stores }: Database,
  shared: SharedParts,
): GitHubSdk {
  const app = createdApp === null ? {} : { app: createdApp };
  const projectFiles = projectFilesOf(projects);
  return createGitHubSdk({ ...github, ...app, ...shared.options, stores, projectFiles, logger: consoleLog });
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

/** The environment variables of the Azure adapter's options. */
const AZURE_VARIABLES: Readonly<Record<string, string>> = {
  connectionString: "AZURE_STORAGE_CONNECTION_STRING",
  shareName: "AZURE_FILE_SHARE_NAME",
  baseDirectory: "AZURE_BASE_DIRECTORY",
};
