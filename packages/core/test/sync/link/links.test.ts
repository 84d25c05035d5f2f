import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { GitHubSdk } from "@infrajet/github";
import type { ProjectFiles } from "@infrajet/github/adapters";
import { MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdvancedClock, type LinkedHost, LinkedHosts, PROJECT } from "./linked-hosts.js";

const OTHER = { userId: "8", projectId: "other" };

/** Sweeps begin when a test says so. */
class SweepClock extends AdvancedClock {
  #waiting: (() => void)[] = [];

  override idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds !== 5_000 && milliseconds !== 600_000) return super.idle(milliseconds, signal);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => resolve());
    });
  }

  /** Lets the next sweep begin 10 minutes later. */
  async tick(): Promise<void> {
    await expect.poll(() => this.#waiting.length).toBeGreaterThan(0);
    this.putForward(600_000);
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

let world: LinkedHosts;
let host: LinkedHost;

beforeEach(async () => {
  world = await LinkedHosts.start();
  host = await world.add({ "a.tf": "a" });
});
afterEach(() => world.close());

/** Collects the events of linked branches and changed projects. */
function eventsOf(sdk: GitHubSdk): unknown[] {
  const events: unknown[] = [];
  for (const name of ["repository.changed", "project.changed"] as const)
    sdk.on(name, (payload) => events.push([name, payload]));
  return events;
}

describe("sdk.sync.link", () => {
  it("stores a link that syncs both ways and skips conflicts by default", async () => {
    const link = await host.link({ directory: "/infra/" });
    const target = { repositoryId: world.repository.id, branch: "main", directory: "infra" };
    expect(link).toMatchObject({ ...PROJECT, repository: "ada/infra", target, direction: "two_way", auto: true });
    expect(link).toMatchObject({ options: { onConflict: "skip", strategy: "merge" }, lastSyncId: null, head: null });
    expect(await host.sdk.sync.links(PROJECT)).toEqual([link]);
    expect(await host.syncs()).toEqual([]);
  });

  it("replaces the link to the same branch, whatever the case of the name, and keeps others", async () => {
    const first = await host.link();
    const changed = await host.link({
      ...{ repository: "ADA/Infra", direction: "pull", strategy: "theirs", auto: false },
      ...{ directory: "x", allowMassDeletion: true },
    });
    expect(changed).toMatchObject({ direction: "pull", auto: false, createdAt: first.createdAt });
    expect(changed.options).toMatchObject({ strategy: "theirs", allowMassDeletion: true });
    expect(await host.sdk.sync.links(PROJECT)).toEqual([changed]);
    const other = await host.link({ branch: "other" });
    expect(await host.sdk.sync.links(PROJECT)).toEqual([changed, other]);
    expect(await host.sdk.sync.links(OTHER)).toEqual([]);
  });

  it("rejects what a sync with that request would reject, and stores nothing", async () => {
    const rejections = [
      [{ repository: "ada/absent" }, "repository_not_found"],
      [{ project: OTHER }, "project_not_found"],
      [{ branch: "absent", direction: "pull" }, "branch_not_found"],
      [{ strategy: "pull_request" }, "validation_failed"],
      [{ filePaths: ["a.tf"] }, "validation_failed"],
      [{ auto: "yes" }, "validation_failed"],
      [{ branch: "a..b" }, "invalid_branch"],
    ] as const;
    for (const [request, code] of rejections)
      await expect(host.link(request as object), JSON.stringify(request)).rejects.toMatchObject({ code });
    world.repository.setPermission("bob", "read");
    const auth = world.box.addToken({ login: "bob", scopes: ["repo"] });
    const reader = await world.add({ "a.tf": "a" }, { withApp: false, auth });
    await expect(reader.link()).rejects.toMatchObject({ code: "insufficient_permissions" });
    await expect(reader.link({ direction: "pull" })).resolves.toMatchObject({ direction: "pull" });
    expect(await host.sdk.sync.links(PROJECT)).toEqual([]);
  });

  it("stores at most 100 links of a user", async () => {
    const link = await host.link();
    for (let number = 1; number < 100; number += 1) {
      const source = `project:7/p${number}`;
      await host.stores.links.put(
        { ...link, projectId: `p${number}`, target: { ...link.target, source } },
        { maxLinks: 100 },
      );
    }
    await expect(host.link({ branch: "second" })).rejects.toMatchObject({ code: "too_many_links" });
    await expect(host.link({ auto: false })).resolves.toMatchObject({ auto: false });
  });
});

describe("sdk.sync.unlink", () => {
  it("removes the link to one branch, so that pushes no longer start syncs", async () => {
    await host.link();
    await host.link({ branch: "other" });
    await host.sdk.sync.unlink({ project: PROJECT, repository: "ADA/infra" });
    expect((await host.sdk.sync.links(PROJECT)).map(({ target }) => target.branch)).toEqual(["other"]);
    await world.commit({ "b.tf": "b" });
    expect(await world.rest()).toBe(0);
  });

  it("rejects a link that does not exist, also one of another branch or project", async () => {
    await host.link();
    const missing = [
      { project: PROJECT, repository: "ada/other" },
      { project: PROJECT, repository: "ada/infra", branch: "other" },
      { project: OTHER, repository: "ada/infra" },
    ];
    for (const request of missing)
      await expect(host.sdk.sync.unlink(request)).rejects.toMatchObject({ code: "link_not_found" });
    expect(await host.sdk.sync.links(PROJECT)).toHaveLength(1);
  });
});

describe("a push to a linked branch", () => {
  it("starts one sync, 2 seconds later, with the direction and the options of the link", async () => {
    await host.link({ direction: "pull", strategy: "theirs" });
    const events = eventsOf(host.sdk);
    const head = await world.commit({ "b.tf": "b", "a.tf": "A" });
    const [pending] = await host.syncs();
    expect(pending).toMatchObject({ status: "pending", direction: "pull", repository: "ada/infra", ...PROJECT });
    expect((pending?.notBefore?.getTime() ?? 0) - (pending?.createdAt.getTime() ?? 0)).toBe(2_000);
    expect(host.jobs.delays).toEqual([2_050]);
    expect(await world.rest()).toBe(1);
    const [sync] = await host.syncs();
    expect(sync).toMatchObject({ status: "completed", filesPulled: 3, commitId: head });
    expect(await host.project()).toMatchObject({ "a.tf": "A", "b.tf": "b" });
    const [link] = await host.sdk.sync.links(PROJECT);
    expect(link).toMatchObject({ head, lastSyncId: sync?.id });
    const place = { ...PROJECT, repository: "ada/infra", branch: "main" };
    expect(events).toEqual([
      ["repository.changed", { ...place, head }],
      ["project.changed", { ...place, syncId: sync?.id, filesPulled: 3, filesRemoved: 0 }],
    ]);
  });

  it("adds no sync while one of the link is pending, and one more while it runs", async () => {
    await host.link();
    for (const text of ["1", "2", "3"]) await world.commit({ "b.tf": text });
    expect(await host.syncs()).toHaveLength(1);
    await world.rest();
    expect(await host.project()).toMatchObject({ "b.tf": "3" });
    await world.commit({ "b.tf": "4" });
    expect(await host.syncs()).toHaveLength(2);
    expect((await host.sdk.sync.links(PROJECT))[0]?.lastSyncId).toBe((await host.syncs())[1]?.id);
  });

  it("starts a sync for every linked project of the branch, and for no other branch or repository", async () => {
    host.files.setProject(OTHER, {});
    await host.link();
    await host.link({ project: OTHER, direction: "pull" });
    await host.link({ branch: "other" });
    await world.commit({ "b.tf": "b" });
    expect(await world.rest()).toBeGreaterThanOrEqual(2);
    expect(await host.project()).toMatchObject({ "b.tf": "b" });
    expect(await host.project(OTHER)).toMatchObject({ "b.tf": "b" });
    const branches = (await host.syncs()).map(({ target }) => target.branch);
    expect(new Set(branches)).toEqual(new Set(["main"]));
  });

  it("only emits an event for a link without auto", async () => {
    await host.link({ auto: false });
    const events = eventsOf(host.sdk);
    const head = await world.commit({ "b.tf": "b" });
    expect(await world.rest()).toBe(0);
    const place = { ...PROJECT, repository: "ada/infra", branch: "main" };
    expect(events).toEqual([["repository.changed", { ...place, head }]]);
  });

  it("that deletes the branch starts no sync, and one that makes it again does", async () => {
    await world.commit({ "b.tf": "b" }, "topic");
    await host.link({ branch: "topic" });
    await world.request("DELETE", "repos/ada/infra/git/refs/heads/topic");
    expect(await world.rest()).toBe(0);
    expect(await host.project()).toEqual({ "a.tf": "a" });
    await world.commit({ "c.tf": "c" }, "topic");
    expect(await world.rest()).toBe(1);
    expect(await host.project()).toMatchObject({ "a.tf": "a", "c.tf": "c" });
  });

  it("fails the sync clearly when the owner lost the right, keeps the link, and is not repeated", async () => {
    world.repository.private = true;
    world.repository.setPermission("bob", "write");
    const bobs = await world.add({ "a.tf": "a" }, { auth: world.box.addToken({ login: "bob", scopes: ["repo"] }) });
    await bobs.link();
    world.repository.setPermission("bob", "none");
    await world.commit({ "b.tf": "b" });
    expect(await world.rest()).toBe(1);
    const [sync] = await bobs.syncs();
    expect(sync).toMatchObject({ status: "failed", error: { code: "repository_not_found" } });
    expect(await world.rest()).toBe(0);
    expect(await bobs.sdk.sync.links(PROJECT)).toMatchObject([{ lastSyncId: sync?.id }]);
    world.repository.setPermission("bob", "write");
    await world.commit({ "c.tf": "c" });
    expect(await world.rest()).toBeGreaterThan(0);
    expect(await bobs.project()).toMatchObject({ "b.tf": "b", "c.tf": "c" });
  });

  it("follows a renamed repository, and a deleted one ends the link", async () => {
    await host.link();
    world.repository.rename("network");
    await world.box.deliveriesSettled();
    expect(await host.sdk.sync.links(PROJECT)).toMatchObject([{ repository: "ada/network" }]);
    await world.commit({ "b.tf": "b" });
    await world.rest();
    expect(await host.project()).toMatchObject({ "b.tf": "b" });
    expect((await host.syncs()).at(-1)).toMatchObject({ status: "completed", repository: "ada/network" });
    await world.request("DELETE", "repos/ada/network");
    expect(await host.sdk.sync.links(PROJECT)).toEqual([]);
  });

  it("by the link's own sync starts no other", async () => {
    await host.link();
    await host.sdk.sync.run({ project: PROJECT, repository: "ada/infra" });
    expect(await world.rest()).toBe(0);
    host.write("c.tf", "c");
    await host.sdk.sync.run({ project: PROJECT, repository: "ada/infra", direction: "two_way" });
    expect(await world.rest()).toBe(0);
    expect(await world.branch()).toMatchObject({ "a.tf": "a", "c.tf": "c" });
  });

  it("behind a commit of another client starts a sync, although the project's own push came last", async () => {
    await host.link();
    await world.commit({ "b.tf": "1" });
    await world.rest();
    const held = world.box.control.holdDeliveries();
    await world.repository.commit({ files: { "b.tf": "2" } });
    host.write("a.tf", "A");
    await host.sdk.sync.run({ project: PROJECT, repository: "ada/infra" });
    held.release();
    expect(await world.rest()).toBe(1);
    expect(await host.project()).toMatchObject({ "a.tf": "A", "b.tf": "2" });
  });
});

describe("two hosts that link one branch", () => {
  it("come to rest with equal projects after edits of both projects and the branch", async () => {
    const second = await world.add({});
    for (const each of [host, second]) await each.link();
    await world.commit({ "lines.txt": "1\n2\n3\n4\n5\n6\n7\n" });
    await world.rest();
    expect(await second.project()).toEqual(await world.branch());
    host.write("lines.txt", "one\n2\n3\n4\n5\n6\n7\n");
    host.write("first.tf", "1");
    second.write("lines.txt", "1\n2\n3\n4\n5\n6\nseven\n");
    second.write("second.tf", "2");
    await world.commit({ "third.tf": "3" });
    expect(await world.rest()).toBeLessThanOrEqual(6);
    const branch = await world.branch();
    expect(branch).toMatchObject({ "first.tf": "1", "second.tf": "2", "third.tf": "3" });
    expect(branch["lines.txt"]).toBe("one\n2\n3\n4\n5\n6\nseven\n");
    expect([await host.project(), await second.project()]).toEqual([branch, branch]);
    const head = await world.repository.head();
    for (const each of [host, second]) expect(await each.sdk.sync.links(PROJECT)).toMatchObject([{ head }]);
    expect(await world.rest()).toBe(0);
  });

  it("come to rest when the projects are in one store", async () => {
    host.files.setProject(OTHER, { "other.tf": "o" });
    await host.link();
    await host.link({ project: OTHER });
    await world.commit({ "b.tf": "b" });
    expect(await world.rest()).toBeLessThanOrEqual(6);
    const branch = await world.branch();
    expect(branch).toMatchObject({ "a.tf": "a", "b.tf": "b", "other.tf": "o" });
    expect([await host.project(), await host.project(OTHER)]).toEqual([branch, branch]);
  });
});

describe("a linked project whose source rewrites line endings", () => {
  it("comes to rest, alone and beside another host", async () => {
    const files = new MemoryProjectFiles();
    files.setProject(PROJECT, {});
    const rewriting = await world.add({}, { projectFiles: withCrlf(files) });
    for (const each of [host, rewriting]) await each.link();
    await world.commit({ "b.tf": "1\n2\n" });
    expect(await world.rest()).toBeLessThanOrEqual(6);
    await world.commit({ "c.tf": "c\n" });
    expect(await world.rest()).toBeLessThanOrEqual(6);
    const branch = await world.branch();
    expect(Object.keys(branch)).toEqual(["README.md", "a.tf", "b.tf", "c.tf"]);
    expect(await host.project()).toEqual(branch);
    expect(await world.rest()).toBe(0);
  });
});

/** A source that stores text with CRLF. */
function withCrlf(files: MemoryProjectFiles): ProjectFiles {
  return {
    open: (project, options) => files.open(project, options),
    openToWrite: async (project, options) => {
      const session = await files.openToWrite(project, options);
      return {
        traits: session.traits,
        remove: (path, when, write) => session.remove(path, when, write),
        tidy: (operation, paths) => session.tidy(operation, paths),
        close: () => session.close(),
        replace: async (path, content, when, write) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of content.bytes()) pieces.push(piece);
          const bytes = Buffer.from(Buffer.concat(pieces).toString().replaceAll("\n", "\r\n"));
          const oid = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
          const stored = { ...content, size: bytes.length, oid, bytes: () => Readable.from([bytes]) };
          return session.replace(path, stored, when, write);
        },
      };
    },
  };
}

describe("a linked branch that moved without a webhook", () => {
  it("is noticed by the comparison of heads, which reads conditionally and starts one sync", async () => {
    await host.link();
    await world.commit({ "b.tf": "1" });
    await world.rest();
    await host.sdk.webhooks.recover();
    // Redeliveries are lost, too.
    world.box.control.deliveryFault({ how: "drop", times: 100 });
    const head = await world.commit({ "b.tf": "2" });
    expect(await world.rest()).toBe(0);
    for (let time = 0; time < 3; time += 1) await host.sdk.webhooks.recover();
    expect(await world.rest()).toBe(1);
    expect(await host.project()).toMatchObject({ "b.tf": "2" });
    expect(await host.sdk.sync.links(PROJECT)).toMatchObject([{ head }]);
  });

  it("is noticed with the connection of the owner by a host without an App, also after a restart", async () => {
    const clock = new SweepClock();
    const shared = { withApp: false, clock, stores: memoryStores({ clock }) };
    const plain = await world.add({ "a.tf": "a" }, shared);
    const sweep = (sdk: GitHubSdk): Promise<void> =>
      new Promise((resolve) => {
        sdk.on("webhooks.swept", () => resolve());
        void clock.tick();
      });
    const unchanged = (): number => world.box.requests.filter(({ status }) => status === 304).length;
    await plain.link();
    await sweep(plain.sdk);
    expect(await world.rest()).toBe(1);
    world.box.resetCounters();
    await sweep(plain.sdk);
    expect([await world.rest(), unchanged()]).toEqual([0, 0]);
    await sweep(plain.sdk);
    expect([await world.rest(), unchanged()]).toEqual([0, 1]);
    await world.commit({ "b.tf": "b" });
    await plain.sdk.close();
    const again = await world.add({}, { ...shared, projectFiles: plain.files });
    await sweep(again.sdk);
    expect(await world.rest()).toBe(1);
    expect(await plain.project()).toMatchObject({ "b.tf": "b" });
  });
});
