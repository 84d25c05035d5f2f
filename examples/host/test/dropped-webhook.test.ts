import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GivenFixture } from "./given-fixture.js";
import type { Framework, HostProcess } from "./host-process.js";

/** A delivery that reached a host. */
interface Delivered {
  readonly action: unknown;
  readonly request: Request;
  readonly status: number;
}

let fixture: GivenFixture;
beforeEach(async () => {
  fixture = await GivenFixture.open();
  await fixture.put("projects/.keep", "");
});
afterEach(() => fixture.close());

describe("a host whose GitHub App missed a webhook delivery", () => {
  it.each<[Framework, Framework]>([
    ["express", "fastify"],
    ["fastify", "express"],
  ])("requests it from GitHub and handles it once after a restart, %s then %s", async (framework, next) => {
    const { box } = fixture;
    const app = box.addApp({ slug: "hooks", webhookSecret: "between the box and the host", events: ["push"] });
    const env = { ...fixture.environmentOf(app), PROJECTS_DIR: "projects", DATABASE_URL: "file:host.db" };
    const delivered: Delivered[] = [];
    const deliverTo = (host: HostProcess): void => {
      app.webhook.handler = async (request) => {
        const copy = request.clone();
        const { action } = JSON.parse(await request.clone().text());
        const response = await send(host, request);
        delivered.push({ action, request: copy, status: response.status });
        return response;
      };
    };
    const first = fixture.start(framework, env);
    await first.address();
    deliverTo(first);
    const installation = box.install(app, { account: "ada" });
    await box.deliveriesSettled();
    box.control.deliveryFault({ event: "installation", how: "drop" });
    installation.suspend();
    await box.deliveriesSettled();
    expect(delivered).toMatchObject([{ action: "created", status: 202 }]);
    await first.kill();

    const second = fixture.start(next, env);
    await second.address();
    deliverTo(second);
    await expect.poll(() => delivered.length, { timeout: 120_000, interval: 100 }).toBe(2);
    const [, suspended] = delivered;
    expect(suspended).toMatchObject({ action: "suspend", status: 202 });
    const again = async (): Promise<unknown> => (await send(second, suspended?.request.clone())).json();
    await expect.poll(again, { timeout: 120_000, interval: 100 }).toMatchObject({ handled: false });
  });
});

async function send(host: HostProcess, request: Request | undefined): Promise<Response> {
  if (request === undefined) throw new Error("No delivery arrived.");
  const { headers } = request;
  const url = `${await host.address()}/api/v1/github/webhook`;
  return fetch(url, { method: "POST", headers, body: await request.arrayBuffer() });
}
