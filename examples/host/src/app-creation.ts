import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseEnv } from "node:util";
import {
  appEnvironment,
  type CreatedApp,
  type GitHubAppOptions,
  isGitHubSdkError,
  optionsFromEnv,
} from "@infrajet/github";
import type { GitHubHttpOptions } from "@infrajet/github/http";
import { ConfigurationError } from "./configuration-error.js";
import { makeOwnFolder } from "./own-folder.js";

/** Lets an operator create the host's GitHub App in the browser. */
export interface AppCreation {
  readonly http: Pick<GitHubHttpOptions, "saveApp" | "authorizeOperator" | "appManifest">;
  /** The token that the page requires; `null` for none. */
  readonly operatorToken: string | null;
  /** Resolves when an App was created and stored. */
  readonly created: Promise<GitHubAppOptions>;
}

const FILE = "github-app.env";

/** Returns the creation of an App on GitHub in a box, which needs no token and forgets the App when the host stops. */
export function boxedAppCreation(): AppCreation {
  return appCreation(null, async () => {});
}

/** Returns the creation of an App whose credentials are kept in DATA_DIR. */
export function keptAppCreation(dataDir: string): AppCreation {
  return appCreation(randomBytes(32).toString("base64url"), (app) => keep(dataDir, app));
}

/** Returns the App whose credentials are kept in DATA_DIR; `null` when there is none. @throws ConfigurationError */
export function keptApp(dataDir: string): GitHubAppOptions | null {
  const file = join(dataDir, FILE);
  try {
    return optionsFromEnv(parseEnv(readFileSync(file, "utf8"))).app ?? null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    const reason = isGitHubSdkError(error) ? error.message : "It cannot be read.";
    throw new ConfigurationError(`${file} does not contain a GitHub App. ${reason}`);
  }
}

function appCreation(operatorToken: string | null, store: (app: CreatedApp) => Promise<void>): AppCreation {
  let resolve = (_app: GitHubAppOptions): void => {};
  const created = new Promise<GitHubAppOptions>((settle) => {
    resolve = settle;
  });
  return {
    operatorToken,
    created,
    http: {
      authorizeOperator: ({ bearerToken }) => operatorToken === null || isSame(bearerToken ?? "", operatorToken),
      // Names of Apps are unique on GitHub.
      appManifest: { name: `Infrajet ${randomBytes(4).toString("hex")}` },
      async saveApp(app) {
        await store(app);
        const { app: options } = optionsFromEnv(appEnvironment(app));
        if (options !== undefined) resolve(options);
      },
    },
  };
}

async function keep(dataDir: string, app: CreatedApp): Promise<void> {
  await makeOwnFolder("DATA_DIR", dataDir);
  const file = join(dataDir, FILE);
  const temporary = `${file}.${process.pid}.tmp`;
  const lines = Object.entries(appEnvironment(app)).map(([name, value]) => `${name}="${value}"\n`);
  await writeFile(temporary, lines.join(""), { mode: 0o600 });
  await rename(temporary, file);
}

/** Compares in a time that does not depend on the texts. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
