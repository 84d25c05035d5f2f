import { type GitHubSdk, GitHubSdkError } from "@infrajet/github";
import type { JobRunner, SyncRecord } from "@infrajet/github/adapters";
import { MemoryJobRunner, MemoryPubSub } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "a.txt": "a\n" } });
});
afterEach(() => fixture.close());

const request = (userId: string, branch: string, priority: "interactive" | "background" = "interactive") => {
  const project = { userId, projectId: branch };
  fixture.files.setProject(project, { [`${branch}.txt`]: `${branch}\n` });
  return fixture.request({ project, branch, priority });
};

/** Replaces the fixture's SDK by one with another job runner. */
async function restartWith(jobs: JobRunner, perUser?: number): Promise<GitHubSdk> {
  for (const sdk of fixture.sdks.splice(0)) await sdk.close();
  const sdk = fixture.startSdk({ jobs, ...(perUser === undefined ? {} : { perUser }) });
  fixture.sdks.push(sdk);
  return sdk;
}

/** A job runner with a queue that the test starts. */
function heldRunner(concurrency: number): { readonly jobs: JobRunner; release(): Promise<void> } {
  const runner = new MemoryJobRunner({ concurrency, clock: fixture.clock });
  let release = async (): Promise<void> => {};
  const jobs: JobRunner = {
    concurrency,
    start: async (job) => {
      release = () => runner.start(job);
    },
    submit: (syncId, options) => runner.submit(syncId, options),
    stop: () => runner.stop(),
  };
  return { jobs, release: () => release() };
}

/** The users of the syncs in the order in which they start. */
function startsOf(sdk: GitHubSdk): string[] {
  const users: string[] = [];
  sdk.on("sync.started", ({ userId }) => users.push(userId));
  return users;
}

const ended = (sdk: GitHubSdk, records: readonly SyncRecord[]): Promise<SyncRecord[]> =>
  Promise.all(records.map(({ id }) => sdk.sync.wait(id)));

describe("the order of syncs", () => {
  it("is fair: one sync of a user is not behind all earlier ones of another user", async () => {
    const { jobs, release } = heldRunner(2);
    const sdk = await restartWith(jobs);
    const started = startsOf(sdk);
    const records: SyncRecord[] = [];
    for (let index = 0; index < 24; index++) records.push(await sdk.sync.submit(request("ann", `ann-${index}`)));
    records.push(await sdk.sync.submit(request("bob", "bob")));
    await release();
    expect((await ended(sdk, records)).map(({ status }) => status)).toEqual(records.map(() => "completed"));
    expect(started).toHaveLength(25);
    expect(started.indexOf("bob")).toBeLessThan(3);
  });

  it.each([
    [4, undefined, 2],
    [1, undefined, 1],
    [4, 3, 3],
  ])("has at most half of %i places, or `perUser` (%s), for one user: %i", async (concurrency, perUser, most) => {
    const { jobs, release } = heldRunner(concurrency);
    const sdk = await restartWith(jobs, perUser);
    let running = 0;
    let highest = 0;
    sdk.on("sync.started", () => {
      running += 1;
      highest = Math.max(highest, running);
    });
    sdk.on("sync.completed", () => {
      running -= 1;
    });
    fixture.box.control.latency(20);
    const records: SyncRecord[] = [];
    for (let index = 0; index < 6; index++) records.push(await sdk.sync.submit(request("ann", `ann-${index}`)));
    await release();
    await ended(sdk, records);
    expect(highest).toBe(most);
  });

  it("goes on with other syncs when a record cannot be read, and tries it again after a minute", async () => {
    const { jobs, release } = heldRunner(2);
    const sdk = await restartWith(jobs);
    const damaged = await sdk.sync.submit(request("ann", "damaged"));
    const others = [await sdk.sync.submit(request("ann", "main")), await sdk.sync.submit(request("bob", "bob"))];
    const transition = fixture.stores.records.transition.bind(fixture.stores.records);
    let isDamaged = true;
    fixture.stores.records.transition = async (id, step, change) => {
      if (id === damaged.id && isDamaged) throw new GitHubSdkError("store_failed", "The record cannot be decoded.");
      return transition(id, step, change);
    };
    await release();
    expect((await ended(sdk, others)).map(({ status }) => status)).toEqual(["completed", "completed"]);
    isDamaged = false;
    fixture.clock.putForward(61_000);
    await sdk.sync.submit(request("bob", "again"));
    expect(await sdk.sync.wait(damaged.id)).toMatchObject({ status: "completed" });
  });

  it("has interactive syncs before background ones", async () => {
    const { jobs, release } = heldRunner(1);
    const sdk = await restartWith(jobs);
    const order: number[] = [];
    sdk.on("sync.started", ({ syncId }) => order.push(syncId));
    const [first, second] = [
      await sdk.sync.submit(request("ann", "one", "background")),
      await sdk.sync.submit(request("ann", "two", "background")),
    ];
    const urgent = await sdk.sync.submit(request("ann", "three"));
    await release();
    await ended(sdk, [first, second, urgent]);
    expect(order).toEqual([urgent.id, first.id, second.id]);
  });

  it("runs all syncs although most hints are lost", async () => {
    const { jobs, release } = heldRunner(2);
    const sdk = await restartWith(jobs);
    const submit = vi.spyOn(jobs, "submit").mockImplementation(async () => Promise.reject(new Error("away")));
    const records: SyncRecord[] = [];
    for (let index = 0; index < 6; index++) records.push(await sdk.sync.submit(request("ann", `ann-${index}`)));
    submit.mockRestore();
    records.push(await sdk.sync.submit(request("bob", "bob")));
    await release();
    expect((await ended(sdk, records)).map(({ status }) => status)).toEqual(records.map(() => "completed"));
  });
});

describe("a background sync", () => {
  it("joins a pending sync of the same target and options, which reads the project when it starts", async () => {
    const { jobs, release } = heldRunner(1);
    const sdk = await restartWith(jobs);
    const background = request("ann", "main", "background");
    const first = await sdk.sync.submit(background);
    fixture.files.setFile({ userId: "ann", projectId: "main" }, "later.txt", "later\n");
    const second = await sdk.sync.submit(background);
    const third = await sdk.sync.submit(background);
    expect([second.id, third.id, third.coalesced]).toEqual([first.id, first.id, 2]);
    const opens = fixture.opens;
    await release();
    expect(await sdk.sync.wait(first.id)).toMatchObject({ status: "completed", filesSynced: 2 });
    // Not the session of the first request.
    expect(fixture.opens).toBe(opens + 1);
    expect(await fixture.branch("main")).toMatchObject({ "later.txt": "later\n" });
    expect((await sdk.sync.submit(background)).id).not.toBe(first.id);
  });

  it.each([
    ["another message", { message: "Another" }],
    ["another branch", { branch: "other" }],
    ["another direction", { direction: "pull" }],
    ["another directory", { directory: "sub" }],
    ["the priority interactive", { priority: "interactive" }],
  ] as const)("does not join a pending sync with %s", async (_, other) => {
    const { jobs } = heldRunner(1);
    const sdk = await restartWith(jobs);
    await fixture.commit({ "sub/x.txt": "x\n" });
    const background = request("ann", "main", "background");
    const first = await sdk.sync.submit(background);
    const second = await sdk.sync.submit({ ...background, ...other });
    expect(second.id).not.toBe(first.id);
    expect(await sdk.sync.get(first.id)).toMatchObject({ coalesced: 0 });
  });

  it("joins only a sync of its user, and not one that runs", async () => {
    const { jobs, release } = heldRunner(1);
    const sdk = await restartWith(jobs);
    const first = await sdk.sync.submit(request("ann", "main", "background"));
    expect((await sdk.sync.submit(request("bob", "main", "background"))).id).not.toBe(first.id);
    const started = new Promise<void>((resolve) => sdk.on("sync.started", () => resolve()));
    await release();
    await started;
    expect((await sdk.sync.submit(request("ann", "main", "background"))).id).not.toBe(first.id);
  });

  it("continues when one of several calls that wait for it is aborted", async () => {
    const { jobs, release } = heldRunner(1);
    const sdk = await restartWith(jobs);
    const background = request("ann", "main", "background");
    const abort = new AbortController();
    const first = await sdk.sync.submit(background);
    const second = sdk.sync.run(background, { signal: abort.signal });
    await expect.poll(() => sdk.sync.get(first.id)).toMatchObject({ coalesced: 1 });
    abort.abort();
    await release();
    expect(await second).toMatchObject({ id: first.id, status: "completed" });
  });
});

describe("submit", () => {
  it.each([
    ["does not respond", () => new Promise<void>(() => undefined)],
    ["rejects", async () => Promise.reject(new Error("connect ECONNREFUSED"))],
  ])("returns the pending record when the job runner %s", async (_, submit) => {
    const sdk = await restartWith({ start: async () => undefined, submit, stop: async () => undefined });
    const startedAt = Date.now();
    const record = await sdk.sync.submit(request("ann", "main"));
    expect(record.status).toBe("pending");
    expect(Date.now() - startedAt).toBeLessThan(4_000);
  });
});

describe("a process that shuts down", () => {
  it("hands its running sync to another process within a second", async () => {
    const pubSub = new MemoryPubSub();
    for (const sdk of fixture.sdks.splice(0)) await sdk.close();
    const [first, second] = [fixture.startSdk({ pubSub }), fixture.startSdk({ pubSub })];
    fixture.sdks.push(second);
    let reached = (): void => {};
    const writes = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const off = fixture.box.control.beforeRequest(({ login }) => {
      if (login === undefined) return;
      off();
      reached();
    });
    const { id } = await first.sync.submit(request("ann", "main"));
    await writes;
    await first.close();
    const closedAt = fixture.clock.now();
    const record = await second.sync.wait(id);
    expect(record).toMatchObject({ status: "completed", interruptions: 0 });
    expect((record.startedAt?.getTime() ?? 0) - closedAt).toBeLessThan(1_000);
  });
});
