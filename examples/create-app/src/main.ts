import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { appEnvironment, appManifest, type CreatedApp, isGitHubSdkError, isLoopback } from "@infrajet/github";
import { type Arguments, parseArguments, USAGE } from "./arguments.js";
import { createAppInBrowser } from "./creation-server.js";
import { assertFree, formatVariables, type Variables, writeVariables } from "./env-file.js";
import { openBrowser } from "./open-browser.js";
import { UsageError } from "./usage-error.js";

const CREATED = 0;
const FAILED = 1;
const INVALID_USAGE = 2;

const WAIT_MINUTES = 15;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    loadEnvFile();
    const asked = parseArguments(argv, process.env, workingFolder());
    if (asked === null) {
      console.log(USAGE);
      return CREATED;
    }
    if (asked.envFile !== null && !asked.force) await assertFree(asked.envFile, variableNames(asked));
    await create(asked);
    return CREATED;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !isGitHubSdkError(error) && !isSystemError(error) && !(error instanceof Interruption)) throw error;
    console.error(isUsage ? `${error.message}\nRun it with --help to see all options.` : error.message);
    return isUsage || isGitHubSdkError(error, "validation_failed") ? INVALID_USAGE : FAILED;
  }
}

async function create(asked: Arguments): Promise<void> {
  const { name, url, endpoints, isPublic, serverUrl, envFile } = asked;
  const webhookUrl = isLoopback(endpoints) && !isLoopback(serverUrl) ? null : `${endpoints}/webhook`;
  const options = { ...(name === null ? {} : { name }), url, endpoints, webhookUrl, public: isPublic };
  // Validates the options before the page is opened.
  appManifest(options);
  const app = await createAppInBrowser({
    ...asked,
    manifest: (redirectUrl) => appManifest({ ...options, redirectUrl }),
    onListening: (address) => {
      console.error(`Open this page to create the GitHub App:\n\n  ${address}\n`);
      if (asked.opens && process.stderr.isTTY) openBrowser(address);
    },
    onCreated: (created) => store(created, asked),
    signal: endOfWaiting(),
  });
  console.error(`Created ${app.htmlUrl}`);
  console.error(envFile === null ? "Store the variables above as a password." : `Its variables are in ${envFile}.`);
  if (webhookUrl === null)
    console.error("It has no webhook, because GitHub cannot reach your host at a loopback address.");
  console.error(`Install it: ${app.htmlUrl}/installations/new`);
}

async function store(app: CreatedApp, asked: Arguments): Promise<void> {
  const variables = variablesOf(app, asked);
  try {
    if (asked.envFile === null) process.stdout.write(formatVariables(variables));
    else await writeVariables(asked.envFile, variables);
  } catch (error) {
    // GitHub hands the credentials out once.
    process.stdout.write(formatVariables(variables));
    throw error;
  }
}

function variablesOf(app: CreatedApp, { serverUrl, apiUrl, endpoints }: Arguments): Variables {
  return {
    ...appEnvironment(app),
    GITHUB_REDIRECT_URI: `${endpoints}/auth/callback`,
    ...(serverUrl === "https://github.com" ? {} : { GITHUB_API_URL: apiUrl, GITHUB_SERVER_URL: serverUrl }),
  };
}

/** Returns the names of all variables that an App can have. */
function variableNames(asked: Arguments): readonly string[] {
  const app = { appId: 0, slug: "", name: "", htmlUrl: "", clientId: "", clientSecret: "", privateKey: "" };
  return Object.keys(variablesOf({ ...app, webhookSecret: "" }, asked));
}

/** Ctrl-C, SIGTERM, or no App within the time. */
class Interruption extends Error {}

function endOfWaiting(): AbortSignal {
  const controller = new AbortController();
  const stop = (message: string) => (): void => controller.abort(new Interruption(message));
  process.once("SIGINT", stop("No App was created."));
  process.once("SIGTERM", stop("No App was created."));
  setTimeout(stop(`No App was created within ${WAIT_MINUTES} minutes. Run it again.`), WAIT_MINUTES * 60_000).unref();
  return controller.signal;
}

/** Returns the folder in which the user called npm, which runs scripts in the folder of package.json. */
function workingFolder(): string {
  return (process.env.npm_lifecycle_event === "create-app" && process.env.INIT_CWD) || process.cwd();
}

/** Loads the addresses of GitHub from the `.env` file of the working folder, if it exists. Variables that are set win. */
function loadEnvFile(): void {
  const file = join(process.cwd(), ".env");
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new UsageError(`${file} cannot be read. Make it a readable file, or remove it.`);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
