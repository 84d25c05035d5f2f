import { type GitHubSdk, GitHubSdkError } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PROJECT, SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
afterEach(() => fixture.close());

const FILES = { "a.txt": "a\n", "b.txt": "b\n" };
// A request's timeout, the longest wait for a rate limit, and a margin.
const ONE_LEASE = 1_500 + 60_000 + 30_000;
const MOST_REQUESTS = 12;
// The longest time between two turns of recovery: the lease of a turn, and the time until another process looks.
const RECOVERY_INTERVAL = 12_000 + 5_000;

/** A project whose first sync is done and that has one change more. */
async function changedProject(): Promise<SyncFixture> {
  fixture = await SyncFixture.create({ files: FILES, sdk: { requestTimeoutMs: 1_500 } });
  await fixture.sync();
  fixture.write("a.txt", "changed\n");
  return fixture;
}

/** Waits until the record has ended, in any process. */
function ended(sdk: GitHubSdk, { id }: SyncRecord): Promise<SyncRecord> {
  return sdk.sync.wait(id);
}

describe.each(["graphql", "git-data"] as const)("recovery of a sync whose process hangs (%s)", (writer) => {
  it.each(["before", "after"] as const)(
    "completes the record in another process, at every request (%s its effect)",
    async (when) => {
      // A hanging process continues when its request times out: the next position does not wait for that.
      const returns: Promise<void>[] = [];
      for (let position = 0, frozen = true; frozen && position < MOST_REQUESTS; position++) {
        const own = await changedProject();
        const froze = freezeAt(own, position, when);
        const submitted = await own.sdk.sync.submit(own.request({ writer }));
        const first = own.sdk;
        frozen = await Promise.race([froze.then(() => true), ended(first, submitted).then(() => false)]);
        if (!frozen) break;
        const record = await recoveredByAnother(own, submitted, `position ${position}`);
        returns.push(expectNoChangeAfterReturn(own, first, record, `position ${position}`));
      }
      expect(returns.length).toBeGreaterThan(1);
      await Promise.all(returns);
    },
  );
});

/** Makes one request hang for good. Resolves when the request arrives. */
function freezeAt({ box }: SyncFixture, position: number, when: "before" | "after"): Promise<void> {
  box.resetCounters();
  return new Promise((resolve) => {
    const off = box.control.beforeRequest((_request, index) => {
      if (index !== position) return;
      off();
      box.control.fault({ when, respond: "hang" });
      resolve();
    });
  });
}

/** Lets the lease expire, so that another process recovers the record. */
async function recoveredByAnother(own: SyncFixture, submitted: SyncRecord, where: string): Promise<SyncRecord> {
  own.clock.putForward(ONE_LEASE);
  own.sdks.push(own.startSdk());
  const record = await ended(own.sdk, submitted);
  expect(record, where).toMatchObject({ status: "completed", error: null, retryCount: 0 });
  expect(record.interruptions, where).toBeLessThanOrEqual(1);
  return record;
}

/** The hanging process continues without its lease and must not change anything. */
async function expectNoChangeAfterReturn(
  own: SyncFixture,
  first: GitHubSdk,
  record: SyncRecord,
  where: string,
): Promise<void> {
  await first.close();
  expect(await own.sdk.sync.get(record.id)).toEqual(record);
  expect(await own.branch()).toMatchObject({ "a.txt": "changed\n" });
  expect(await own.commits(), where).toBe(3);
  expect(await own.sync()).toMatchObject({ status: "completed", filesSynced: 0, commitId: record.commitId });
  await own.close();
}

describe("lease of a running sync", () => {
  it("lets a dead process's sync be recovered within 45 seconds, and within 120 seconds while the branch moves", async () => {
    fixture = await SyncFixture.create({ files: FILES });
    await fixture.sync();
    fixture.write("a.txt", "changed\n");
    const { locks } = fixture.stores;
    let expiresAt = 0;
    const [acquire, renew] = [locks.acquire.bind(locks), locks.renew.bind(locks)];
    vi.spyOn(locks, "acquire").mockImplementation(async (...values) => {
      const lease = await acquire(...values);
      expiresAt = lease?.expiresAt ?? expiresAt;
      return lease;
    });
    vi.spyOn(locks, "renew").mockImplementation(async (...values) => {
      const lease = await renew(...values);
      expiresAt = lease?.expiresAt ?? expiresAt;
      return lease;
    });
    const remaining = new Map<string, number>();
    fixture.box.control.beforeRequest(({ operation, route }) => {
      remaining.set(operation ?? route, expiresAt - fixture.clock.now());
    });
    expect(await fixture.sync({ writer: "git-data" })).toMatchObject({ status: "completed" });
    const { updateRefs: move = 0, ...others } = Object.fromEntries(remaining);
    expect(move).toBeGreaterThan(60_000);
    expect(move + RECOVERY_INTERVAL).toBeLessThanOrEqual(120_000);
    expect(Object.keys(others).length).toBeGreaterThan(1);
    for (const left of Object.values(others)) expect(left + RECOVERY_INTERVAL).toBeLessThanOrEqual(45_000);
  });
});

describe("recovery of an interrupted sync", () => {
  /** A record that a dead process left `in_progress`. */
  async function leftInProgress(interruptions: number, source?: string): Promise<number> {
    await changedProject();
    const { target, options } = await fixture.sync();
    fixture.write("b.txt", "changed\n");
    const { records } = fixture.stores;
    const { id } = await records.create({
      ...PROJECT,
      target: { ...target, source: source ?? target.source },
      repository: "ada/infra",
      options,
      createdAt: new Date(),
    });
    const step = { from: ["pending"], to: "in_progress", leaseToken: 1 } as const;
    await records.transition(id, step, { interruptions });
    await fixture.restart();
    return id;
  }

  it.each([0, 1])("runs it again after %i earlier interruptions", async (interruptions) => {
    const id = await leftInProgress(interruptions);
    expect(await fixture.sdk.sync.wait(id)).toMatchObject({
      status: "completed",
      filesSynced: 1,
      interruptions: interruptions + 1,
    });
  });

  it("fails it after two earlier interruptions", async () => {
    const id = await leftInProgress(2);
    expect(await fixture.sdk.sync.wait(id)).toMatchObject({ status: "failed", error: { code: "sync_interrupted" } });
    expect(await fixture.sdk.sync.retry(id)).toMatchObject({ status: "completed", interruptions: 0 });
  });

  it("fails it at once when its files came with a call", async () => {
    const id = await leftInProgress(0, "app:1");
    expect(await fixture.sdk.sync.wait(id)).toMatchObject({ status: "failed" });
  });
});

describe("recovery of a commit that arrives late", () => {
  it("turns the failed record into a completed one", async () => {
    await changedProject();
    const { control } = fixture.box;
    let arrive = (): void => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let landed: Promise<void> = Promise.resolve();
    const off = control.beforeRequest(async ({ operation }) => {
      if (operation !== "updateRefs") return;
      // The request is delayed while GitHub fails, so that the sync fails first.
      control.fault({ when: "before", respond: { status: 503 }, times: 500 });
      await late;
      control.faults.clear();
    });
    landed = new Promise((resolve) => {
      control.afterRequest(({ operation }) => {
        if (operation === "updateRefs") resolve();
      });
    });
    const failed = await fixture.sync({ writer: "git-data" });
    expect(failed).toMatchObject({ status: "failed", attempts: [{ outcome: "unknown" }] });
    expect(await fixture.commits()).toBe(2);

    off();
    arrive();
    await landed;
    expect(await fixture.commits()).toBe(3);
    const next = await fixture.sync();
    expect(next).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.sdk.sync.get(failed.id)).toMatchObject({
      status: "completed",
      error: null,
      commitId: next.commitId,
      attempts: [{ outcome: "landed" }],
    });
  });
});

describe.each([
  ["graphql", "createCommitOnBranch"],
  ["git-data", "updateRefs"],
] as const)("recovery of a first attempt that arrives during the second one (%s)", (writer, operation) => {
  it("records its commit and uses it as the base of the next sync", async () => {
    await changedProject();
    const { control } = fixture.box;
    let release = (): void => {};
    const secondIsThere = new Promise<void>((resolve) => {
      release = resolve;
    });
    let first: number | null = null;
    const firstLanded = new Promise<void>((resolve) => {
      control.afterRequest((request) => {
        if (request.operation === operation && request.index === first) resolve();
      });
    });
    control.beforeRequest(async (request, index) => {
      if (request.operation !== operation) return;
      if (first === null) {
        first = index;
        await secondIsThere;
      } else if (index !== first) {
        release();
        await firstLanded;
      }
    });
    const record = await fixture.sync({ writer });
    expect(record).toMatchObject({ status: "completed", filesSynced: 1, commitId: await fixture.repository.head() });
    expect(await fixture.commits()).toBe(3);
    fixture.write("a.txt", "changed again\n");
    expect(await fixture.sync({ writer })).toMatchObject({ status: "completed", filesSynced: 1, conflicts: [] });
  });
});

describe("recovery for an owner without a credential", () => {
  it("does not block other users' syncs of the branch", async () => {
    let isGone = false;
    const auth = async ({ userId }: { readonly userId: string }): Promise<string> => {
      if (isGone && userId === PROJECT.userId) throw new GitHubSdkError("github_not_connected", "gone");
      return fixture.token;
    };
    fixture = await SyncFixture.create({ files: FILES, sdk: { requestTimeoutMs: 1_500, auth } });
    await fixture.sync();
    fixture.write("a.txt", "changed\n");
    fixture.box.control.beforeRequest(({ operation }) => {
      const isMove = operation === "createCommitOnBranch" && !isGone;
      if (isMove) fixture.box.control.fault({ when: "before", respond: { status: 502 }, times: 100 });
    });
    const failed = await fixture.sync();
    expect(failed).toMatchObject({ status: "failed", filesSynced: 0, attempts: [{ outcome: "unknown" }] });
    fixture.box.control.faults.clear();
    isGone = true;
    const project = { userId: "8", projectId: "other" };
    fixture.files.setProject(project, { "o.txt": "o\n" });
    expect(await fixture.sync({ project })).toMatchObject({ status: "completed", filesSynced: 1 });
  });
});

describe("closing the SDK during a sync", () => {
  it("rejects with sync_interrupted, also for new syncs, and the next process continues the sync", async () => {
    await changedProject();
    const first = fixture.sdk;
    const started = new Promise<number>((resolve) => first.on("sync.started", ({ syncId }) => resolve(syncId)));
    const running = first.sync.run(fixture.request()).catch((error: unknown) => error);
    const id = await started;
    await first.close();
    expect(await running).toMatchObject({ code: "sync_interrupted" });
    await expect(first.sync.run(fixture.request())).rejects.toMatchObject({ code: "sync_interrupted" });
    fixture.sdks.push(fixture.startSdk());
    expect(await fixture.sdk.sync.wait(id)).toMatchObject({ status: "completed", filesSynced: 1 });
  });
});

describe("a store that fails for a while", () => {
  it.each([
    { when: "while the commit is written", away: "createCommitOnBranch", interruptions: 0 },
    { when: "before that", away: "sync.started", interruptions: 1 },
  ])("completes the record once the store responds again ($when)", async ({ away, interruptions }) => {
    await changedProject();
    let isAway = false;
    let failures = 4;
    const records = intermittent(fixture.stores.records, () => isAway && failures-- > 0);
    const sdk = fixture.startSdk({ stores: { ...fixture.stores, records } });
    fixture.sdks.push(sdk);
    const reach = (moment: string | undefined): void => {
      isAway ||= moment === away;
    };
    sdk.on("sync.started", () => reach("sync.started"));
    fixture.box.control.beforeRequest(({ operation }) => reach(operation));
    const { id } = await sdk.sync.submit(fixture.request({ writer: "graphql" }));
    const completed = { status: "completed", error: null, interruptions, filesSynced: 1 };
    await expect.poll(() => fixture.stores.records.find(id)).toMatchObject(completed);
    expect(await fixture.commits()).toBe(3);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });
});

/** Wraps a store so that every call fails while `isAway` returns true. */
function intermittent<Store extends object>(store: Store, isAway: () => boolean): Store {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...values: readonly unknown[]) => {
        if (isAway()) throw new GitHubSdkError("store_failed", "The store is down.");
        return Reflect.apply(method, target, values);
      };
    },
  });
}

describe("concurrent syncs", () => {
  it("of two processes write one commit for one change, and all records complete", async () => {
    await changedProject();
    const other = fixture.startSdk();
    fixture.sdks.unshift(other);
    const both = [fixture.sdk, other];
    const records = await Promise.all(
      Array.from({ length: 10 }, (_, index) => both[index % 2]?.sync.run(fixture.request())),
    );
    expect(records.map((record) => record?.status)).toEqual(Array.from({ length: 10 }, () => "completed"));
    expect(await fixture.commits()).toBe(3);
    expect(records.filter((record) => record?.filesSynced === 1)).toHaveLength(1);
  });

  it("of one branch run in the order of submission", async () => {
    await changedProject();
    const order: number[] = [];
    fixture.sdk.on("sync.started", ({ syncId }) => order.push(syncId));
    const submitted = [];
    for (let index = 0; index < 6; index++) submitted.push(await fixture.sdk.sync.submit(fixture.request()));
    await Promise.all(submitted.map((record) => ended(fixture.sdk, record)));
    expect(order).toEqual(submitted.map(({ id }) => id));
  });

  it("of several projects to one branch keep all changes", async () => {
    await changedProject();
    const projects = ["p1", "p2", "p3", "p4"].map((projectId) => ({ userId: "7", projectId }));
    for (const project of projects) fixture.files.setProject(project, { [`${project.projectId}.txt`]: "mine\n" });
    const records = await Promise.all(projects.map((project) => fixture.sync({ project })));
    expect(records.every(({ status }) => status === "completed")).toBe(true);
    expect(Object.keys(await fixture.branch())).toEqual([
      "README.md",
      "a.txt",
      "b.txt",
      "p1.txt",
      "p2.txt",
      "p3.txt",
      "p4.txt",
    ]);
  });
});

describe("cancelling and closing", () => {
  it("an abort cancels a running sync before it writes", async () => {
    await changedProject();
    const abort = new AbortController();
    fixture.box.control.beforeRequest(({ operation }) => {
      if (operation === "createCommitOnBranch") return;
      abort.abort();
    });
    const record = await fixture.sdk.sync.run(fixture.request(), { signal: abort.signal });
    expect(record).toMatchObject({ status: "cancelled", error: null });
    expect(await fixture.commits()).toBe(2);
    expect(await fixture.sdk.sync.retry(record.id)).toMatchObject({ status: "completed" });
  });

  it("the next pending sync runs when the previous one is cancelled right before it starts", async () => {
    await changedProject();
    const { records, locks } = fixture.stores;
    const waiting: SyncRecord[] = [];
    let turnsMissed = 0;
    const acquire = locks.acquire.bind(locks);
    vi.spyOn(locks, "acquire").mockImplementation(async (...values) => {
      const lease = await acquire(...values);
      if (lease === null) turnsMissed += 1;
      return lease;
    });
    vi.spyOn(records, "transition").mockImplementationOnce(async (id, ...step) => {
      waiting.push(await fixture.sdk.sync.submit(fixture.request()));
      await vi.waitUntil(() => turnsMissed === 1, { timeout: 60_000 });
      await fixture.sdk.sync.cancel(id);
      return records.transition(id, ...step);
    });
    expect(await fixture.sync()).toMatchObject({ status: "cancelled" });
    const ends = await Promise.all(waiting.map((record) => ended(fixture.sdk, record)));
    expect(ends).toMatchObject([{ status: "completed", filesSynced: 1 }]);
  });

  it("an abort does not interrupt the request that moves the branch", async () => {
    await changedProject();
    const abort = new AbortController();
    fixture.box.control.beforeRequest(({ operation }) => {
      if (operation === "createCommitOnBranch") abort.abort();
    });
    const record = await fixture.sdk.sync.run(fixture.request(), { signal: abort.signal });
    expect(record).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await fixture.commits()).toBe(3);
  });

  it("closing sets running and waiting syncs to pending, and the next process runs them", async () => {
    await changedProject();
    const first = fixture.sdk;
    let closed: Promise<void> = Promise.resolve();
    const seen = new Promise<void>((resolve) => {
      const off = fixture.box.control.beforeRequest(() => {
        off();
        closed = first.close();
        resolve();
      });
    });
    const running = await first.sync.submit(fixture.request());
    const waiting = await first.sync.submit(fixture.request());
    await seen;
    await closed;
    for (const { id } of [running, waiting]) expect(await first.sync.get(id)).toMatchObject({ status: "pending" });
    fixture.sdks.push(fixture.startSdk());
    expect(await ended(fixture.sdk, running)).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await ended(fixture.sdk, waiting)).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.commits()).toBe(3);
  });
});

describe("retry", () => {
  it("runs the same record again, only when it has ended, and at most three times", async () => {
    await changedProject();
    await fixture.commit({ "a.txt": "theirs\n" });
    const failed = await fixture.sync();
    expect(failed.status).toBe("failed");
    for (const retryCount of [1, 2, 3]) {
      expect(await fixture.sdk.sync.retry(failed.id)).toMatchObject({ id: failed.id, status: "failed", retryCount });
    }
    await expect(fixture.sdk.sync.retry(failed.id)).rejects.toMatchObject({ code: "sync_not_retryable", status: 400 });
    const completed = await fixture.sync({ strategy: "ours" });
    await expect(fixture.sdk.sync.retry(completed.id)).rejects.toMatchObject({ code: "sync_not_retryable" });
    await expect(fixture.sdk.sync.retry(999)).rejects.toMatchObject({ code: "sync_record_not_found", status: 404 });
    expect(await fixture.sdk.sync.metrics("7")).toMatchObject({ totalSyncs: 3, successfulSyncs: 2, failedSyncs: 1 });
  });
});
