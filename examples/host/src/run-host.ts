import { once } from "node:events";
import process from "node:process";
import { isGitHubSdkError } from "@infrajet/github";
import { DEFAULT_BASE_PATH } from "@infrajet/github/http";
import { type AppCreation, boxedAppCreation, keptAppCreation } from "./app-creation.js";
import { type BoxedGitHub, startBoxedGitHub } from "./boxed-github.js";
import { openBoxedHost } from "./boxed-host.js";
import { ConfigurationError } from "./configuration-error.js";
import { type HostEnvironment, loadEnvFile, readEnvironment } from "./environment.js";
import { type Host, openHost } from "./open-host.js";
import type { HostServer } from "./server.js";
import { workerServer } from "./worker-server.js";

/** Creates a framework's server with the endpoints. */
type Mount = (host: Host) => Promise<HostServer> | HostServer;

const FAILED = 1;
const INVALID_USAGE = 2;

/**
 * Runs a host until SIGTERM or Ctrl-C. If the host cannot start, prints the reason in one line and sets the exit code: 2 for an
 * invalid environment, otherwise 1.
 */
export async function runHost(mount: Mount): Promise<void> {
  try {
    const folder = process.cwd();
    loadEnvFile(folder);
    await serve(readEnvironment(process.env, folder), mount);
  } catch (error) {
    process.exitCode = error instanceof ConfigurationError ? INVALID_USAGE : FAILED;
    const isExpected = error instanceof ConfigurationError || isGitHubSdkError(error) || isSystemError(error);
    console.error(isExpected ? error.message : error);
  }
}

async function serve(environment: HostEnvironment, mount: Mount): Promise<void> {
  // Before anything is opened: a supervisor may send the signal while the host starts, or right after the address is printed.
  const stopped = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]).then(() => null);
  const isBoxed = environment.github === null || environment.http === null;
  const box = isBoxed ? await startBoxedGitHub() : null;
  try {
    let run: HostRun = { environment, box, stopped, isFirst: true };
    for (;;) {
      const next = await serveUntilChange(run, mount);
      if (next === null) return;
      run = next;
    }
  } finally {
    await box?.close();
  }
}

/** A host between its start and the creation of its GitHub App. */
interface HostRun {
  readonly environment: HostEnvironment;
  /** `null` on the real GitHub. */
  readonly box: BoxedGitHub | null;
  readonly stopped: Promise<null>;
  readonly isFirst: boolean;
}

/** Serves until the host is stopped, which resolves to `null`, or its GitHub App was created. */
async function serveUntilChange(run: HostRun, mount: Mount): Promise<HostRun | null> {
  const { environment, stopped, isFirst } = run;
  const creation = appCreationOf(run);
  const host = await openRun(run, creation);
  try {
    const server = environment.worker === "only" ? workerServer(host) : await mount(host);
    const port = await server.listen(environment.port, environment.host);
    const address = `http://${urlHost(environment.host)}:${port}`;
    const introduction = environment.worker === "only" ? null : await host.announce(`${address}${DEFAULT_BASE_PATH}`);
    if (isFirst) console.log(startText(address, introduction, creation));
    else console.log("The GitHub App is in use.");
    const createdApp = await Promise.race([stopped, creation?.created ?? stopped]);
    const closed = server.close();
    // Running syncs stop at a safe point, which also ends the requests that wait for them, so that the server can close.
    await host.sdk.close();
    await closed;
    return createdApp === null ? null : { ...run, environment: { ...environment, port, createdApp }, isFirst: false };
  } finally {
    await host.sdk.close();
    await host.close();
  }
}

function openRun({ environment, box }: HostRun, creation: AppCreation | null): Promise<Host> {
  if (box !== null) return openBoxedHost(environment, box, creation);
  const { github, http } = environment;
  if (github === null || http === null) throw new ConfigurationError("GITHUB_CLIENT_ID is missing.");
  return openHost({ ...environment, github, http }, creation);
}

/** A host on the real GitHub creates an App only when it has none. */
function appCreationOf({ environment, box }: HostRun): AppCreation | null {
  if (environment.worker === "only") return null;
  if (box !== null) return boxedAppCreation();
  const hasApp = environment.github?.app !== undefined || environment.createdApp !== null;
  return hasApp ? null : keptAppCreation(environment.dataDir);
}

function startText(address: string, introduction: string | null, creation: AppCreation | null): string {
  const page = `${address}${DEFAULT_BASE_PATH}/app/manifest`;
  const token = creation?.operatorToken;
  const lines = [
    ...(introduction === null ? [] : [introduction]),
    ...(token == null ? [] : [`To create the GitHub App of this host, open ${page}?operator_token=${token}`]),
    `Listening on ${address}`,
  ];
  return lines.join("\n");
}

/** Returns a host for a URL, where IPv6 addresses are in brackets. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
