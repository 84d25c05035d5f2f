import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { example } from "./example-payloads.js";
import { API_URL, APP_ID, type LogEntry } from "./github-now.js";
import { WebhookFixture } from "./webhook-fixture.js";

const HOUR = 60 * 60_000;
const OPENED = example("issues", "opened", {});

let fixture: WebhookFixture;
let nextId: number;
beforeEach(() => {
  fixture = new WebhookFixture();
  nextId = 1;
});
afterEach(() => fixture.close());

describe("recover", () => {
  it("redelivers deliveries that never arrived, oldest first", async () => {
    logged("a", 502);
    logged("b", 0);
    logged("c", 200);
    await expect(fixture.engine.recover()).resolves.toEqual({
      examined: 3,
      redelivered: 2,
      refused: 0,
      movedBranches: 0,
      hasMore: false,
    });
    expect(fixture.github.redelivered).toEqual([1, 2]);
  });

  it("redelivers deliveries whose handlers failed, regardless of the status in GitHub's log, but not handled ones", async () => {
    fixture.engine.on("issues", ({ id }) => {
      if (id === "failed") throw new Error("not now");
    });
    await fixture.refusal(fixture.deliver("issues", OPENED, { id: "failed" }));
    await fixture.deliver("issues", OPENED, { id: "handled" });
    logged("failed", 500, "issues", "opened");
    logged("failed", 200, "issues", "opened");
    logged("handled", 504, "issues", "opened");
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 2, redelivered: 1 });
    expect(fixture.github.redelivered).toEqual([2]);
  });

  it("redelivers accepted deliveries that the inbox does not have, but none from before its first delivery", async () => {
    logged("before", 200);
    await fixture.clock.advance(2_000);
    await fixture.deliver("ping", example("ping", null, {}), { id: "first" });
    logged("first", 202);
    logged("lost", 202);
    await fixture.engine.recover();
    expect(fixture.github.redelivered).toEqual([3]);
  });

  it("does not redeliver deliveries that are skipped, wait, or can be replayed", async () => {
    const receivedAt = new Date(fixture.clock.now());
    const draft = (id: string) => ({ id, event: "ping", digest: id, receivedAt });
    await fixture.deliveries.skip(draft("skipped"));
    await fixture.deliveries.enqueue(draft("failed"), new Uint8Array(9), { attempts: 1 });
    await fixture.deliveries.claimNext(HOUR);
    await fixture.deliveries.fail("failed", 1, "broken");
    await fixture.deliveries.enqueue(draft("pending"), new Uint8Array(9), { attempts: 1 });
    for (const guid of ["skipped", "failed", "pending"]) logged(guid, 500);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 3, redelivered: 0 });
  });

  it("does not redeliver a delivery that arrived when it had no handler", async () => {
    await fixture.deliver("issues", OPENED, { id: "early" });
    logged("early", 200, "issues", "opened");
    fixture.engine.on("issues", () => {});
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 1, redelivered: 0 });
  });

  it("redelivers abandoned deliveries, but not those being handled", async () => {
    const draft = { event: "ping", digest: "d", receivedAt: new Date(fixture.clock.now()) };
    await fixture.deliveries.claim({ id: "running", ...draft }, HOUR);
    await fixture.deliveries.claim({ id: "abandoned", ...draft }, 1);
    await fixture.clock.advance(1);
    logged("running", 500);
    logged("abandoned", 500);
    await fixture.engine.recover();
    expect(fixture.github.redelivered).toEqual([2]);
  });

  it("does not redeliver deliveries without a handler, accepted at a later attempt, or failed ten times", async () => {
    logged("unhandled", 500, "issues", "opened");
    logged("repeated", 500);
    logged("repeated", 202);
    for (let attempt = 0; attempt < 10; attempt += 1) logged("hopeless", 500);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 3, redelivered: 0 });
  });

  it("examines the last three days, or the deliveries since a given time", async () => {
    logged("old", 500);
    await fixture.clock.advance(71 * HOUR);
    logged("new", 500);
    await expect(fixture.engine.recover({ since: new Date(fixture.clock.now()) })).resolves.toMatchObject({
      examined: 1,
    });
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 2 });
    await fixture.clock.advance(2 * HOUR);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 1 });
  });

  it("counts redeliveries that GitHub refuses, and continues", async () => {
    for (const guid of ["a", "b", "c"]) logged(guid, 500);
    fixture.github.refusedRedeliveries.add(2);
    await expect(fixture.engine.recover()).resolves.toEqual({
      examined: 3,
      redelivered: 2,
      refused: 1,
      movedBranches: 0,
      hasMore: false,
    });
  });

  it("limits the number of pages, and reports that there are more", async () => {
    for (let index = 0; index < 201; index += 1) logged(`d${index}`, 500);
    // The log has two entries per page, so it is not read completely.
    const { examined, hasMore } = await fixture.engine.recover();
    expect([examined, hasMore]).toEqual([100, true]);
    expect(fixture.github.requested.filter((route) => route.startsWith("GET"))).toHaveLength(50);
  });

  it("is aborted by its signal", async () => {
    for (let index = 0; index < 10; index += 1) logged(`d${index}`, 500);
    const controller = new AbortController();
    const reason = new Error("enough");
    fixture.github.before = () => controller.abort(reason);
    await expect(fixture.engine.recover({ signal: controller.signal })).rejects.toBe(reason);
    expect(fixture.github.redelivered).toEqual([]);
  });
});

describe("sweep", () => {
  beforeEach(async () => {
    await fixture.close();
    fixture = new WebhookFixture({ sweep: true });
  });

  it("recovers at start and every 10 minutes, and tells when", async () => {
    const swept: unknown[] = [];
    fixture.bus.on("webhooks.swept", (payload) => swept.push(payload));
    logged("a", 502);
    await expect(fixture.engine.health()).resolves.toMatchObject({ lastSweepAt: null });
    await fixture.clock.advance(5_000);
    expect(fixture.github.redelivered).toEqual([1]);
    const lastSweepAt = new Date(fixture.clock.now());
    await expect(fixture.engine.health()).resolves.toMatchObject({ lastSweepAt });
    const outcome = { examined: 1, redelivered: 1, refused: 0, movedBranches: 0 };
    expect(swept).toEqual([{ at: lastSweepAt.getTime(), ...outcome }]);
    logged("b", 502);
    await fixture.clock.advance(10 * 60_000 - 1);
    expect(fixture.github.redelivered).toEqual([1]);
    await fixture.clock.advance(1);
    expect(fixture.github.redelivered).toEqual([1, 1, 2]);
  });

  it("runs in one of several processes", async () => {
    const other = new WebhookFixture({ app: fixture.github.app, sweep: true }, fixture);
    const sweeps = () => fixture.github.requested.filter((route) => route === "GET /app/hook/deliveries").length;
    const lease = await fixture.locks.acquire(JSON.stringify(["webhooks.sweep", API_URL, APP_ID, "start"]), HOUR);
    await fixture.clock.advance(5_000);
    expect([lease === null, sweeps()]).toEqual([false, 0]);
    await fixture.clock.advance(10 * 60_000);
    expect(sweeps()).toBe(1);
    await fixture.clock.advance(10 * 60_000);
    expect(sweeps()).toBe(2);
    await other.close();
  });

  it("runs again after an error", async () => {
    let calls = 0;
    fixture.github.before = () => {
      calls += 1;
      throw new Error("GitHub is down");
    };
    await fixture.clock.advance(5_000 + 10 * 60_000);
    expect(calls).toBe(2);
  });
});

describe("redeliver", () => {
  it("finds the delivery by its ID on any page of the log", async () => {
    for (const guid of ["a", "b", "c", "d", "e"]) logged(guid, 200);
    await fixture.engine.redeliver("a");
    expect(fixture.github.redelivered).toEqual([1]);
  });

  it("rejects a delivery that is not in GitHub's log", async () => {
    logged("a", 500);
    expect((await fixture.refusal(fixture.engine.redeliver("z"))).code).toBe("delivery_not_found");
    expect((await fixture.refusal(fixture.engine.redeliver("../a"))).code).toBe("validation_failed");
  });
});

/** Adds the newest entry to GitHub's log. */
function logged(guid: string, statusCode: number, event = "ping", action: string | null = null): void {
  const delivered_at = new Date(fixture.clock.now()).toISOString();
  const entry: LogEntry = { id: nextId, guid, delivered_at, status_code: statusCode, event, action };
  nextId += 1;
  fixture.github.log = [entry, ...fixture.github.log];
}
