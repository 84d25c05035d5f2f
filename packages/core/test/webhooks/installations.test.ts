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

describe("installation", () => {
  it("created: kept, with its repositories, and bound to the user in whose own account it is", async () => {
    fixture.install(7, ANN);
    fixture.github.reach.set(7, repositories(250));
    await expect(tell("created", 7, ANN)).resolves.toMatchObject({ handled: true });
    expect(await find(7)).toMatchObject({ installationId: 7, account: ANN });
    expect(await reachOf(7)).toHaveLength(250);
    const binding = await fixture.installations.findBinding(key(7), "u-ann");
    expect(binding).toMatchObject({ githubUserId: ANN.id, proof: "webhook_sender" });
    expect(fixture.events).toEqual([["installation.created", event(7, ANN)]]);
  });

  it("created, with a sender who is not the account: nobody is bound", async () => {
    fixture.install(7, ANN);
    await tell("created", 7, EVE);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });

  it("created, and GitHub shows another account than the delivery says: what GitHub shows counts", async () => {
    fixture.install(7, ANN);
    const payload = installationPayload("created", 7, EVE, { account: EVE });
    await fixture.deliver("installation", payload);
    expect(await find(7)).toMatchObject({ account: ANN });
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });

  it("created in an organization: kept, and bound to nobody until ownership is proved", async () => {
    fixture.install(7, ACME);
    await tell("created", 7, ANN);
    expect(await find(7)).not.toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("created in an account that was a user's and is an organization now: bound to nobody", async () => {
    fixture.install(7, { ...ANN, type: "Organization" });
    await tell("created", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("created by somebody who is connected to nobody: kept, and bound to nobody", async () => {
    fixture.accounts.clear();
    fixture.install(7, ANN);
    await tell("created", 7, ANN);
    expect(await find(7)).not.toBeNull();
    expect(await fixture.installations.bindings(API_URL, "u-ann")).toEqual([]);
  });

  it("created, of another App that shares the secret: changes nothing and asks nothing", async () => {
    fixture.install(7, ANN);
    await fixture.deliver("installation", installationPayload("created", 7, ANN, { app_id: 1 }));
    expect(await find(7)).toBeNull();
    expect(fixture.github.asked).toEqual([]);
  });

  it("deleted: forgotten with its bindings, its repositories and its tokens", async () => {
    await installed(7, ANN);
    fixture.github.installations.delete(7);
    await tell("deleted", 7, ANN);
    expect(await find(7)).toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(fixture.github.forgotten).toContain(7);
    expect(fixture.events).toEqual([["installation.removed", event(7, ANN)]]);
  });

  it("deleted, of one that nobody here knows: nothing is told", async () => {
    await tell("deleted", 8, EVE);
    expect(fixture.events).toEqual([]);
  });

  it("deleted, while GitHub's reads lag behind: believed once they have caught up", async () => {
    await installed(7, ANN);
    let reads = 0;
    fixture.github.before = () => {
      reads += 1;
      if (reads === 2) fixture.github.installations.delete(7);
    };
    await tell("deleted", 7, ANN);
    expect(await find(7)).toBeNull();
  });

  it("suspended and no longer: withdraws what was proved, and does not give it back", async () => {
    await installed(7, ANN);
    fixture.install(7, ANN, { suspendedAt: new Date(fixture.clock.now()) });
    await tell("suspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    fixture.install(7, ANN);
    await tell("unsuspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(fixture.events).toEqual([
      ["installation.suspended", event(7, ANN)],
      ["installation.unsuspended", event(7, ANN)],
    ]);
  });

  it("with other permissions: kept, and its tokens are forgotten", async () => {
    await installed(7, ANN);
    fixture.install(7, ANN, { permissions: { contents: "write", workflows: "write" } });
    await tell("new_permissions_accepted", 7, ANN);
    expect(await find(7)).toMatchObject({ permissions: { workflows: "write" } });
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    expect(fixture.github.forgotten).toEqual([7]);
    expect(fixture.events).toEqual([["installation.changed", event(7, ANN)]]);
  });

  it("with an action that nobody knows is not handled", async () => {
    await expect(tell("polished", 7, ANN)).resolves.toMatchObject({ handled: false });
  });
});

describe("a signed body that is sent again under another id", () => {
  it("does not bring back an installation that is gone, nor its binding", async () => {
    await installed(7, ANN);
    const created = installationPayload("created", 7, ANN);
    fixture.github.installations.delete(7);
    await tell("deleted", 7, ANN);
    for (const id of ["again", "and-again"]) await fixture.deliver("installation", created, { id });
    expect(await find(7)).toBeNull();
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("does not lift a suspension", async () => {
    await installed(7, ANN);
    const created = installationPayload("created", 7, ANN);
    fixture.install(7, ANN, { suspendedAt: new Date(fixture.clock.now()) });
    await tell("suspend", 7, ANN);
    await fixture.deliver("installation", created);
    await tell("unsuspend", 7, ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect((await find(7))?.suspendedAt).not.toBeNull();
  });

  it("does not withdraw what GitHub still grants", async () => {
    await installed(7, ANN);
    for (const action of ["deleted", "suspend"]) await tell(action, 7, ANN);
    const removed = example("installation_repositories", "removed", {
      installation: shape(7, ANN),
      repositories_removed: [{ id: 1, full_name: "ann/r1", name: "r1", private: true }],
    });
    await fixture.deliver("installation_repositories", removed);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    expect(await reachOf(7)).toEqual(["ann/r1", "ann/r2"]);
    expect(fixture.events).toEqual([]);
  });

  it("does not give an account that has changed hands", async () => {
    const payload = installationPayload("created", 7, ANN);
    fixture.install(7, EVE);
    await fixture.deliver("installation", payload);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
    expect(await fixture.isBound(7, "u-eve")).toBe(false);
  });
});

describe("installation_repositories", () => {
  it("keeps exactly what the installation reaches now, whatever the delivery lists", async () => {
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

  it("keeps no list that is too long to be read in time", async () => {
    await installed(7, ANN);
    fixture.github.reach.set(7, repositories(2_001));
    const payload = example("installation_repositories", "added", { installation: shape(7, ANN) });
    await fixture.deliver("installation_repositories", payload);
    expect(await reachOf(7)).toEqual([]);
  });

  it("does not put an old list over a newer one", async () => {
    await installed(7, ANN);
    const payload = example("installation_repositories", "added", { installation: shape(7, ANN) });
    fixture.github.before = (route) => {
      if (route !== "GET /installation/repositories") return;
      // Somebody else reads the installation now, and keeps it before this list arrives.
      const now = fixture.github.installations.get(7);
      if (now !== undefined) void fixture.installations.save(now, new Date(fixture.clock.now() + 1));
    };
    fixture.github.reach.set(7, []);
    await fixture.deliver("installation_repositories", payload);
    expect(await reachOf(7)).toEqual(["ann/r1", "ann/r2"]);
  });
});

describe("organization.member_removed", () => {
  beforeEach(async () => {
    const installation = fixture.install(7, ACME);
    await fixture.installations.save(installation, new Date(fixture.clock.now()));
    await bind(7, "u-ann", ANN.id);
    fixture.github.owners.set("acme", new Map([["ann", ANN.id]]));
  });

  it("withdraws the installation from whoever owns the organization no longer", async () => {
    fixture.github.owners.set("acme", new Map());
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("withdraws nothing from an owner, or from whom the login belongs to now", async () => {
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
    fixture.github.owners.set("acme", new Map([["ann", 4242]]));
    await removeMember(ANN);
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("asks nothing about somebody whom nothing is bound to, or about another organization", async () => {
    await removeMember(EVE);
    await removeMember({ ...EVE, id: 1 });
    await removeMember(ANN, { id: 901 });
    expect(fixture.github.asked).toEqual([]);
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
  });
});

describe("github_app_authorization.revoked", () => {
  const revoke = (sender: object) => fixture.deliver("github_app_authorization", { action: "revoked", sender });

  it("withdraws the installations of a user whose tokens GitHub takes no more", async () => {
    await installed(7, ANN);
    fixture.revoked.add(ANN.id);
    await expect(revoke(ANN)).resolves.toMatchObject({ handled: true });
    expect(await fixture.isBound(7, "u-ann")).toBe(false);
  });

  it("withdraws nothing while GitHub takes them, and nothing from others", async () => {
    await installed(7, ANN);
    await revoke(ANN);
    fixture.revoked.add(EVE.id).add(12_345);
    await revoke(EVE);
    await revoke({ id: 12_345 });
    expect(await fixture.isBound(7, "u-ann")).toBe(true);
  });
});

it("without a GitHub App, installations are not handled", async () => {
  const bare = new WebhookFixture({ app: null });
  const payload = installationPayload("created", 7, ANN);
  await expect(bare.deliver("installation", payload)).resolves.toMatchObject({ handled: false });
  await expect(bare.deliver("ping", example("ping", null, {}))).resolves.toMatchObject({ handled: true });
  expect((await bare.refusal(bare.engine.recover())).code).toBe("capability_not_configured");
  expect((await bare.refusal(bare.engine.redeliver("x"))).code).toBe("capability_not_configured");
  await bare.close();
});

/** The App is installed and known here, bound to the account's user, with two repositories. */
async function installed(installationId: number, account: typeof ANN): Promise<void> {
  fixture.install(installationId, account);
  fixture.github.reach.set(installationId, repositories(2));
  await tell("created", installationId, account);
  expect(await fixture.isBound(installationId, "u-ann")).toBe(true);
  fixture.events.length = 0;
  fixture.github.forgotten.length = 0;
}

async function bind(installationId: number, userId: string, githubUserId: number): Promise<void> {
  await fixture.clock.advance(1);
  const provenAt = new Date(fixture.clock.now());
  await fixture.installations.bind({ ...key(installationId), userId, githubUserId, proof: "user_token", provenAt });
  await fixture.clock.advance(1);
}

function tell(action: string, installationId: number, account: Installation["account"]) {
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
