import { createHmac } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { BoxRepository, GitHubApp, Installation, RequestInfo } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client, Json } from "./client.js";
import { GivenFixture } from "./given-fixture.js";
import type { HostProcess } from "./host-process.js";
import { PrivatePostgres, postgresPrograms } from "./private-postgres.js";

const USER = "ada";
const WEBHOOK_SECRET = "a secret of the webhook";

const isWanted = process.env.INFRAJET_TEST_POSTGRES_URL !== undefined;
const programs = postgresPrograms();

// Where databases are tested at all, a build server may not leave this out unnoticed.
const isSkipped = !isWanted || (programs === null && process.env.CI === undefined);
const why = programs === null ? " (skipped: no PostgreSQL under /usr/lib/postgresql)" : "";

// The cases are steps of one story.
describe.skipIf(isSkipped)(`a host whose PostgreSQL goes away${why}`, { timeout: 90_000 }, () => {
  let fixture: GivenFixture;
  let postgres: PrivatePostgres;
  let host: HostProcess;
  let client: Client;
  let app: GitHubApp;
  let installation: Installation;
  let repository: BoxRepository;
  let project: Readonly<Record<string, string>>;

  beforeAll(async () => {
    if (programs === null)
      throw new Error("The programs of PostgreSQL are missing: install it under /usr/lib/postgresql");
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
      // As long as a query may take: half a minute unless the URL says otherwise.
      DATABASE_URL: `${postgres.url}?query_timeout=2000`,
    });
    client = await fixture.clientOf(host, USER);
    await fixture.connect(client, USER);
  }, 90_000);
  afterAll(async () => {
    await fixture?.close();
    await postgres?.remove();
  });

  it("answers 500 with a code while it is away, and finishes what was under way", async () => {
    const commit = hold(({ operation }) => operation === "createCommitOnBranch");
    const begun = await client.ask("/sync/project", { ...project, wait: 0 });
    await commit.arrived;
    await postgres.stop();
    await Promise.all(asks(client, begun.sync_id).map(expectStoreFailed));
    expect(await client.read("/health")).toMatchObject({ status: "healthy" });
    // Nobody can write down that it is made.
    await commit.release();

    await postgres.start();
    const history = (): Promise<Json> => client.read("/sync/history/network");
    await expect.poll(history, { timeout: 60_000 }).toMatchObject({ current_status: "completed", total_syncs: 1 });
    expect(await history()).toMatchObject({ sync_records: [{ last_commit_sha: await repository.head() }] });
    expect(await repository.log()).toHaveLength(2);
  });

  it("goes on after", async () => {
    await client.ask("/disconnect", {});
    await fixture.connect(client, USER);
    await fixture.put(`projects/${USER}/network/main.tf`, "two\n");
    expect(await client.ask("/sync/project", project)).toMatchObject({ status: "completed", files_synced: 1 });
    expect(await repository.log()).toHaveLength(3);
    expect((await deliver(client)).status).toBe(200);
    installation = fixture.box.install(app, { account: USER });
    const body = {
      installation_id: installation.id,
      repo_owner: USER,
      repo_name: "live",
      user_access_token: await userToken(),
    };
    expect(await client.ask("/repositories/validate-access", body)).toEqual({
      has_access: true,
      installation_found: true,
      repository_accessible: true,
    });
  });

  it("answers in time when it keeps its connections and says nothing", async () => {
    await postgres.freeze();
    await Promise.all(asks(client, 1).map(expectStoreFailed));
    await postgres.thaw();
    await expect.poll(async () => (await client.get("/connection/status")).status, { timeout: 30_000 }).toBe(200);
    await fixture.put(`projects/${USER}/network/main.tf`, "three\n");
    expect(await client.ask("/sync/project", project)).toMatchObject({ status: "completed", files_synced: 1 });
    expect(await repository.log()).toHaveLength(4);
    await repository.fsck();
  });

  // Less than Fastify keeps a connection that nobody uses.
  it("ends in the middle of a webhook with one warning", { timeout: 30_000 }, async () => {
    const look = hold(({ route }) => route === "GET /app/installations/{installation_id}");
    app.webhook.url = `${client.api}/webhook`;
    installation.suspend();
    await look.arrived;
    const before = host.stderr.length;
    const { code, stderr } = await host.stop();
    await look.release();
    expect(code).toBe(0);
    const [line = "", ...more] = stderr.slice(before).trim().split("\n");
    expect(JSON.parse(line)).toMatchObject({ level: "warn", event: "installation" });
    expect(more).toEqual([]);
  });

  /** A token of the App for the user, as another client of it would hold it. */
  async function userToken(): Promise<string> {
    const { clientId: client_id, clientSecret: client_secret } = app;
    const login = `${fixture.github.serverUrl}/login/oauth`;
    const { code } = await fixture.box.authorize(`${login}/authorize?client_id=${client_id}`, { login: USER });
    const body = new URLSearchParams({ client_id, client_secret, code });
    const answer = await fetch(`${login}/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    return String(Object(await answer.json()).access_token);
  }

  /** Holds requests of a kind from their arrival at GitHub on; they are done when they are released. */
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

/** Requests that cannot be answered without the database. */
function asks(client: Client, syncId: unknown): readonly Promise<Response>[] {
  const project = { project_id: "network", repository_full_name: `${USER}/live` };
  return [
    client.get("/auth/login"),
    client.post("/auth/callback", { code: "code", state: "state" }),
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

async function expectStoreFailed(asked: Promise<Response>): Promise<void> {
  const response = await asked;
  expect({ status: response.status, body: await response.json() }, response.url).toEqual({
    status: 500,
    body: { detail: "The database did not answer, or refused. Try again later.", code: "store_failed" },
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
