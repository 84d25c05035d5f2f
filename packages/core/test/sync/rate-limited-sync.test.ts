import type { GitHubSdk } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { MemoryJobRunner } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

const ANN = { userId: "ann", projectId: "infra" };
const BOB = { userId: "bob", projectId: "infra" };

let fixture: SyncFixture;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: {} });
  const tokens = new Map([["ann", fixture.token]]);
  fixture.box.addUser({ login: "bob" });
  tokens.set("bob", fixture.box.addToken({ login: "bob", scopes: ["repo"] }));
  await fixture.box.createRepository({ owner: "bob", name: "infra", autoInit: true });
  fixture.files.setProject(ANN, { "a.txt": "a\n" });
  fixture.files.setProject(BOB, { "b.txt": "b\n" });
  const auth = async ({ userId }: { readonly userId: string }): Promise<string> => tokens.get(userId) ?? "";
  for (const sdk of fixture.sdks.splice(0)) await sdk.close();
  start = () => fixture.startSdk({ auth, jobs: new MemoryJobRunner({ concurrency: 1, clock: fixture.clock }) });
  fixture.sdks.push(start());
});
afterEach(() => fixture.close());

/** Starts an SDK with one place for running syncs. */
let start: () => GitHubSdk;

/** Rejects the requests of Ann's account with a rate limit. Returns a function that ends it. */
function limitAnn(retryAfter: number): () => void {
  const { control } = fixture.box;
  return control.beforeRequest(({ login, operation }) => {
    // The request is checked before the sync begins.
    if (login !== "ada" || operation !== "createCommitOnBranch") return;
    control.fault({
      when: "before",
      respond: { status: 429, headers: { "retry-after": String(retryAfter) }, body: {} },
    });
  });
}

const annsSync = (options: { readonly rateLimitDeadlineMs?: number } = {}): Promise<SyncRecord> =>
  fixture.sdk.sync.submit(fixture.request({ project: ANN, writer: "graphql", ...options }));

/** Resolves when the sync waits for the rate limit. */
async function waiting({ id }: SyncRecord): Promise<SyncRecord> {
  await expect
    .poll(() => fixture.stores.records.find(id))
    .toMatchObject({ status: "pending", notBefore: expect.any(Date) });
  return fixture.sdk.sync.get(id);
}

/** Starts another process after some time has passed. */
async function continueAfter(milliseconds: number): Promise<void> {
  fixture.clock.putForward(milliseconds);
  for (const sdk of fixture.sdks.splice(0)) await sdk.close();
  fixture.sdks.push(start());
}

describe("a sync that must wait for a rate limit", () => {
  it("gives its place back, and a sync of another account starts at once", async () => {
    limitAnn(60);
    await waiting(await annsSync());
    const startedAt = fixture.clock.now();
    const record = await fixture.sync({ project: BOB, repository: "bob/infra" });
    expect(record).toMatchObject({ status: "completed", filesSynced: 1 });
    expect((record.startedAt?.getTime() ?? 0) - startedAt).toBeLessThan(1_000);
  });

  it("is pending until the limit ends, and then completes", async () => {
    const endLimit = limitAnn(75);
    const before = fixture.clock.now();
    const pending = await waiting(await annsSync());
    const seconds = ((pending.notBefore?.getTime() ?? 0) - before) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(74);
    expect(seconds).toBeLessThan(90);
    endLimit();
    await continueAfter(60_000);
    expect(await fixture.stores.records.due(pending.target.apiUrl, 1)).toEqual([]);
    await continueAfter(30_000);
    const record = await fixture.sdk.sync.wait(pending.id);
    expect(record).toMatchObject({ status: "completed", filesSynced: 1, interruptions: 0, notBefore: null });
    expect(record.waitingSince).toEqual(pending.waitingSince);
    expect(await fixture.commits()).toBe(2);
  });

  it("fails with rate_limited when its deadline has passed, and a retry waits again", async () => {
    const endLimit = limitAnn(75);
    const pending = await waiting(await annsSync({ rateLimitDeadlineMs: 30_000 }));
    expect((pending.notBefore?.getTime() ?? 0) - (pending.waitingSince?.getTime() ?? 0)).toBe(30_000);
    await continueAfter(31_000);
    const failed = await fixture.sdk.sync.wait(pending.id);
    expect(failed).toMatchObject({ status: "failed", error: { code: "rate_limited" } });
    endLimit();
    await continueAfter(80_000);
    expect(await fixture.sdk.sync.retry(pending.id)).toMatchObject({ status: "completed", waitingSince: null });
  });

  it("fails at the first limit with a deadline of 0", async () => {
    limitAnn(75);
    const { id } = await annsSync({ rateLimitDeadlineMs: 0 });
    expect(await fixture.sdk.sync.wait(id)).toMatchObject({ status: "failed", error: { code: "rate_limited" } });
  });

  it("counts for the maximum number of pending syncs", async () => {
    limitAnn(60);
    await waiting(await annsSync());
    const sdk = fixture.startSdk({ maxPendingSyncs: 1 });
    fixture.sdks.unshift(sdk);
    const submitted = sdk.sync.submit(fixture.request({ project: ANN }));
    await expect(submitted).rejects.toMatchObject({ code: "too_many_pending_syncs", status: 429 });
  });
});
