import { createHmac } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { BoxRepository, GitHubApp, Installation, RequestInfo } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client, Json } from "./client.js";
import { GivenFixture } from "./given-fixture.js";
import type { HostProcess } from "./host-process.js";
import { PrivatePostgres, postgresPrograms } from "./private-postgres.js";

const USER = "ada";
const WEBHOOK_SECRET = "the secret of the webhook";

const isWanted = process.env.INFRAJET_TEST_POSTGRES_URL !== undefined;
const programs = postgresPrograms();

// In CI the test fails instead of being skipped when PostgreSQL is missing.
const isSkipped = !isWanted || (programs === null && process.env.CI === undefined);
const why = programs === null ? " (skipped: no PostgreSQL under /usr/lib/postgresql)" : "";

// The cases are consecutive steps.
describe.skipIf(isSkipped)(`a host during an outage of its PostgreSQL${why}`, () => {
  let fixture: GivenFixture;
  let postgres: PrivatePostgres;
  let host: HostProcess;
  let client: Client;
  let app: GitHubApp;
  let installation: Installation;
  let repository: BoxRepository;
  let project: Readonly<Record<string, string>>;

  beforeAll(async () => {
    if (programs === null) throw new Error("PostgreSQL's programs are missing. Install it under /usr/lib/postgresql.");
    fixture = await GivenFixture.open();
    postgres = await PrivatePostgres.create(programs);
    repository = await fixture.box.createRepository({ owner: USER, name: "live", autoInit: true });
    project = { project_id: "network", repository_full_name: repository.fullName };
    await fixture.put(`projects/${USER}/network/main.tf`, "one\n");
    app = fixture.box.addApp({ webhookSecret: WEBHOOK_SECRET, callbackUrls: ["https://app.example/"] });
    const { GITHUB_CLIENT_ID: clientId = "", GITHUB_CLIENT_SECRET: clientSecret = "" } = fixture.environment;
    host = fixture.start("fastify", {
      ...fixture.environment,
      GITHUB_OAUTH_CLIENT_ID: clientId,
      GITHUB_OAUTH_CLIENT_SECRET: clientSecret,
      GITHUB_CLIENT_ID: app.clientId,
      GITHUB_CLIENT_SECRET: app.clientSecret,
      GITHUB_APP_ID: String(app.id),
      GITHUB_PRIVATE_KEY: app.privateKey,
      GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
      PROJECTS_DIR: "projects",
      // The timeout of a query. Defaults to half a minute.
      DATABASE_URL: `${postgres.url}?query_timeout=2000`,
    });
    client = await fixture.clientOf(host, USER);
    await fixture.connect(client, USER);
  });
  afterAll(async () => {
    await fixture?.close();
    await postgres?.remove();
  });

  it("responds 500 with store_failed during the outage, and completes a running sync afterwards", async () => {
    const commit = hold(({ operation }) => operation === "createCommitOnBranch");
    const begun = await client.send("/sync/project", { ...project, wait: 0 });
    await commit.arrived;
    await postgres.stop();
    await Promise.all(requests(client, begun.sync_id).map(expectStoreFailed));
    expect(await client.read("/health")).toMatchObject({ status: "healthy" });
    // The host cannot store the result of the commit.
    await commit.release();

    await postgres.start();
    const history = (): Promise<Json> => client.read("/sync/history/network");
    await expect.poll(history).toMatchObject({ current_status: "completed", total_syncs: 1 });
    expect(await history()).toMatchObject({ sync_records: [{ last_commit_sha: await repository.head() }] });
    expect(await repository.log()).toHaveLength(2);
  });

  it("connects, syncs and receives webhooks after the outage", async () => {
    await client.send("/disconnect", {});
    await fixture.connect(client, USER);
    await fixture.put(`projects/${USER}/network/main.tf`, "two\n");
    expect(await client.send("/sync/project", project)).toMatchObject({ status: "completed", files_synced: 1 });
    expect(await repository.log()).toHaveLength(3);
    expect((await deliver(client)).status).toBe(202);
    installation = fixture.box.install(app, { account: USER });
    const body = {
      installation_id: installation.id,
      repo_owner: USER,
      repo_name: "live",
      user_access_token: await userToken(),
    };
    expect(await client.send("/repositories/validate-access", body)).toEqual({
      has_access: true,
      installation_found: true,
      repository_accessible: true,
    });
  });

  it("responds 500 with store_failed in time when the server is frozen and keeps its connections", async () => {
    await postgres.freeze();
    await Promise.all(requests(client, 1).map(expectStoreFailed));
    await postgres.thaw();
    await expect.poll(async () => (await client.get("/connection/status")).status).toBe(200);
    await fixture.put(`projects/${USER}/network/main.tf`, "three\n");
    expect(await client.send("/sync/project", project)).toMatchObject({ status: "completed", files_synced: 1 });
    expect(await repository.log()).toHaveLength(4);
    await repository.fsck();
  });

  // Shorter than the time for which Fastify keeps an idle connection.
  it("exits during a webhook with exit code 0 and one warning", { timeout: 60_000 }, async () => {
    const reading = hold(({ route }) => route === "GET /app/installations/{installation_id}");
    app.webhook.url = `${client.api}/webhook`;
    installation.suspend();
    await reading.arrived;
    const before = host.stderr.length;
    const { code, stderr } = await host.stop();
    await reading.release();
    expect(code).toBe(0);
    const [line = "", ...more] = stderr.slice(before).trim().split("\n");
    expect(JSON.parse(line)).toMatchObject({ level: "warn", event: "installation" });
    expect(more).toEqual([]);
  });

  /** Returns the user's access token for the App, as another client would get it. */
  async function userToken(): Promise<string> {
    const { clientId: client_id, clientSecret: client_secret } = app;
    const login = `${fixture.github.serverUrl}/login/oauth`;
    const { code } = await fixture.box.authorize(`${login}/authorize?client_id=${client_id}`, { login: USER });
    const body = new URLSearchParams({ client_id, client_secret, code });
    const response = await fetch(`${login}/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    return String(Object(await response.json()).access_token);
  }

  /** Delays matching requests at GitHub until they are released. */
  function hold(isHeld: (request: RequestInfo) => boolean): {
    readonly arrived: Promise<unknown>;
    release(): Promise<unknown>;
  } {
    const steps = new EventEmitter();
    const [arrived, released, done] = [once(steps, "arrived"), once(steps, "released"), once(steps, "done")];
    const { control } = fixture.box;
    const endHold = control.beforeRequest(async (request) => {
      if (!isHeld(request)) return;
      steps.emit("arrived");
      await released;
    });
    const endWatch = control.afterRequest((request) => {
      if (isHeld(request)) steps.emit("done");
    });
    return {
      arrived,
      release: async () => {
        steps.emit("released");
        await done;
        endHold();
        endWatch();
      },
    };
  }
});

/** Sends requests that require the database. */
function requests(client: Client, syncId: unknown): readonly Promise<Response>[] {
  const project = { project_id: "network", repository_full_name: `${USER}/live` };
  return [
    client.get("/auth/login"),
    client.post("/auth/callback", { code: "code", state: "a-state-of-the-test" }),
    client.get("/connection/status"),
    client.get("/repositories"),
    client.get("/sync/history/network"),
    client.get("/sync/status/network"),
    client.get("/sync/metrics"),
    client.post("/sync/project", project),
    client.post("/sync/manual-trigger", project),
    client.post("/sync/check-conflicts", project),
    client.post("/sync/retry", { sync_record_id: Number(syncId) }),
    client.post("/installation/token", { installation_id: 1 }),
    client.post("/disconnect", {}),
    deliver(client),
  ];
}

async function expectStoreFailed(sent: Promise<Response>): Promise<void> {
  const response = await sent;
  expect({ status: response.status, body: await response.json() }, response.url).toEqual({
    status: 500,
    body: { detail: "The database did not respond or rejected the operation. Try again later.", code: "store_failed" },
  });
}

function deliver({ api }: Client): Promise<Response> {
  const body = JSON.stringify({ zen: "Keep it logically awesome.", hook_id: 1 });
  const signature = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
  const headers = {
    "content-type": "application/json",
    "x-github-event": "ping",
    "x-github-delivery": "00000000-0000-4000-8000-000000000001",
    "x-hub-signature-256": `sha256=${signature}`,
  };
  return fetch(`${api}/webhook`, { method: "POST", headers, body });
}
