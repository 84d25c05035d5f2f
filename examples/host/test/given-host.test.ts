import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAzureFilesBox, createGitHubBox, type GitHubBox, type OAuthClient } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleToken } from "../src/sample-token.js";
import { Client } from "./client.js";
import { type Framework, HostProcess } from "./host-process.js";

const SECRET = randomBytes(32).toString("hex");
const AFTER = "https://app.example/settings?tab=github";

let folder: string;
let box: GitHubBox;
let oauth: OAuthClient;
let credentials: Readonly<Record<string, string>>;
const hosts: HostProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "infrajet-host-"));
  box = await createGitHubBox();
  const server = await box.listen();
  oauth = box.addOAuthApp({ callbackUrls: [] });
  credentials = {
    GITHUB_API_URL: server.apiUrl,
    GITHUB_SERVER_URL: server.serverUrl,
    GITHUB_CLIENT_ID: oauth.clientId,
    GITHUB_CLIENT_SECRET: oauth.clientSecret,
    GITHUB_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SUPABASE_JWT_SECRET: SECRET,
    SUPABASE_JWKS_URL: "",
    GITHUB_APP_ID: "",
  };
});
afterAll(async () => {
  for (const host of hosts) host.kill();
  await box.close();
  await rm(folder, { recursive: true, force: true });
});

const DATABASES = {
  SQLite: "file:data/host.db",
  PostgreSQL: process.env.INFRAJET_TEST_POSTGRES_URL,
  MariaDB: process.env.INFRAJET_TEST_MYSQL_URL,
};

describe("a host with credentials", { timeout: 90_000 }, () => {
  for (const [name, databaseUrl] of Object.entries(DATABASES)) {
    it.skipIf(databaseUrl === undefined)(
      `reads .env, answers at once, and ends in the middle of a sync, on ${name}`,
      async () => {
        const cwd = join(folder, name);
        const userId = `user-${randomBytes(4).toString("hex")}`;
        await put(join(cwd, "files", userId, "network/main.tf"), "one\n");
        const repository = await box.createRepository({ owner: userId, name: "infrastructure", autoInit: true });
        const env = {
          ...credentials,
          DATABASE_URL: databaseUrl ?? "",
          PROJECTS_DIR: "files",
          AFTER_CONNECT_URL: AFTER,
          SYNC_WAIT_SECONDS: "0",
        };
        await put(
          join(cwd, ".env"),
          Object.entries(env)
            .map(([key, value]) => `${key}=${value}\n`)
            .join(""),
        );
        const first = start("express", {}, cwd);
        const client = await clientOf(first, userId);
        await connect(client, userId);

        const commit = new EventEmitter();
        const arrived = once(commit, "arrived");
        const released = once(commit, "released");
        const forget = box.control.beforeRequest(async ({ operation }) => {
          if (operation !== "createCommitOnBranch") return;
          commit.emit("arrived");
          await released;
        });
        const request = { project_id: "network", repository_full_name: repository.fullName };
        const begun = await client.ask("/sync/project", request);
        expect(begun.status).toMatch(/^(pending|in_progress)$/);
        await arrived;
        const end = first.stop();
        commit.emit("released");
        forget();
        expect(await end).toMatchObject({ code: 0 });

        const second = start("fastify", {}, cwd);
        const again = await clientOf(second, userId);
        const watched = await again.read("/sync/history/network");
        expect(watched).toMatchObject({ total_syncs: 1, sync_records: [{ id: Number(begun.sync_id) }] });
        const settled = await again.ask("/sync/project", { ...request, wait: 30 });
        expect(settled.status).not.toBe("failed");
        expect(await second.stop()).toMatchObject({ code: 0 });
        expect((await repository.log()).length).toBe(2);
      },
    );
  }

  it("syncs from an Azure file share", async () => {
    const azure = await createAzureFilesBox();
    await azure.listen();
    azure.createShare("projects").write("generated/7/network/main.tf", "one\n");
    const repository = await box.createRepository({ owner: "grace", name: "from-azure", autoInit: true });
    const cwd = join(folder, "azure");
    await mkdir(cwd, { recursive: true });
    const host = start(
      "fastify",
      {
        ...credentials,
        AFTER_CONNECT_URL: AFTER,
        DATABASE_URL: "file:host.db",
        AZURE_STORAGE_CONNECTION_STRING: azure.connectionString,
        AZURE_FILE_SHARE_NAME: "projects",
        AZURE_BASE_DIRECTORY: "generated",
      },
      cwd,
    );
    const client = await clientOf(host, "7");
    await connect(client, "grace");
    const request = { project_id: "network", repository_full_name: repository.fullName };
    expect(await client.ask("/sync/project", request)).toMatchObject({ status: "completed", files_synced: 1 });
    azure.resetCounters();
    expect(await client.ask("/sync/project", request)).toMatchObject({ status: "completed", files_synced: 0 });
    expect(azure.count("GetFile")).toBe(0);
    expect(await host.stop()).toMatchObject({ code: 0, stderr: "" });
    await azure.close();
  });

  it("ends with one line that says how to make a key when there is none", async () => {
    const host = start("express", { ...credentials, GITHUB_TOKEN_ENCRYPTION_KEYS: "" }, folder);
    const { code, stdout, stderr } = await host.end;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^encryptionKeys \(GITHUB_TOKEN_ENCRYPTION_KEYS\): .*randomBytes\(32\).*\n$/);
  });
});

function start(framework: Framework, env: Readonly<Record<string, string>>, cwd: string): HostProcess {
  const host = HostProcess.start({ framework, env, cwd });
  hosts.push(host);
  return host;
}

async function clientOf(host: HostProcess, userId: string): Promise<Client> {
  return new Client(await host.address(), await sampleToken(userId, SECRET, "authenticated"));
}

/** As an account of GitHub of its own: one belongs to one user. */
async function connect(client: Client, login: string): Promise<void> {
  box.control.signIn(login);
  oauth.callbackUrls = [`${client.api}/auth/callback`];
  const page = await client.visit("/auth/login", "authorization_url", AFTER);
  expect(page.href).toBe(`${AFTER}&connected=1`);
}

async function put(file: string, content: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
}
