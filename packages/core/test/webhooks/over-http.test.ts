import { request } from "node:http";
import type { BoxRepository } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SyncedBranch } from "../../src/webhooks/webhook-services.js";
import { BoxedWebhooks } from "./boxed-webhooks.js";
import { signedHeaders } from "./webhook-fixture.js";

let fixture: BoxedWebhooks;
beforeEach(async () => {
  fixture = await BoxedWebhooks.start();
  fixture.connect("ann", "u-ann");
});
afterEach(() => fixture.close());

describe("deliveries over HTTP", () => {
  it("keep the stored installation current from its creation to its removal", async () => {
    const { box, app } = fixture;
    for (const name of ["one", "two"]) await box.createRepository({ owner: "ann", name, autoInit: true });
    const installation = box.install(app, { account: "ann", repositories: ["one"] });
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(true);
    expect(await fixture.names(installation.id)).toEqual(["ann/one"]);
    installation.addRepositories(["two"]);
    installation.removeRepositories(["one"]);
    await box.deliveriesSettled();
    expect(await fixture.names(installation.id)).toEqual(["ann/two"]);
    installation.suspend();
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(false);
    installation.unsuspend();
    await box.deliveriesSettled();
    app.permissions = { ...app.permissions, workflows: "write" };
    installation.acceptPermissions();
    await box.deliveriesSettled();
    expect((await fixture.installations.find(fixture.key(installation.id)))?.permissions).toMatchObject({
      workflows: "write",
    });
    installation.remove();
    await box.deliveriesSettled();
    expect(await fixture.installations.find(fixture.key(installation.id))).toBeNull();
    const names = fixture.takeEvents().map(([name]) => name);
    expect(names[0]).toBe("installation.created");
    expect(names.slice(-4)).toEqual([
      ...["installation.suspended", "installation.unsuspended", "installation.changed", "installation.removed"],
    ]);
    expect(new Set(fixture.statuses)).toEqual(new Set([200]));
  });

  it("emit push.received for pushes, except the SDK's own", async () => {
    const { box, app } = fixture;
    const repository = await box.createRepository({ owner: "ann", name: "site", autoInit: true });
    const installation = box.install(app, { account: "ann" });
    const place = { installationId: installation.id, repositoryId: repository.id, repository: "ann/site" };
    const head = await repository.commit({ message: "Other", files: { a: "1" } });
    await box.deliveriesSettled();
    expect(fixture.takeEvents()).toContainEqual(["push.received", { ...place, branch: "main", head }]);
    const held = box.control.holdDeliveries();
    fixture.ownCommits.add(await repository.commit({ message: "Ours", files: { a: "2" } }));
    held.release();
    await box.deliveriesSettled();
    expect(fixture.takeEvents()).toEqual([]);
  });

  it("keep the stored repositories current after a rename and a transfer", async () => {
    const { box, app } = fixture;
    const site = await box.createRepository({ owner: "ann", name: "site" });
    const anns = box.install(app, { account: "ann" });
    const bobs = box.install(app, { account: "bob" });
    await box.deliveriesSettled();
    fixture.takeEvents();
    site.rename("web");
    await box.deliveriesSettled();
    expect(await fixture.names(anns.id)).toEqual(["ann/web"]);
    site.transfer("bob");
    await box.deliveriesSettled();
    expect([await fixture.names(anns.id), await fixture.names(bobs.id)]).toEqual([[], ["bob/web"]]);
    const renamed = { repositoryId: site.id, previousName: "ann/site", repository: "ann/web" };
    expect(fixture.takeEvents()).toEqual([
      ["repository.renamed", renamed],
      ["repository.renamed", { ...renamed, previousName: null, repository: "bob/web" }],
    ]);
  });

  it("withdraw an organization's installation from an owner who leaves it", async () => {
    const { box, app } = fixture;
    box.addOrganization({ login: "acme", admins: ["ann", "carl"] });
    const installation = box.install(app, { account: "acme", by: "ann" });
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(false);
    const provenAt = new Date();
    const binding = { ...fixture.key(installation.id), userId: "u-ann", githubUserId: 1, proof: "user_token" } as const;
    await fixture.installations.bind({ ...binding, provenAt });
    box.removeMember("acme", "carl");
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(true);
    box.removeMember("acme", "ann");
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(false);
  });

  it("lead to the same state in any order", async () => {
    const { box, app } = fixture;
    const held = box.control.holdDeliveries();
    const installation = box.install(app, { account: "ann" });
    installation.suspend();
    installation.unsuspend();
    installation.remove();
    held.release({ reverse: true });
    await box.deliveriesSettled();
    expect(await fixture.installations.find(fixture.key(installation.id))).toBeNull();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(false);
    expect(fixture.takeEvents()).toEqual([]);
  });

  it("are handled once when they arrive twice", async () => {
    const { box, app } = fixture;
    box.control.deliveryFault({ event: "installation", how: "duplicate" });
    const seen: string[] = [];
    fixture.engine.on("installation.created", ({ id }) => void seen.push(id));
    box.install(app, { account: "ann" });
    await box.deliveriesSettled();
    expect(seen).toHaveLength(1);
    expect(fixture.statuses).toEqual([200, 200, 200]);
  });

  it("are recovered when they were lost or failed", async () => {
    const { box, app } = fixture;
    const repository = await box.createRepository({ owner: "ann", name: "site", autoInit: true });
    let isBroken = true;
    const seen: string[] = [];
    fixture.engine.on("push", ({ payload }) => {
      if (isBroken) throw new Error("The database is down.");
      seen.push(payload.after);
    });
    box.control.deliveryFault({ event: "installation", how: "drop" });
    const installation = box.install(app, { account: "ann" });
    const head = await repository.commit({ message: "Other", files: { a: "1" } });
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(false);
    const { deliveries } = await fixture.engine.failed();
    expect(deliveries).toMatchObject([{ event: "push", error: "Error: The database is down." }]);
    isBroken = false;
    await expect(fixture.engine.recover()).resolves.toEqual({
      examined: 3,
      redelivered: 2,
      refused: 0,
      movedBranches: 0,
      hasMore: false,
    });
    await box.deliveriesSettled();
    expect(await fixture.isBound(installation.id, "u-ann")).toBe(true);
    expect(seen).toEqual([head]);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 3, redelivered: 0 });
    await fixture.engine.redeliver(deliveries[0]?.id ?? "");
    await box.deliveriesSettled();
    expect(seen).toEqual([head]);
  });
});

describe("recover", () => {
  it("emits push.received once for a synced branch whose push was lost", async () => {
    const { box, app } = fixture;
    const repository = await box.createRepository({ owner: "ann", name: "site", autoInit: true });
    const ours = await repository.commit({ message: "Ours", files: { a: "1" } });
    const { id: installationId } = box.install(app, { account: "ann" });
    await box.deliveriesSettled();
    fixture.synced.push(synced(fixture.apiUrl, repository, ours));
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 0 });
    const stop = app.webhook.url;
    app.webhook.url = "";
    const head = await repository.commit({ message: "Other", files: { a: "2" } });
    await box.deliveriesSettled();
    app.webhook.url = stop;
    fixture.takeEvents();
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 1 });
    const place = { installationId, repositoryId: repository.id, repository: "ann/site", branch: "main" };
    expect(fixture.takeEvents()).toEqual([["push.received", { ...place, head }]]);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 0 });
    expect(fixture.takeEvents()).toEqual([]);
  });

  it("reads an unchanged branch conditionally, and does not count the SDK's own commits", async () => {
    const { box, app } = fixture;
    const repository = await box.createRepository({ owner: "ann", name: "site", autoInit: true });
    box.install(app, { account: "ann" });
    await box.deliveriesSettled();
    const held = box.control.holdDeliveries();
    fixture.synced.push(synced(fixture.apiUrl, repository, "0".repeat(40)));
    fixture.ownCommits.add(await repository.commit({ message: "Ours", files: { a: "1" } }));
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 0 });
    box.resetCounters();
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 0 });
    const reads = box.requests.filter(({ path }) => path.includes("/git/ref/"));
    expect(reads.map(({ status }) => status)).toEqual([304]);
    held.release();
    await box.deliveriesSettled();
  });

  it("skips branches of repositories without the App", async () => {
    const repository = await fixture.box.createRepository({ owner: "bob", name: "site", autoInit: true });
    fixture.synced.push(synced(fixture.apiUrl, repository, "0".repeat(40)));
    await expect(fixture.engine.recover()).resolves.toMatchObject({ movedBranches: 0 });
  });
});

it("a body that is too large is rejected before it is read completely", async () => {
  const headers = signedHeaders("push", "endless", new Uint8Array(0), "unknown");
  const piece = Buffer.alloc(1024 * 1024);
  let sent = 0;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = request(fixture.url, { method: "POST", headers }, (response) => resolve(response.statusCode));
    outgoing.once("error", reject);
    const send = (): void => {
      for (sent += 1; sent < 200 && outgoing.write(piece); sent += 1);
      if (sent < 200) outgoing.once("drain", send);
    };
    send();
  });
  expect(status).toBe(413);
  expect(sent).toBeLessThan(60);
});

/** Returns a completed sync whose commit was the branch's head. */
function synced(apiUrl: string, { id, fullName }: BoxRepository, commitId: string): SyncedBranch {
  const target = { apiUrl, repositoryId: id, branch: "main", source: "project:7:infra", directory: "" };
  return { target, repository: fullName, commitId };
}
