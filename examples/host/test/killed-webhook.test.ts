import { EventEmitter, once } from "node:events";
import type { GitHubApp } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GivenFixture } from "./given-fixture.js";
import type { Framework, HostProcess } from "./host-process.js";
import { type OwnDatabase, ownDatabase } from "./own-database.js";

const SERVER = process.env.INFRAJET_TEST_POSTGRES_URL;
const WEBHOOK_SECRET = "between the box and the host";
/** The GraphQL field with which the handler of pushes reads the branch. */
const READ = "node";

/** A delivery as GitHub sends it. */
interface Sent {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

let fixture: GivenFixture;
let database: OwnDatabase | null;
let app: GitHubApp;

beforeEach(async () => {
  fixture = await GivenFixture.open();
  database = null;
});
afterEach(async () => {
  await fixture.close();
  await database?.drop();
});

describe("a host after SIGKILL right after it stored a webhook delivery", () => {
  it.each<[string, Framework, Framework]>([
    ["the embedded database", "express", "fastify"],
    ["PostgreSQL", "fastify", "express"],
  ])(
    "runs the delivery's handler once after the restart on %s",
    async (name, framework, next) => {
      if (name === "PostgreSQL" && SERVER === undefined) return;
      database = name === "PostgreSQL" ? await ownDatabase(SERVER ?? "") : null;
      const env = environment();
      const [push] = await Promise.all([pushDelivery(), fixture.put("projects/.keep", "")]);
      const first = fixture.start(framework, env);
      const reads = await sendAndKill(first, push);

      const second = fixture.start(next, env);
      await second.address();
      await expect
        .poll(async () => (await post(second, push)).handled, { timeout: 120_000, interval: 200 })
        .toBe(false);
      expect(reads).toHaveLength(1);
    },
    300_000,
  );

  function environment(): Record<string, string> {
    app = fixture.box.addApp({
      slug: "hooks",
      webhookSecret: WEBHOOK_SECRET,
      permissions: { contents: "write" },
      events: ["push"],
    });
    return {
      ...fixture.environmentOf(app),
      ...(database === null ? {} : { DATABASE_URL: database.url }),
      PROJECTS_DIR: "projects",
    };
  }

  /** Pushes a commit in the box, and returns the delivery that the App receives. */
  async function pushDelivery(): Promise<Sent> {
    const repository = await fixture.box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    fixture.box.install(app, { account: "ada" });
    const sent: Sent[] = [];
    app.webhook.handler = async (request) => {
      sent.push({ headers: request.headers, body: new Uint8Array(await request.arrayBuffer()) });
      return new Response();
    };
    await repository.commit({ files: { "main.tf": "" } });
    await fixture.box.deliveriesSettled();
    app.webhook.handler = undefined;
    const push = sent.find(({ headers }) => headers.get("x-github-event") === "push");
    return push ?? expect.fail("The box sent no push.");
  }

  /** Sends a delivery and kills the host upon its response. Returns the reads of handlers after that. */
  async function sendAndKill(host: HostProcess, delivery: Sent): Promise<readonly string[]> {
    const steps = new EventEmitter();
    const killed = once(steps, "killed");
    let isKilled = false;
    const reads: string[] = [];
    fixture.box.control.beforeRequest(async ({ operation = "" }) => {
      if (operation !== READ) return;
      if (isKilled) reads.push(operation);
      // The handler may begin before the host is killed, but it does not end.
      else await killed;
    });
    expect(await post(host, delivery)).toMatchObject({ status: 202, handled: true });
    await host.kill();
    isKilled = true;
    steps.emit("killed");
    return reads;
  }
});

async function post(host: HostProcess, { headers, body }: Sent): Promise<{ status: number; handled: unknown }> {
  const url = `${await host.address()}/api/v1/github/webhook`;
  const response = await fetch(url, { method: "POST", headers, body });
  const { handled } = (await response.json()) as { handled?: unknown };
  return { status: response.status, handled };
}
