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

describe("recovery", () => {
  it("asks again for what never arrived, oldest first", async () => {
    logged("a", 502);
    logged("b", 0);
    logged("c", 200);
    await expect(fixture.engine.recover()).resolves.toEqual({
      examined: 3,
      redelivered: 2,
      refused: 0,
      hasMore: false,
    });
    expect(fixture.github.askedAgain).toEqual([1, 2]);
  });

  it("asks again for what failed here, whatever GitHub was answered, and for nothing that was handled", async () => {
    fixture.engine.on("issues", ({ id }) => {
      if (id === "failed") throw new Error("not now");
    });
    await fixture.refusal(fixture.deliver("issues", OPENED, { id: "failed" }));
    await fixture.deliver("issues", OPENED, { id: "handled" });
    logged("failed", 500, "issues", "opened");
    logged("failed", 200, "issues", "opened");
    logged("handled", 504, "issues", "opened");
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 2, redelivered: 1 });
    expect(fixture.github.askedAgain).toEqual([2]);
  });

  it("asks again for what was abandoned, and not for what is being handled", async () => {
    const draft = { event: "ping", digest: "d", receivedAt: new Date(fixture.clock.now()) };
    await fixture.deliveries.claim({ id: "running", ...draft }, HOUR);
    await fixture.deliveries.claim({ id: "abandoned", ...draft }, 1);
    await fixture.clock.advance(1);
    logged("running", 500);
    logged("abandoned", 500);
    await fixture.engine.recover();
    expect(fixture.github.askedAgain).toEqual([2]);
  });

  it("asks for nothing that nobody handles, was taken at another try, or has failed ten times", async () => {
    logged("unhandled", 500, "issues", "opened");
    logged("repeated", 500);
    logged("repeated", 202);
    for (let attempt = 0; attempt < 10; attempt += 1) logged("hopeless", 500);
    await expect(fixture.engine.recover()).resolves.toMatchObject({ examined: 3, redelivered: 0 });
  });

  it("looks back three days, or as far as it is told", async () => {
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

  it("counts what GitHub does not deliver again, and goes on", async () => {
    for (const guid of ["a", "b", "c"]) logged(guid, 500);
    fixture.github.refusesAgain.add(2);
    await expect(fixture.engine.recover()).resolves.toEqual({
      examined: 3,
      redelivered: 2,
      refused: 1,
      hasMore: false,
    });
  });

  it("is bounded, and says when there is more", async () => {
    for (let index = 0; index < 201; index += 1) logged(`d${index}`, 500);
    // Two entries a page: the log is not read to its end.
    const { examined, hasMore } = await fixture.engine.recover();
    expect([examined, hasMore]).toEqual([100, true]);
    expect(fixture.github.asked.filter((route) => route.startsWith("GET"))).toHaveLength(50);
  });

  it("ends with its signal", async () => {
    for (let index = 0; index < 10; index += 1) logged(`d${index}`, 500);
    const controller = new AbortController();
    const reason = new Error("enough");
    fixture.github.before = () => controller.abort(reason);
    await expect(fixture.engine.recover({ signal: controller.signal })).rejects.toBe(reason);
    expect(fixture.github.askedAgain).toEqual([]);
  });
});

describe("redelivery", () => {
  it("is asked for by the delivery's id, wherever in the log it is", async () => {
    for (const guid of ["a", "b", "c", "d", "e"]) logged(guid, 200);
    await fixture.engine.redeliver("a");
    expect(fixture.github.askedAgain).toEqual([1]);
  });

  it("needs a delivery that GitHub has", async () => {
    logged("a", 500);
    expect((await fixture.refusal(fixture.engine.redeliver("z"))).code).toBe("delivery_not_found");
    expect((await fixture.refusal(fixture.engine.redeliver("../a"))).code).toBe("validation_failed");
  });
});

/** One more entry of GitHub's log; the newest come first. */
function logged(guid: string, statusCode: number, event = "ping", action: string | null = null): void {
  const delivered_at = new Date(fixture.clock.now()).toISOString();
  const entry: LogEntry = { id: nextId, guid, delivered_at, status_code: statusCode, event, action };
  nextId += 1;
  fixture.github.log = [entry, ...fixture.github.log];
}
