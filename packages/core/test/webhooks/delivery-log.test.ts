import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { example } from "./example-payloads.js";
import type { LogEntry } from "./github-now.js";
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
