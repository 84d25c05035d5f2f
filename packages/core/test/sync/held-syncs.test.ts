import { createGitHubSdk, type GitHubSdk, silentLogger } from "@infrajet/github";
import { type JobRunner, systemClock } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Host } from "../sdk/host.js";

let host: Host;
let web: GitHubSdk;
let submissions: number[];
let installationId: number;

beforeEach(async () => {
  host = await Host.start();
  await host.connect("7", "ann");
  installationId = await host.install("7", "ann", "acme");
  await host.box.createRepository({ owner: "acme", name: "infra", autoInit: true });
  submissions = [];
  // A process that only submits, beside the host's own SDK, which works.
  const jobs: JobRunner = {
    start: async () => undefined,
    submit: async (syncId) => void submissions.push(syncId),
    stop: async () => undefined,
  };
  web = createGitHubSdk({
    ...host.configuration,
    ...{ projectFiles: host.files, stores: host.stores, clock: host.clock, logger: silentLogger, jobs },
  });
});
afterEach(async () => {
  await web.close();
  await host.close();
});

const push = () =>
  web.app.push({
    ...{ userId: "7", installationId, repository: "acme/infra", message: "Write" },
    files: { "a.txt": "a" },
  });

describe("a sync of files that came with a call", () => {
  it("runs in the process of the call, without a job", async () => {
    expect(await push()).toMatchObject({ files: 1 });
    expect(submissions).toEqual([]);
  });

  it("runs once its branch is free", async () => {
    const { locks } = host.stores;
    const acquire = locks.acquire.bind(locks);
    let refused = 0;
    vi.spyOn(locks, "acquire").mockImplementation(async (name, ttl) => {
      if (name.startsWith("files:") || name.startsWith("recovery:") || refused === 2) return acquire(name, ttl);
      refused += 1;
      return null;
    });
    expect(await push()).toMatchObject({ files: 1 });
    expect(refused).toBe(2);
  });

  it("fails when its process closes before it has started", async () => {
    const { locks } = host.stores;
    const acquire = locks.acquire.bind(locks);
    const waits = new Promise<void>((resolve) => {
      vi.spyOn(locks, "acquire").mockImplementation(async (name, ttl) => {
        if (name.startsWith("files:") || name.startsWith("recovery:")) return acquire(name, ttl);
        resolve();
        return null;
      });
    });
    const pushed = push();
    await waits;
    await web.close();
    await expect(pushed).rejects.toMatchObject({ code: "sync_interrupted" });
    const [record] = (await host.stores.records.unfinished(0, 10)).map(({ id }) => id);
    expect(record).toBeUndefined();
  });

  it("fails in another process when its own has died, by the store's clock", async () => {
    const { records, locks } = host.stores;
    await push();
    const pushed = await records.find(1);
    if (pushed === null) throw new Error("no record");
    expect(pushed.holder).toMatch(/^files:/);
    await locks.acquire("files:alive", 60_000);
    const dead = await records.create({ ...pushed, holder: "files:dead" });
    const alive = await records.create({ ...pushed, holder: "files:alive" });
    await web.close();
    await host.sdk.close();
    // Ten minutes ahead of the store.
    const clock = { ...systemClock, now: () => systemClock.now() + 600_000 };
    web = createGitHubSdk({
      ...host.configuration,
      ...{ projectFiles: host.files, stores: host.stores, clock, logger: silentLogger },
    });
    const failed = await web.sync.wait(dead.id);
    expect(failed).toMatchObject({ status: "failed", error: { code: "source_unavailable" } });
    expect(await records.find(alive.id)).toMatchObject({ status: "pending" });
    await expect(web.sync.resubmit(dead.id)).rejects.toMatchObject({ code: "sync_not_retryable" });
    expect(await records.find(dead.id)).toEqual(failed);
  });
});
