import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXAMPLES, example } from "./example-payloads.js";
import { API_URL, type RepositoryNow } from "./github-now.js";
import { WebhookFixture } from "./webhook-fixture.js";

const ANN = { id: 70, login: "ann", type: "User" } as const;
const BOB = { id: 80, login: "bob", type: "User" } as const;
const OLD = "1".repeat(40);
const HEAD = "2".repeat(40);
const ZERO = "0".repeat(40);

let fixture: WebhookFixture;
let repository: RepositoryNow;
beforeEach(async () => {
  fixture = new WebhookFixture();
  repository = { id: 5, nodeId: "R_5", fullName: "ann/site", ownerId: ANN.id, branches: new Map() };
  repository.branches.set("refs/heads/main", { oid: HEAD, message: "Head" });
  fixture.github.repositories.set(repository.nodeId, repository);
  for (const [id, account] of [[7, ANN] as const, [8, BOB] as const]) {
    await fixture.installations.save(fixture.install(id, account), new Date(fixture.clock.now()));
  }
  await fixture.installations.changeRepositories(key(7), [{ id: 5, fullName: "ann/site", private: true }], []);
});
afterEach(() => fixture.close());

describe("push event", () => {
  it("emits push.received with the branch's head", async () => {
    await expect(push({ after: HEAD })).resolves.toMatchObject({ handled: true });
    expect(fixture.events).toEqual([["push.received", received(HEAD)]]);
  });

  it("emits the current head for a late or replayed delivery", async () => {
    await push({ after: OLD });
    expect(fixture.events).toEqual([["push.received", received(HEAD)]]);
  });

  it("emits a null head for a deleted branch", async () => {
    repository.branches.clear();
    await push({ after: ZERO, deleted: true });
    expect(fixture.events).toEqual([["push.received", received(null)]]);
  });

  it("emits nothing for the SDK's own commit", async () => {
    fixture.ownCommits.add(HEAD);
    await push({ after: HEAD });
    expect(fixture.events).toEqual([]);
  });

  it("emits the current head when another commit followed the SDK's own", async () => {
    fixture.ownCommits.add(OLD);
    await push({ after: OLD });
    expect(fixture.events).toEqual([["push.received", received(HEAD)]]);
  });

  it("waits until GitHub's reads are consistent", async () => {
    repository.branches.set("refs/heads/main", { oid: OLD, message: "Before" });
    let reads = 0;
    fixture.github.before = () => {
      reads += 1;
      if (reads === 2) repository.branches.set("refs/heads/main", { oid: HEAD, message: "Head" });
    };
    await push({ after: HEAD });
    expect(fixture.events).toEqual([["push.received", received(HEAD)]]);
  });

  it.each([
    ["of a tag", { ref: "refs/tags/v1" }],
    ["without an installation", { installation: undefined }],
    ["of an unknown installation", { installation: { id: 999 } }],
    ["of a repository that GitHub does not show", { node: "R_404" }],
    ["of a repository that differs from its ID", { id: 6 }],
  ])("%s emits nothing", async (_, change) => {
    await expect(push({ after: HEAD, ...change })).resolves.toMatchObject({ handled: true });
    expect(fixture.events).toEqual([]);
  });
});

describe("repository event", () => {
  it("renamed stores the new name", async () => {
    repository.fullName = "ann/web";
    await deliverAction("renamed", { full_name: "ann/web" }, { changes: { repository: { name: { from: "site" } } } });
    expect(await names(7)).toEqual(["ann/web"]);
    expect(fixture.events).toEqual([
      ["repository.renamed", { repositoryId: 5, repository: "ann/web", previousName: "ann/site" }],
    ]);
  });

  it("renamed stores the current name when it is replayed", async () => {
    repository.fullName = "ann/portal";
    await deliverAction("renamed", { full_name: "ann/web" }, { changes: { repository: { name: { from: "site" } } } });
    expect(await names(7)).toEqual(["ann/portal"]);
  });

  it("transferred moves the repository to the new account's installation", async () => {
    repository.fullName = "bob/site";
    repository.ownerId = BOB.id;
    await deliverAction("transferred", { full_name: "bob/site", owner: BOB }, { installation: { id: 8 } });
    expect([await names(7), await names(8)]).toEqual([[], ["bob/site"]]);
  });

  it("transferred removes a public repository that is now of another account", async () => {
    repository.fullName = "bob/site";
    repository.ownerId = BOB.id;
    await deliverAction("transferred", { full_name: "bob/site", owner: BOB });
    expect([await names(7), await names(8)]).toEqual([[], []]);
    expect(fixture.events).toEqual([]);
  });

  it("transferred removes a repository that is no longer accessible", async () => {
    fixture.github.repositories.clear();
    await deliverAction("transferred", { owner: BOB });
    expect(await names(7)).toEqual([]);
    expect(fixture.events).toEqual([]);
  });

  it("transferred keeps a repository that was transferred back when it is replayed", async () => {
    await deliverAction("transferred", { owner: BOB });
    expect(await names(7)).toEqual(["ann/site"]);
  });

  it("deleted removes the repository", async () => {
    fixture.github.repositories.clear();
    await deliverAction("deleted");
    expect(await names(7)).toEqual([]);
    expect(fixture.events).toEqual([["repository.deleted", { repositoryId: 5, repository: "ann/site" }]]);
  });

  it("deleted changes nothing while GitHub still shows the repository", async () => {
    await deliverAction("deleted");
    expect(await names(7)).toEqual(["ann/site"]);
    expect(fixture.events).toEqual([]);
  });

  it.each(["renamed", "transferred", "deleted"])("%s changes nothing without a known installation", async (action) => {
    fixture.github.repositories.clear();
    await deliverAction(action, {}, { installation: { id: 999 } });
    await deliverAction(action, {}, { installation: undefined });
    expect(await names(7)).toEqual(["ann/site"]);
    expect(fixture.events).toEqual([]);
  });
});

function push({ after, ref = "refs/heads/main", deleted = false, node = "R_5", id = 5, ...over }: PushChange) {
  const payload = example("push", null, { installation: { id: 7 }, ...over });
  const own = { ...(payload.repository as object), id, node_id: node };
  return fixture.deliver("push", { ...payload, ref, before: OLD, after, deleted, repository: own });
}

interface PushChange {
  readonly after: string;
  readonly ref?: string;
  readonly deleted?: boolean;
  readonly node?: string;
  readonly id?: number;
  readonly installation?: unknown;
}

function deliverAction(action: string, shape: object = {}, over: Readonly<Record<string, unknown>> = {}) {
  const payload = example("repository", null, { action, installation: { id: 7 }, ...over });
  const own = { id: 5, node_id: "R_5", full_name: "ann/site", owner: ANN, ...shape };
  return fixture.deliver("repository", { ...payload, repository: { ...(payload.repository as object), ...own } });
}

function key(installationId: number) {
  return { apiUrl: API_URL, installationId };
}

async function names(installationId: number): Promise<readonly string[]> {
  return (await fixture.installations.repositories(key(installationId), 0, 100)).map(({ fullName }) => fullName);
}

function received(head: string | null) {
  return { installationId: 7, repositoryId: 5, repository: "ann/site", branch: "main", head };
}

it("every example payload of push and repository events is handled without a failure", async () => {
  for (const { name, payload } of EXAMPLES.filter(({ name }) => ["push", "repository"].includes(name))) {
    await fixture.deliver(name, { ...payload, installation: { id: 7 } });
  }
  await expect(fixture.engine.failed()).resolves.toMatchObject({ deliveries: [] });
});
