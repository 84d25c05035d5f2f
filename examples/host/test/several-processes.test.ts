import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Client, Json } from "./client.js";
import { GivenFixture } from "./given-fixture.js";
import { FRAMEWORKS, type Framework, type HostProcess } from "./host-process.js";
import { type OwnDatabase, ownDatabase } from "./own-database.js";

const POSTGRES = process.env.INFRAJET_TEST_POSTGRES_URL;
const REDIS = process.env.INFRAJET_TEST_REDIS_URL;
/** Nothing listens on this port. */
const AWAY = "redis://127.0.0.1:1";

// A sync that was not given back waits for the lease of its branch, 24 seconds. An idle machine takes less than one.
const AT_ONCE_MS = 10_000;

const USER = "ada";
const PROJECT = "network";
const SYNC = { project_id: PROJECT, repository_full_name: "ada/live" };

describe.skipIf(POSTGRES === undefined || REDIS === undefined)("hosts that share PostgreSQL and Redis", () => {
  let fixture: GivenFixture;
  let database: OwnDatabase;
  let prefix: string;

  beforeEach(async () => {
    fixture = await GivenFixture.open();
    database = await ownDatabase(POSTGRES ?? "");
    prefix = `test-${randomBytes(8).toString("hex")}`;
    await fixture.box.createRepository({ owner: USER, name: "live", autoInit: true });
    await fixture.put(`projects/${USER}/${PROJECT}/main.tf`, "# one\n");
  });
  afterEach(async () => {
    await fixture.close();
    await database.drop();
    await removeKeys(prefix);
  });

  /** Starts a process. */
  function start(
    worker: string,
    env: Readonly<Record<string, string>> = {},
    framework: Framework = "express",
  ): HostProcess {
    return fixture.start(framework, {
      ...fixture.environment,
      ...{ PROJECTS_DIR: "projects", DATABASE_URL: database.url, SYNC_WAIT_SECONDS: "0" },
      ...{ REDIS_URL: REDIS ?? "", REDIS_PREFIX: prefix, WORKER: worker, ...env },
    });
  }

  /** Returns a client of a serving process whose user is connected. */
  async function connected(host: HostProcess): Promise<Client> {
    const client = await fixture.clientOf(host, USER);
    await fixture.connect(client, USER);
    return client;
  }

  async function latest(client: Client): Promise<Json> {
    const { sync_records: records } = await client.read(`/sync/history/${PROJECT}`);
    return Array.isArray(records) ? records[0] : {};
  }

  it("run a sync that one of them accepted in the one that works, and pass its progress on to the clients of the first", async () => {
    const client = await connected(start("none"));
    expect(await client.send("/sync/project", SYNC)).toMatchObject({
      status: expect.stringMatching(/pending|progress/),
    });
    expect(await latest(client)).toMatchObject({ sync_status: "pending" });
    const messages = await client.watch(PROJECT, "github_sync_completed", async () => {
      await start("only", {}, "fastify").address();
    });
    expect(messages.map(({ type }) => type)).toContain("github_sync_progress");
    expect(await latest(client)).toMatchObject({ sync_status: "completed" });
  });

  it.each(FRAMEWORKS)("serve nothing but the probes on %s with WORKER=only", async (framework) => {
    const address = await start("only", {}, framework).address();
    const read = async (path: string) => {
      const response = await fetch(`${address}${path}`);
      return { status: response.status, body: await response.json() };
    };
    for (const base of ["", "/api/v1/github"]) {
      expect(await read(`${base}/live`)).toEqual({ status: 200, body: { status: "ok" } });
      // A check of a busy machine may time out.
      const ready = { status: "ready", checks: { queue: "✓ Reachable" } };
      await expect.poll(() => read(`${base}/ready`)).toMatchObject({ status: 200, body: ready });
    }
    for (const path of ["/", "/api/v1/github/health", "/api/v1/github/connection/status", "/api/v1/github/ready/x"])
      expect(await read(path)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  it("begin the sync of a process that is shut down at once in another one", async () => {
    const client = await connected(start("none"));
    await client.send("/sync/project", SYNC);
    const requests: number[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    fixture.box.control.beforeRequest(async () => {
      requests.push(Date.now());
      await held;
    });
    const first = start("only");
    await expect.poll(() => requests.length).toBeGreaterThan(0);
    await start("only").address();
    const before = requests.length;
    const since = Date.now();
    const ended = first.stop();
    await expect.poll(() => requests.length, { interval: 10 }).toBeGreaterThan(before);
    expect((requests[before] ?? 0) - since).toBeLessThan(AT_ONCE_MS);
    release();
    expect((await ended).code).toBe(0);
    await expect.poll(() => latest(client)).toMatchObject({ sync_status: "completed" });
  });

  it("accept syncs and run them from the database while Redis is unreachable", async () => {
    const client = await connected(start("none", { REDIS_URL: AWAY }));
    const worker = start("only", { REDIS_URL: AWAY });
    const address = await worker.address();
    await client.send("/sync/project", SYNC);
    await expect.poll(() => latest(client)).toMatchObject({ sync_status: "completed" });
    const ready = await fetch(`${address}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      checks: { store: "✓ Reachable", queue: "✗ Failed" },
    });
    const { code, stderr } = await worker.stop();
    expect(code).toBe(0);
    expect(stderr.match(/Redis is unreachable/g)).toHaveLength(1);
    expect(stderr).not.toContain("Unhandled error event");
  });

  it("run syncs of a process that only serves without Redis, too", async () => {
    const client = await connected(start("none", { REDIS_URL: "" }));
    await start("only", { REDIS_URL: "" }).address();
    await client.send("/sync/project", SYNC);
    await expect.poll(() => latest(client)).toMatchObject({ sync_status: "completed" });
  });
});

async function removeKeys(prefix: string): Promise<void> {
  const connection = new Redis(REDIS ?? "");
  for await (const keys of connection.scanStream({ match: `${prefix}*` }))
    if (keys.length > 0) await connection.del(keys);
  connection.disconnect();
}
