import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createAzureFilesBox } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GivenFixture } from "./given-fixture.js";
import { type OwnDatabase, ownDatabase } from "./own-database.js";

let fixture: GivenFixture;
const databases: OwnDatabase[] = [];

beforeAll(async () => {
  fixture = await GivenFixture.open();
});
afterAll(async () => {
  await fixture.close();
  for (const database of databases) await database.drop();
});

const SERVERS = {
  SQLite: "file:data/host.db",
  PostgreSQL: process.env.INFRAJET_TEST_POSTGRES_URL,
  MariaDB: process.env.INFRAJET_TEST_MYSQL_URL,
};

describe("example hosts with credentials", () => {
  for (const [name, server] of Object.entries(SERVERS)) {
    it.skipIf(server === undefined)(
      `reads .env, responds before the end of a sync, and finishes the sync after a restart on ${name}`,
      async () => {
        const cwd = join(fixture.folder, name);
        const userId = `user-${randomBytes(4).toString("hex")}`;
        await fixture.put(join(name, "files", userId, "network/main.tf"), "one\n");
        const repository = await fixture.box.createRepository({
          owner: userId,
          name: "infrastructure",
          autoInit: true,
        });
        const env = {
          ...fixture.environment,
          DATABASE_URL: await databaseOn(server ?? ""),
          PROJECTS_DIR: "files",
          SYNC_WAIT_SECONDS: "0",
        };
        await fixture.put(
          join(name, ".env"),
          Object.entries(env)
            .map(([key, value]) => `${key}=${value}\n`)
            .join(""),
        );
        const first = fixture.start("express", {}, cwd);
        const client = await fixture.clientOf(first, userId);
        expect((await fixture.connect(client, userId)).search).toBe("?tab=github&connected=1");

        const commit = new EventEmitter();
        const arrived = once(commit, "arrived");
        const released = once(commit, "released");
        const forget = fixture.box.control.beforeRequest(async ({ operation }) => {
          if (operation !== "createCommitOnBranch") return;
          commit.emit("arrived");
          await released;
        });
        const request = { project_id: "network", repository_full_name: repository.fullName };
        const begun = await client.send("/sync/project", request);
        expect(begun.status).toMatch(/^(pending|in_progress)$/);
        await arrived;
        const end = first.stop();
        commit.emit("released");
        forget();
        expect(await end).toMatchObject({ code: 0 });

        const second = fixture.start("fastify", {}, cwd);
        const again = await fixture.clientOf(second, userId);
        const watched = await again.read("/sync/history/network");
        expect(watched).toMatchObject({ total_syncs: 1, sync_records: [{ id: Number(begun.sync_id) }] });
        const repeated = await again.send("/sync/project", { ...request, wait: 30 });
        expect(repeated.status).not.toBe("failed");
        expect(await second.stop()).toMatchObject({ code: 0 });
        expect((await repository.log()).length).toBe(2);
      },
    );
  }

  it("the Fastify host syncs from an Azure file share", async () => {
    const azure = await createAzureFilesBox();
    await azure.listen();
    azure.createShare("projects").write("generated/7/network/main.tf", "one\n");
    const repository = await fixture.box.createRepository({ owner: "grace", name: "from-azure", autoInit: true });
    const cwd = join(fixture.folder, "azure");
    await mkdir(cwd, { recursive: true });
    const host = fixture.start(
      "fastify",
      {
        ...fixture.environment,
        DATABASE_URL: "file:host.db",
        AZURE_STORAGE_CONNECTION_STRING: azure.connectionString,
        AZURE_FILE_SHARE_NAME: "projects",
        AZURE_BASE_DIRECTORY: "generated",
      },
      cwd,
    );
    const client = await fixture.clientOf(host, "7");
    await fixture.connect(client, "grace");
    const request = { project_id: "network", repository_full_name: repository.fullName };
    expect(await client.send("/sync/project", request)).toMatchObject({ status: "completed", files_synced: 1 });
    azure.resetCounters();
    expect(await client.send("/sync/project", request)).toMatchObject({ status: "completed", files_synced: 0 });
    expect(azure.count("GetFile")).toBe(0);
    expect(await host.stop()).toMatchObject({ code: 0, stderr: "" });
    await azure.close();
  });

  it("the Express host exits with one line that explains how to generate a key when none is set", async () => {
    const host = fixture.start("express", { ...fixture.environment, GITHUB_TOKEN_ENCRYPTION_KEYS: "" });
    const { code, stdout, stderr } = await host.end;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^encryptionKeys \(GITHUB_TOKEN_ENCRYPTION_KEYS\): .*randomBytes\(32\).*\n$/);
  });
});

/** Creates an empty database on a server and returns its URL. SQLite creates its file itself. */
async function databaseOn(server: string): Promise<string> {
  if (server.startsWith("file:")) return server;
  const database = await ownDatabase(server);
  databases.push(database);
  return database.url;
}
