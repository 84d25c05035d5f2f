import { createGitHubSdk, type EnvironmentOptions, type GitHubSdk } from "@infrajet/github";
import type { ProjectFiles } from "@infrajet/github/adapters";
import { folderProjectFiles } from "@infrajet/github/folder";
import { type GitHubHttpOptions, supabaseAuthenticator } from "@infrajet/github/http";
import { azureProjectFiles } from "@infrajet/github-azure";
import { type Database, openDatabase } from "@infrajet/github-prisma/database";
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
 * @throws GitHubSdkError `invalid_options`, and what the database throws
 */
export async function openHost(environment: CompleteEnvironment): Promise<Host> {
  const { afterConnectUrl, syncWaitSeconds } = environment;
  const database = await openDatabase(environment.databaseUrl);
  try {
    await database.migrate();
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

function openSdk({ github, projects }: CompleteEnvironment, { stores }: Database): GitHubSdk {
  return createGitHubSdk({ ...github, stores, projectFiles: projectFilesOf(projects), logger: consoleLog });
}

function projectFilesOf(place: ProjectsPlace): ProjectFiles {
  return place.kind === "folder" ? folderProjectFiles({ root: place.root }) : azureProjectFiles(place);
}
