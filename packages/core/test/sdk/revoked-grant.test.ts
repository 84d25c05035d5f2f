import { afterEach, beforeEach, expect, it } from "vitest";
import { Host } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = await Host.start();
});
afterEach(() => host.close());

it("a webhook for a revoked grant marks the connection as reauth_required at once", async () => {
  const events: unknown[] = [];
  host.sdk.on("connection.reauth_required", (payload) => events.push(payload));
  const { id } = await host.connect("7", "ann");
  const acme = await host.install("7", "ann", "acme");
  await host.connect("8", "bob");
  const credential = await host.sdk.connections.credential("7");

  host.box.revokeGrant(host.app, "ann");
  await host.box.deliveriesSettled();

  expect(host.deliveryStatuses.at(-1)).toBe(200);
  expect(events).toEqual([{ userId: "7", githubUserId: id, login: "ann", client: "app" }]);
  host.box.resetCounters();
  await expect(credential.token()).rejects.toMatchObject({ code: "reauth_required", status: 400 });
  const status = { connected: false, reauthRequired: true, login: "ann" };
  expect(await host.sdk.connections.status("7")).toMatchObject(status);
  expect(host.box.count()).toBe(0);
  expect(await host.sdk.connections.status("8")).toMatchObject({ connected: true, login: "bob" });

  await host.connect("7", "ann");
  expect(await host.sdk.connections.status("7")).toMatchObject({ connected: true, reauthRequired: false });
  expect(await host.sdk.app.token({ userId: "7", installationId: acme })).toHaveProperty("token");
});

it("a redelivered webhook for a revoked grant changes nothing after the user connected again", async () => {
  await host.connect("7", "ann");
  host.box.control.deliveryFault({ event: "github_app_authorization", how: "drop" });
  host.box.revokeGrant(host.app, "ann");
  await host.box.deliveriesSettled();
  await host.connect("7", "ann");
  expect(await host.sdk.webhooks.recover()).toMatchObject({ redelivered: 1 });
  await host.box.deliveriesSettled();
  expect(host.deliveryStatuses.at(-1)).toBe(200);
  expect(await host.sdk.connections.status("7")).toMatchObject({ connected: true, reauthRequired: false });
});
