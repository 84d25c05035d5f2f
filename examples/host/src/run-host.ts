import { once } from "node:events";
import process from "node:process";
import { isGitHubSdkError } from "@infrajet/github";
import { DEFAULT_BASE_PATH } from "@infrajet/github/http";
import { openBoxedHost } from "./boxed-host.js";
import { ConfigurationError } from "./configuration-error.js";
import { type HostEnvironment, loadEnvFile, readEnvironment } from "./environment.js";
import { type Host, openHost } from "./open-host.js";
import type { HostServer } from "./server.js";

/** Puts the endpoints into a framework's server. */
type Mount = (host: Host) => Promise<HostServer> | HostServer;

const FAILED = 1;
const WRONG_USE = 2;

/**
 * Runs a host until SIGTERM or Ctrl-C: reads the environment, opens everything, and serves what `mount` makes of it. What keeps
 * it from starting is said in one line.
 */
export async function runHost(mount: Mount): Promise<void> {
  try {
    const folder = process.cwd();
    loadEnvFile(folder);
    await serve(readEnvironment(process.env, folder), mount);
  } catch (error) {
    process.exitCode = error instanceof ConfigurationError ? WRONG_USE : FAILED;
    const isUnderstood = error instanceof ConfigurationError || isGitHubSdkError(error) || isSystemError(error);
    console.error(isUnderstood ? error.message : error);
  }
}

async function serve(environment: HostEnvironment, mount: Mount): Promise<void> {
  const { github, tokenKey } = environment;
  const host =
    github === null || tokenKey === null
      ? await openBoxedHost(environment)
      : await openHost({ ...environment, github, tokenKey });
  try {
    const server = await mount(host);
    const address = `http://${urlHost(environment.host)}:${await server.listen(environment.port, environment.host)}`;
    const introduction = await host.announce(`${address}${DEFAULT_BASE_PATH}`);
    if (introduction !== null) console.log(introduction);
    console.log(`Listening on ${address}`);
    await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
    const closed = server.close();
    // Running syncs stop at a safe point; the requests that wait for them are answered, and the server has none left.
    await host.sdk.close();
    await closed;
  } finally {
    await host.sdk.close();
    await host.close();
  }
}

/** An IPv6 address stands in brackets in a URL. */
function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
