import { once } from "node:events";
import process from "node:process";
import { isGitHubSdkError } from "@infrajet/github";
import { DEFAULT_BASE_PATH } from "@infrajet/github/http";
import { openBoxedHost } from "./boxed-host.js";
import { ConfigurationError } from "./configuration-error.js";
import { type HostEnvironment, loadEnvFile, readEnvironment } from "./environment.js";
import { type Host, openHost } from "./open-host.js";
import type { HostServer } from "./server.js";

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
  const stopped = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  const { github, http } = environment;
  const host =
    github === null || http === null
      ? await openBoxedHost(environment)
      : await openHost({ ...environment, github, http });
  try {
    const server = await mount(host);
    const address = `http://${urlHost(environment.host)}:${await server.listen(environment.port, environment.host)}`;
    const introduction = await host.announce(`${address}${DEFAULT_BASE_PATH}`);
    if (introduction !== null) console.log(introduction);
    console.log(`Listening on ${address}`);
    await stopped;
    const closed = server.close();
    // Running syncs stop at a safe point, which also ends the requests that wait for them, so that the server can close.
    await host.sdk.close();
    await closed;
  } finally {
    await host.sdk.close();
    await host.close();
  }
}

/** Returns a host for a URL, where IPv6 addresses are in brackets. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
