import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appEngine } from "../sdk/engines.js";
import { AppFixture } from "./app-fixture.js";

const PATH = "/app/installation-requests";

let fixture: AppFixture;
let events: unknown[];
beforeEach(async () => {
  fixture = await AppFixture.create();
  fixture.acme.remove();
  events = [];
  fixture.sdk.on("installation.requested", (payload) => events.push(payload));
});
afterEach(() => fixture.close());

/** Requests an installation in acme as the member max, and completes GitHub's redirect to the callback. */
async function request(userId: string): Promise<void> {
  const { installationUrl } = await fixture.sdk.app.installUrl({ userId, state: "a state of this user" });
  const {
    state = "",
    code,
    setupAction,
  } = await fixture.box.installFrom(installationUrl, {
    login: "max",
    account: "acme",
  });
  if (code === undefined || setupAction === undefined) expect.fail("GitHub sent no code or no setup_action.");
  await fixture.sdk.connections.complete({ userId, state, code, setupAction });
}

async function pending(userId: string) {
  const user = { userId };
  return fixture.sdk.app.pendingInstallations(user, await fixture.sdk.app.installations(user));
}

describe("requested installation", () => {
  it("is pending for its requester until an owner approves it, and then visible", async () => {
    await request("8");
    const githubUserId = (await fixture.sdk.connections.account("8"))?.githubUserId;
    expect(events).toEqual([{ userId: "8", githubUserId, login: "max" }]);
    await fixture.connect("7", "ann");
    expect(await pending("7")).toEqual([]);
    expect(await pending("8")).toMatchObject([{ account: "acme" }]);
    fixture.clock.putForward(2_000);
    const { id } = fixture.box.install(fixture.gitHubApp, { account: "acme", by: "ann" });
    expect(await pending("8")).toEqual([]);
    const visible = await fixture.sdk.app.installations({ userId: "8" });
    expect(visible.map(({ installationId }) => installationId)).toEqual([id]);
    expect(await fixture.installations.findRequest(fixture.server.apiUrl, "8")).toBeNull();
  });

  it("is pending without an account where GitHub does not list requests", async () => {
    const stop = fixture.box.control.fault({ path: PATH, when: "before", respond: { status: 404 }, times: 9 });
    await request("8");
    expect(await pending("8")).toMatchObject([{ account: null }]);
    fixture.box.install(fixture.gitHubApp, { account: "acme", by: "ann" });
    fixture.clock.putForward(2_000);
    expect(await pending("8")).toEqual([]);
    stop();
  });

  it("is forgotten when GitHub no longer lists it", async () => {
    await request("8");
    fixture.box.control.fault({ path: PATH, when: "before", respond: { status: 200, body: [] }, times: 9 });
    expect(await pending("8")).toMatchObject([{ account: null }]);
    fixture.clock.putForward(61_000);
    expect(await pending("8")).toEqual([]);
    expect(await fixture.installations.findRequest(fixture.server.apiUrl, "8")).toBeNull();
  });

  it("binds its requester when the requester owns the organization by then", async () => {
    await request("8");
    const { id: installationId } = fixture.box.install(fixture.gitHubApp, { account: "acme", by: "ann" });
    const key = { apiUrl: fixture.server.apiUrl, installationId };
    await appEngine(fixture.sdk).proveRequester({ userId: "8", installationId });
    expect(await fixture.installations.findBinding(key, "8")).toBeNull();
    fixture.box.addMember("acme", "max", "admin");
    await appEngine(fixture.sdk).proveRequester({ userId: "8", installationId });
    expect(await fixture.installations.findBinding(key, "8")).not.toBeNull();
  });
});
