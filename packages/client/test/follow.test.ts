import {
  createGitHubClient,
  type Follow,
  type FollowEvents,
  type FollowMessage,
  type GitHubClient,
} from "@infrajet/github-client";
import { type ContractSubject, createContractFixture, type HostParts } from "@infrajet/github-testing/contract";
import { afterAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CuttingProxy } from "./cutting-proxy.js";
import { holdWrites } from "./held-writes.js";
import { HOSTS } from "./hosts.js";
import { type ProjectToSync, projectToSync, unique } from "./synced-project.js";

const TRANSPORTS = [
  ["websocket", WebSocket],
  ["sse", null],
] as const;
const CASES = HOSTS.flatMap(([host, mount]) =>
  TRANSPORTS.map(([transport, socket]) => ({ host, mount, transport, socket })),
);

describe.each(CASES)("follow over $transport with a host on $host", ({ mount, transport, socket }) => {
  let parts: HostParts | null = null;
  const world = createContractFixture((given) => {
    parts = given;
    return mount(given);
  });
  afterAll(() => world.close());

  /** Creates a project, and a client of its user that connects through a URL. */
  async function project(baseUrl?: (host: ContractSubject) => string) {
    const host = await world.host("complete");
    const synced = await projectToSync(host);
    const token = await host.tokenFor(synced.userId);
    const client = createGitHubClient({ baseUrl: baseUrl?.(host) ?? host.baseUrl, token, WebSocket: socket });
    return { host, synced, client };
  }

  it("delivers the progress of a sync and its end", async () => {
    const { host, synced, client } = await project();
    const writes = holdWrites(host, synced.login);
    const follow = client.follow("network");
    const connected = reached(follow, "connected");
    const messages: FollowMessage[] = [];
    let running: ReturnType<typeof sync> | null = null;
    for await (const message of follow) {
      messages.push(message);
      if (message.type === "subscription_confirmed") running = sync(synced);
      if (message.type === "github_sync_progress") writes.release();
      if (message.type === "github_sync_completed") break;
    }
    expect(await connected).toBe(transport);
    expect(messages.map(({ type }) => type)).toContain("github_sync_progress");
    const sync_id = (await running)?.sync_id;
    expect(messages.at(-1)?.data).toMatchObject({ sync_id, project_id: "network", files_synced: 1 });
  });

  it("delivers every end once when the connection is cut in the middle of a sync", async () => {
    const host = await world.host("complete");
    const proxy = await CuttingProxy.start(host.baseUrl);
    const { synced, client } = await project(() => proxy.through(host.baseUrl));
    const writes = holdWrites(host, synced.login);
    const follow = client.follow("network");
    const ends = endsOf(follow);
    try {
      await reached(follow, "subscription_confirmed");
      const first = sync(synced);
      await Promise.all([reached(follow, "github_sync_progress"), writes.arrived]);

      const lost = reached(follow, "disconnected");
      proxy.cut();
      await lost;
      writes.release();
      const { sync_id } = await first;
      await host.writeProject(synced.userId, "network", { "missed.tf": "" });
      const missed = await sync(synced);
      proxy.restore();
      await expect.poll(() => ends).toEqual([sync_id, missed.sync_id]);

      await host.writeProject(synced.userId, "network", { "later.tf": "" });
      const later = await sync(synced);
      await expect.poll(() => ends).toEqual([sync_id, missed.sync_id, later.sync_id]);
    } finally {
      follow.close();
      writes.release();
      await proxy.close();
    }
  });

  it("delivers every end once when the server shuts down and another process takes over", async () => {
    const host = await world.host("complete");
    if (parts === null) throw new Error("The host was not mounted.");
    const [stopping, next] = [await mount(parts), await mount(parts)];
    const proxy = await CuttingProxy.start(stopping.url);
    const { synced, client } = await project(() => proxy.through(host.baseUrl));
    const follow = client.follow("network");
    const ends = endsOf(follow);
    try {
      await reached(follow, "subscription_confirmed");
      const before = await sync(synced);
      await expect.poll(() => ends).toEqual([before.sync_id]);

      proxy.retarget(next.url);
      const lost = reached(follow, "disconnected");
      await stopping.close();
      await lost;
      await host.writeProject(synced.userId, "network", { "during.tf": "" });
      const during = await sync(synced);
      await expect.poll(() => ends).toEqual([before.sync_id, during.sync_id]);
    } finally {
      follow.close();
      await proxy.close();
      await next.close();
    }
  });

  it("continues from the cursor of an earlier follow", async () => {
    const { synced, client } = await project();
    const earlier = client.follow("network");
    await reached(earlier, "subscription_confirmed");
    earlier.close();
    const { sync_id } = await sync(synced);
    const follow = client.follow("network", { after: earlier.cursor });
    expect(await firstEnd(follow)).toBe(sync_id);
  });

  it("tells that the history has to be read when the cursor is unknown, and delivers the last end once", async () => {
    const { synced, client } = await project();
    const { sync_id } = await sync(synced);
    const follow = client.follow("network", { after: "of-another-database.7" });
    const types: string[] = [];
    for await (const { type, data } of follow) {
      types.push(type);
      if ("sync_id" in data) {
        expect(data.sync_id).toBe(sync_id);
        break;
      }
    }
    expect(types).toEqual(["subscription_confirmed", "resync_required", "github_sync_completed"]);
  });

  it("follows several projects", async () => {
    const { host, synced, client } = await project();
    await host.writeProject(synced.userId, "storage", { "b.tf": "" });
    const follow = client.follow(["network", "storage"]);
    const confirmed = new Set<string>();
    const both = new Promise<void>((resolve) => {
      follow.on("subscription_confirmed", ({ data }) => {
        if (confirmed.add(data.project_id).size === 2) resolve();
      });
    });
    await both;
    const ends = endsOf(follow);
    const first = await sync(synced);
    const second = await sync(synced, "storage");
    await expect.poll(() => ends).toEqual([first.sync_id, second.sync_id]);
    follow.close();
    const resumed = client.follow(["network", "storage"], { after: follow.cursor });
    const third = await sync(synced, "storage");
    expect(await firstEnd(resumed)).toBe(third.sync_id);
  });

  it("ends the loop with the error when the user may not see the project", async () => {
    const { client } = await project();
    const follow = client.follow("of-another-user");
    const closed = reached(follow, "closed");
    await expect(firstEnd(follow)).rejects.toMatchObject({ code: "project_not_found", status: 404 });
    expect(await closed).toMatchObject({ code: "project_not_found" });
  });

  it("ends the loop when its signal is aborted", async () => {
    const { client } = await project();
    const controller = new AbortController();
    const follow = client.follow("network", { signal: controller.signal });
    const types: string[] = [];
    for await (const { type } of follow) {
      types.push(type);
      controller.abort();
    }
    expect(types).toEqual(["subscription_confirmed"]);
  });

  it("requests a new token for each connection", async () => {
    const host = await world.host("complete");
    const proxy = await CuttingProxy.start(host.baseUrl);
    const userId = unique("user");
    await host.writeProject(userId, "network", {});
    const token = await host.tokenFor(userId);
    let tokens = 0;
    const client = createGitHubClient({
      baseUrl: proxy.through(host.baseUrl),
      WebSocket: socket,
      token: () => {
        tokens += 1;
        return token;
      },
    });
    const follow = client.follow("network");
    try {
      await reached(follow, "subscription_confirmed");
      expect(tokens).toBe(1);
      proxy.cut();
      proxy.restore();
      await reached(follow, "subscription_confirmed");
      expect(tokens).toBe(2);
    } finally {
      follow.close();
      await proxy.close();
    }
  });
});

describe.each(HOSTS)("follow with a host on %s that refuses WebSockets", (_name, mount) => {
  const world = createContractFixture(({ sdk, options }) => mount({ sdk, options }, { realtime: false }));
  afterAll(() => world.close());

  it("falls back to server-sent events", async () => {
    const host = await world.host("complete");
    const synced = await projectToSync(host);
    const client = createGitHubClient({ baseUrl: host.baseUrl, token: await host.tokenFor(synced.userId), WebSocket });
    const follow = client.follow("network");
    expect(await reached(follow, "connected")).toBe("sse");
    const { sync_id } = await sync(synced);
    expect(await firstEnd(follow)).toBe(sync_id);
  });
});

function sync({ client, repository }: ProjectToSync, projectId = "network"): ReturnType<GitHubClient["syncProject"]> {
  return client.syncProject({ project_id: projectId, repository_full_name: repository, wait: 20 });
}

/** Resolves at the next event of a name, to its value. */
function reached<Name extends keyof FollowEvents>(follow: Follow, name: Name): Promise<FollowEvents[Name]> {
  return new Promise((resolve) => {
    const off = follow.on(name, (value) => {
      off();
      resolve(value);
    });
  });
}

/** Collects the IDs of the syncs that end. */
function endsOf(follow: Follow): readonly string[] {
  const ends: string[] = [];
  follow.on("message", ({ data }) => {
    if ("completed_at" in data) ends.push(data.sync_id);
  });
  return ends;
}

async function firstEnd(follow: Follow): Promise<string | null> {
  for await (const { data } of follow) if ("completed_at" in data) return data.sync_id;
  return null;
}
