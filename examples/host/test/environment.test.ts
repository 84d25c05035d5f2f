import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBoxedGitHub } from "../src/boxed-github.js";
import { openBoxedHost } from "../src/boxed-host.js";
import { ConfigurationError } from "../src/configuration-error.js";
import { readEnvironment } from "../src/environment.js";
import { openHost } from "../src/open-host.js";

const PRIVATE_KEY = String(
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }),
);
const APP = { GITHUB_APP_ID: "1", GITHUB_PRIVATE_KEY: PRIVATE_KEY };
const AZURE = {
  AZURE_STORAGE_CONNECTION_STRING:
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=YWJj;EndpointSuffix=core.windows.net",
  AZURE_FILE_SHARE_NAME: "share",
};
const GIVEN = {
  GITHUB_CLIENT_ID: "id",
  GITHUB_CLIENT_SECRET: "secret",
  GITHUB_TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
  SUPABASE_JWT_SECRET: "s".repeat(40),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infrajet-host-"));
  await writeFile(join(folder, "no.db"), "This file is not a database.".repeat(100));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Opens and closes a host with environment variables. FOLDER in the database's URL is replaced by the test's folder. */
async function open(env: Readonly<Record<string, string>>): Promise<void> {
  const environment = readEnvironment(
    { ...GIVEN, ...env, DATABASE_URL: (env.DATABASE_URL ?? "file:FOLDER/host.db").replace("FOLDER", folder) },
    folder,
  );
  const { github, http } = environment;
  if (github === null || http === null) throw new Error("GitHub credentials are missing.");
  const host = await openHost({ ...environment, github, http }, null);
  await host.sdk.close();
  await host.close();
}

describe("readEnvironment and openHost", () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ["PORT", { PORT: "http" }],
    ["REDIS_URL", { REDIS_URL: "http://127.0.0.1:6379" }],
    ["REDIS_PREFIX", { REDIS_PREFIX: "a{b}" }],
    ["WORKER", { WORKER: "maybe" }],
    ["PORT", { PORT: "70000" }],
    ["DATABASE_URL", { DATABASE_URL: "oracle://host/db" }],
    ["DATABASE_URL", { DATABASE_URL: "postgresql://u:p@ss@@:x/y z" }],
    ["DATABASE_URL", { DATABASE_URL: "file:FOLDER/no.db" }],
    ["DATABASE_URL", { DATABASE_URL: "file:/proc/none/host.db" }],
    ["DATABASE_URL", { DATABASE_URL: "file:FOLDER/no.db/below/host.db" }],
    ["DATABASE_URL", { DATABASE_URL: "pglite:/proc/none/database" }],
    ["DATABASE_URL", { DATABASE_URL: "pglite:FOLDER/no.db" }],
    ["GITHUB_API_URL", { GITHUB_API_URL: "api.github.com" }],
    ["GITHUB_SERVER_URL", { GITHUB_SERVER_URL: "github" }],
    ["GITHUB_REDIRECT_URI", { GITHUB_REDIRECT_URI: "/callback" }],
    ["GITHUB_CLIENT_SECRET", { GITHUB_CLIENT_SECRET: " " }],
    ["GITHUB_OAUTH_CLIENT_SECRET", { GITHUB_OAUTH_CLIENT_ID: "id" }],
    ["GITHUB_CLIENT_ID", { GITHUB_CLIENT_ID: "", GITHUB_CLIENT_SECRET: "" }],
    ["GITHUB_APP_ID", { GITHUB_PRIVATE_KEY: PRIVATE_KEY }],
    ["GITHUB_APP_ID", { ...APP, GITHUB_APP_ID: "my-app" }],
    ["GITHUB_APP_NAME", { ...APP, GITHUB_APP_NAME: "My App!" }],
    ["GITHUB_PRIVATE_KEY", { GITHUB_APP_ID: "1" }],
    ["GITHUB_PRIVATE_KEY", { ...APP, GITHUB_PRIVATE_KEY: "/etc/github/key.pem" }],
    ["GITHUB_TOKEN_ENCRYPTION_KEYS", { GITHUB_TOKEN_ENCRYPTION_KEYS: "" }],
    ["GITHUB_TOKEN_ENCRYPTION_KEYS", { GITHUB_TOKEN_ENCRYPTION_KEYS: "k1:c2hvcnQ=" }],
    [
      "GITHUB_TOKEN_ENCRYPTION_KEYS",
      { ...APP, GITHUB_CLIENT_ID: "", GITHUB_CLIENT_SECRET: "", GITHUB_TOKEN_ENCRYPTION_KEYS: "" },
    ],
    ["SUPABASE_JWT_SECRET", { SUPABASE_JWT_SECRET: "" }],
    ["SUPABASE_JWT_SECRET", { SUPABASE_JWT_SECRET: "short" }],
    ["SUPABASE_JWT_SECRET", { SUPABASE_JWKS_URL: "https://host.example/jwks" }],
    ["SUPABASE_JWKS_URL", { SUPABASE_JWT_SECRET: "", SUPABASE_JWKS_URL: "ftp://host.example" }],
    ["AFTER_CONNECT_URL", { AFTER_CONNECT_URL: "//elsewhere.example" }],
    ["SYNC_WAIT_SECONDS", { SYNC_WAIT_SECONDS: "soon" }],
    ["SECURE_COOKIE", { SECURE_COOKIE: "yes" }],
    ["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "https://app.example,app.example" }],
    ["AZURE_STORAGE_CONNECTION_STRING", { AZURE_FILE_SHARE_NAME: "share" }],
    ["AZURE_STORAGE_CONNECTION_STRING", { ...AZURE, AZURE_STORAGE_CONNECTION_STRING: "rubbish" }],
    ["AZURE_FILE_SHARE_NAME", { ...AZURE, AZURE_FILE_SHARE_NAME: "No Share" }],
    ["AZURE_BASE_DIRECTORY", { ...AZURE, AZURE_BASE_DIRECTORY: "../x" }],
    ["PROJECTS_DIR", { ...AZURE, PROJECTS_DIR: "files" }],
  ])("fail with one line that names %s when it is invalid: %o", async (variable, env) => {
    const error = await open(env).then(
      () => new Error("The host started."),
      (reason: Error) => reason,
    );
    expect(error.message).toContain(variable);
    expect(error.message).not.toMatch(/\n|\[object/);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["DATA_DIR", { DATA_DIR: "/proc/none/data" }],
    ["DATA_DIR", { DATA_DIR: "no.db" }],
    ["DATA_DIR", { DATA_DIR: "no.db/below" }],
    ["keys.json", { DATA_DIR: "spoiled" }],
    ["PROJECTS_DIR", { PROJECTS_DIR: "/proc/none/projects" }],
  ])("fail with an error that names %s when a host on GitHub in a box cannot store its data: %o", async (name, env) => {
    await mkdir(join(folder, "spoiled"), { recursive: true });
    await writeFile(join(folder, "spoiled", "keys.json"), "{}");
    const github = await startBoxedGitHub();
    try {
      const failure = openBoxedHost(readEnvironment(env, folder), github, null);
      await expect(failure).rejects.toThrow(ConfigurationError);
      await expect(failure).rejects.toThrow(name);
    } finally {
      await github.close();
    }
  });

  it("treat empty variables as not set", () => {
    const names = [
      "PORT",
      "HOST",
      "DATA_DIR",
      "DATABASE_URL",
      "GITHUB_CLIENT_ID",
      "SUPABASE_JWT_SECRET",
      "PROJECTS_DIR",
    ];
    const empty = Object.fromEntries(names.map((name) => [name, ""]));
    expect(readEnvironment(empty, "/srv")).toEqual({ ...readEnvironment({}, "/srv"), variables: empty });
    expect(readEnvironment(empty, "/srv")).toMatchObject({ port: 3000, host: "127.0.0.1", github: null });
  });

  it("accept a private key with escaped newlines and a path as AFTER_CONNECT_URL", async () => {
    await open({ ...APP, GITHUB_PRIVATE_KEY: PRIVATE_KEY.replaceAll("\n", "\\n"), AFTER_CONNECT_URL: "/settings" });
  });
});
