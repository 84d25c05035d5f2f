import type { Installation } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { example } from "./example-payloads.js";
import { API_URL, APP_ID, type RepositoryNow } from "./github-now.js";
import { WebhookFixture } from "./webhook-fixture.js";

const ANN = { id: 70, login: "ann", type: "User" } as const;
const EVE = { id: 66, login: "eve", type: "User" } as const;
const ACME = { id: 900, login: "acme", type: "Organization" } as const;

let fixture: WebhookFixture;
beforeEach(() => {
  fixture = new WebhookFixture();
  fixture.accounts.set(ANN.id, "u-ann");
  fixture.accounts.set(EVE.id, "u-eve");
});
afterEach(() => fixture.close());

describe("installation event", () => {
  it("created stores the installation with its repositories, and binds the owner of a personal account", async () => {
    fixture.install(7, ANN);
    fixture.github.reach.set(7, repositories(250));
    await expect(deliverAction("created", 7, ANN)).resolves.toMatchObject({ handled: true });
    expect(await find(7)).toMatchObject({ installationId: 7, account: ANN });
    expect(await reachOf(7)).toHaveLength(250);
    const binding = await fixture.installations.findBinding(key(7), "u-ann");
    expect(binding).toMatchObject({ githubUserId: ANN.id, proof: "webhook_sender" });
    expect(fixture.events).toEqual([["installation.created", event(7, ANN)]]);
  });

  it("created binds no user when the sender is not the account", async () => {
    fixture.install(7, ANN);
    await deliverAction("created", 7, EVE);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });

  it("created stores the account that GitHub shows, not the delivery's", async () => {
    fixture.install(7, ANN);
    const payload = installationPayload("created", 7, EVE, { account: EVE });
    await fixture.deliver("installation", payload);
    expect(await find(7)).toMatchObject({ account: ANN });
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });

  it("created in an organization stores the installation, and binds no user", async () => {
    fixture.install(7, ACME);
    await deliverAction("created", 7, ANN);
    expect(await find(7)).not.toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("created binds no user when the account has become an organization", async () => {
    fixture.install(7, { ...ANN, type: "Organization" });
    await deliverAction("created", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("created binds no user when the account is not connected", async () => {
    fixture.accounts.clear();
    fixture.install(7, ANN);
    await deliverAction("created", 7, ANN);
    expect(await find(7)).not.toBeNull();
    expect(await fixture.installations.bindings(API_URL, "u-ann")).toEqual([]);
  });

  it("created of another App that shares the secret is ignored without a request", async () => {
    fixture.install(7, ANN);
    await fixture.deliver("installation", installationPayload("created", 7, ANN, { app_id: 1 }));
    expect(await find(7)).toBeNull();
    expect(fixture.github.requested).toEqual([]);
  });

  it("deleted removes the installation with its bindings and repositories", async () => {
    await installed(7, ANN);
    fixture.github.installations.delete(7);
    await deliverAction("deleted", 7, ANN);
    expect(await find(7)).toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(fixture.events).toEqual([["installation.removed", event(7, ANN)]]);
  });

  it("deleted emits no event for an unknown installation", async () => {
    await deliverAction("deleted", 8, EVE);
    expect(fixture.events).toEqual([]);
  });

  it("deleted removes the installation once GitHub's reads are consistent", async () => {
    await installed(7, ANN);
    let reads = 0;
    fixture.github.before = () => {
      reads += 1;
      if (reads === 2) fixture.github.installations.delete(7);
    };
    await deliverAction("deleted", 7, ANN);
    expect(await find(7)).toBeNull();
  });

  it("suspend withdraws the bindings, and unsuspend does not restore them", async () => {
    await installed(7, ANN);
    fixture.install(7, ANN, { suspendedAt: new Date(fixture.clock.now()) });
    await deliverAction("suspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    fixture.install(7, ANN);
    await deliverAction("unsuspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(fixture.events).toEqual([
      ["installation.suspended", event(7, ANN)],
      ["installation.unsuspended", event(7, ANN)],
    ]);
  });

  it("new_permissions_accepted stores the permissions", async () => {
    await installed(7, ANN);
    fixture.install(7, ANN, { permissions: { contents: "write", workflows: "write" } });
    await deliverAction("new_permissions_accepted", 7, ANN);
    expect(await find(7)).toMatchObject({ permissions: { workflows: "write" } });
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    expect(fixture.events).toEqual([["installation.changed", event(7, ANN)]]);
  });

  it("with an unknown action is not handled", async () => {
    await expect(deliverAction("polished", 7, ANN)).resolves.toMatchObject({ handled: false });
  });
});

describe("replayed body with a new delivery ID", () => {
  it("does not restore a removed installation or its binding", async () => {
    await installed(7, ANN);
    const created = installationPayload("created", 7, ANN);
    fixture.github.installations.delete(7);
    await deliverAction("deleted", 7, ANN);
    for (const id of ["again", "and-again"]) await fixture.deliver("installation", created, { id });
    expect(await find(7)).toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("does not lift a suspension", async () => {
    await installed(7, ANN);
    const created = installationPayload("created", 7, ANN);
    fixture.install(7, ANN, { suspendedAt: new Date(fixture.clock.now()) });
    await deliverAction("suspend", 7, ANN);
    await fixture.deliver("installation", created);
    await deliverAction("unsuspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect((await find(7))?.suspendedAt).not.toBeNull();
  });

  it("does not withdraw access that GitHub still grants", async () => {
    await installed(7, ANN);
    for (const action of ["deleted", "suspend"]) await deliverAction(action, 7, ANN);
    const removed = example("installation_repositories", "removed", {
      installation: shape(7, ANN),
      repositories_removed: [{ id: 1, full_name: "ann/r1", name: "r1", private: true }],
    });
    await fixture.deliver("installation_repositories", removed);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    expect(await reachOf(7)).toEqual(["ann/r1", "ann/r2"]);
    expect(fixture.events).toEqual([]);
  });

  it("does not bind an installation whose account has changed", async () => {
    const payload = installationPayload("created", 7, ANN);
    fixture.install(7, EVE);
    await fixture.deliver("installation", payload);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });
});

describe("installation_repositories event", () => {
  it("stores the repositories that the installation can access now, regardless of the delivery", async () => {
    await installed(7, ANN);
    fixture.github.reach.set(7, repositories(4).slice(1));
    const payload = example("installation_repositories", "added", {
      installation: shape(7, ANN),
      repositories_added: [{ id: 99, full_name: "eve/trap", name: "trap", private: true }],
    });
    await fixture.deliver("installation_repositories", payload);
    expect(await reachOf(7)).toEqual(["ann/r2", "ann/r3", "ann/r4"]);
    expect(fixture.events).toEqual([["installation.changed", event(7, ANN)]]);
  });

  it("stores no repositories when the list is too long to be read in time", async () => {
    await installed(7, ANN);
    fixture.github.reach.set(7, repositories(2_001));
    const payload = example("installation_repositories", "added", { installation: shape(7, ANN) });
    await fixture.deliver("installation_repositories", payload);
    expect(await reachOf(7)).toEqual([]);
  });

  it("does not overwrite a newer list with an older one", async () => {
    await installed(7, ANN);
    const payload = example("installation_repositories", "added", { installation: shape(7, ANN) });
    fixture.github.before = (route) => {
      if (route !== "GET /installation/repositories") return;
      // Another process reads and stores the installation before this list arrives.
      const now = fixture.github.installations.get(7);
      if (now !== undefined) void fixture.installations.save(now, new Date(fixture.clock.now() + 1));
    };
    fixture.github.reach.set(7, []);
    await fixture.deliver("installation_repositories", payload);
    expect(await reachOf(7)).toEqual(["ann/r1", "ann/r2"]);
  });
});

describe("organization.member_removed event", () => {
  beforeEach(async () => {
    const installation = fixture.install(7, ACME);
    await fixture.installations.save(installation, new Date(fixture.clock.now()));
    await bind(7, "u-ann", ANN.id);
    fixture.github.owners.set("acme", new Map([["ann", ANN.id]]));
  });

  it("withdraws the installation from a user who is no longer an owner", async () => {
    fixture.github.owners.set("acme", new Map());
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("withdraws nothing from a current owner, and compares the user ID, not the login", async () => {
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    fixture.github.owners.set("acme", new Map([["ann", 4242]]));
    await removeMember({ ...ANN, site_admin: false });
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("withdraws the installation when the organization's login belongs to a different organization", async () => {
    fixture.github.organizationId = 901;
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("sends no request for an unbound user or another organization", async () => {
    await removeMember(EVE);
    await removeMember({ ...EVE, id: 1 });
    await removeMember(ANN, { id: 901 });
    expect(fixture.github.requested).toEqual([]);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
  });
});

describe("events about the access of users", () => {
  it.each([
    ["member", "added"],
    ["member", "removed"],
    ["membership", "removed"],
    ["organization", "member_removed"],
    ["team", "edited"],
  ] as const)("%s.%s emits access.changed", async (name, action) => {
    const payload = example(name, null, { action, installation: { id: 7 } });
    await fixture.deliver(name, payload);
    expect(fixture.events).toContainEqual(["access.changed", { installationId: 7 }]);
  });
});

describe("github_app_authorization.revoked event", () => {
  const revoke = (sender: object) => fixture.deliver("github_app_authorization", { action: "revoked", sender });

  it("withdraws the installations of a user whose tokens are revoked", async () => {
    await installed(7, ANN);
    fixture.revoked.add(ANN.id);
    await expect(revoke(ANN)).resolves.toMatchObject({ handled: true });
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("withdraws nothing while the tokens are valid, and nothing from other users", async () => {
    await installed(7, ANN);
    await revoke(ANN);
    fixture.revoked.add(EVE.id).add(12_345);
    await revoke(EVE);
    await revoke({ id: 12_345 });
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
  });
});

it("installation events are not handled without a GitHub App", async () => {
  const bare = new WebhookFixture({ app: null });
  const payload = installationPayload("created", 7, ANN);
  await expect(bare.deliver("installation", payload)).resolves.toMatchObject({ handled: false });
  await expect(bare.deliver("ping", example("ping", null, {}))).resolves.toMatchObject({ handled: true });
  expect((await bare.refusal(bare.engine.recover())).code).toBe("capability_not_configured");
  expect((await bare.refusal(bare.engine.redeliver("x"))).code).toBe("capability_not_configured");
  await bare.close();
});

/** Installs the App in an account and delivers the event, so that it is stored with two repositories and bound to the user. */
async function installed(installationId: number, account: typeof ANN): Promise<void> {
  fixture.install(installationId, account);
  fixture.github.reach.set(installationId, repositories(2));
  await deliverAction("created", installationId, account);
  expect(await fixture.isBound(installationId, "u-ann")).toBe(true);
  fixture.events.length = 0;
}

async function bind(installationId: number, userId: string, githubUserId: number): Promise<void> {
  await fixture.clock.advance(1);
  const provenAt = new Date(fixture.clock.now());
  await fixture.installations.bind({ ...key(installationId), userId, githubUserId, proof: "user_token", provenAt });
  await fixture.clock.advance(1);
}

function deliverAction(action: string, installationId: number, account: Installation["account"]) {
  return fixture.deliver("installation", installationPayload(action, installationId, account));
}

function removeMember(user: object, organization: object = ACME) {
  const payload = {
    action: "member_removed",
    organization,
    membership: { user },
    sender: ACME,
    installation: { id: 7 },
  };
  return fixture.deliver("organization", payload);
}

function installationPayload(action: string, id: number, sender: Installation["account"], over: object = {}) {
  const account = fixture.github.installations.get(id)?.account ?? sender;
  return example("installation", "created", { action, sender, installation: { ...shape(id, account), ...over } });
}

function shape(id: number, account: Installation["account"]) {
  return { ...(example("installation", "created", {}).installation as object), id, app_id: APP_ID, account };
}

function repositories(count: number): readonly RepositoryNow[] {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    return { id, nodeId: `R_${id}`, fullName: `ann/r${id}`, ownerId: ANN.id, branches: new Map() };
  });
}

function key(installationId: number) {
  return { apiUrl: API_URL, installationId };
}

function find(installationId: number): Promise<Installation | null> {
  return fixture.installations.find(key(installationId));
}

async function reachOf(installationId: number): Promise<readonly string[]> {
  return (await fixture.installations.repositories(key(installationId), 0, 5_000)).map(({ fullName }) => fullName);
}

function event(installationId: number, { id, login }: { id: number; login: string }) {
  return { installationId, accountId: id, account: login };
}
