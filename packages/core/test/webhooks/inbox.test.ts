import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { example } from "./example-payloads.js";
import { WebhookFixture } from "./webhook-fixture.js";

const ID = "33333333-3333-3333-3333-333333333333";
const OPENED = example("issues", "opened", {});
const CLOSED = example("issues", "opened", { action: "closed" });
const QUEUED = { handled: true, queued: true };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let fixture: WebhookFixture;
let seen: string[];
beforeEach(async () => {
  fixture = await started();
  seen = [];
});
afterEach(() => fixture.close());

describe("inbox of webhook deliveries", () => {
  it("answers a delivery before its handlers run, and deletes the body when they have run", async () => {
    let finish = (): void => {};
    fixture.engine.on("issues", ({ id, payload }) => {
      seen.push(`${id} ${payload.action}`);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await expect(receive()).resolves.toMatchObject(QUEUED);
    await fixture.clock.advance(0);
    expect(seen).toEqual([`${ID} opened`]);
    expect(await stored()).toMatchObject({ status: "in_progress", attempt: 1 });
    expect((await stored()).storedBytes).toBeGreaterThan(0);
    finish();
    await fixture.clock.advance(0);
    expect(await stored()).toMatchObject({ status: "completed", storedBytes: 0, error: null });
  });

  it("answers 202 while a delivery waits, and handled: false when it was handled", async () => {
    let finish = (): void => {};
    fixture.engine.on("issues", async () => {
      seen.push("run");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await receive();
    await expect(receive()).resolves.toMatchObject(QUEUED);
    await fixture.clock.advance(0);
    await expect(receive()).resolves.toMatchObject(QUEUED);
    await expect(receive("other-id")).resolves.toMatchObject({ handled: false, queued: true });
    finish();
    await fixture.clock.advance(0);
    for (const id of [ID, "other-id", "third-id"]) {
      const result = await receive(id);
      expect([result.handled, result.queued]).toEqual([false, undefined]);
    }
    expect(seen).toEqual(["run"]);
    expect((await fixture.refusal(receive(ID, CLOSED))).code).toBe("delivery_refused");
  });

  it("records a delivery that has no handler without its body, and handles it when it is redelivered later", async () => {
    const { handled, queued } = await receive();
    expect([handled, queued]).toEqual([false, undefined]);
    expect(await stored()).toMatchObject({ status: "skipped", storedBytes: 0 });
    fixture.engine.on("issues", ({ id }) => void seen.push(id));
    await expect(receive()).resolves.toMatchObject(QUEUED);
    await fixture.clock.advance(0);
    expect(seen).toEqual([ID]);
  });

  it("runs a failed handler again after growing pauses, until the last attempt failed", async () => {
    const times: number[] = [];
    fixture.engine.on("issues", () => {
      times.push(fixture.clock.now());
      throw new Error(`failure ${times.length}`);
    });
    await receive();
    await fixture.clock.advance(0);
    expect(await stored()).toMatchObject({ status: "pending", attempt: 1, error: "Error: failure 1" });
    await fixture.clock.advance(4 * HOUR);
    const pauses = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 5_000) * 5);
    expect(pauses).toEqual([5, 20, 80, 320, 1_280, 3_600, 3_600]);
    expect(await stored()).toMatchObject({ status: "failed", attempt: 8, error: "Error: failure 8" });
    await expect(fixture.engine.failed()).resolves.toMatchObject({ deliveries: [{ id: ID }] });
    await expect(fixture.engine.health()).resolves.toMatchObject({ waiting: 0, failed: 1, oldestWaitingAt: null });
  });

  it("aborts handlers after 60 seconds and runs them again", async () => {
    fixture.engine.on("issues", async (_, { signal }) => {
      seen.push("run");
      if (seen.length === 1) await new Promise((_, reject) => signal.addEventListener("abort", reject));
    });
    await receive();
    await fixture.clock.advance(MINUTE - 1);
    expect(await stored()).toMatchObject({ status: "in_progress", attempt: 1 });
    await fixture.clock.advance(1);
    expect((await stored()).error).toContain("longer than 60000 ms");
    await fixture.clock.advance(10_000);
    expect(await stored()).toMatchObject({ status: "completed", attempt: 2 });
  });

  it("runs at most four deliveries at a time, in the order of receipt", async () => {
    const finish: (() => void)[] = [];
    fixture.engine.on("issues", async ({ id }) => {
      seen.push(id);
      await new Promise<void>((resolve) => finish.push(resolve));
    });
    for (let index = 0; index < 6; index += 1) {
      await receive(`d${index}`, { ...OPENED, index });
      await fixture.clock.advance(1);
    }
    expect(seen).toEqual(["d0", "d1", "d2", "d3"]);
    for (const end of finish.splice(0)) end();
    await fixture.clock.advance(0);
    expect(seen).toEqual(["d0", "d1", "d2", "d3", "d4", "d5"]);
    for (const end of finish) end();
  });

  it("handles the deliveries that a killed process stored or was handling", async () => {
    await fixture.deliveries.enqueue(draft("running"), deflateSync(JSON.stringify(OPENED)), { attempts: 3 });
    await fixture.deliveries.claimNext(15_000);
    await fixture.deliveries.enqueue(draft("waiting"), deflateSync(JSON.stringify(CLOSED)), { attempts: 3 });
    fixture.engine.on("issues", ({ id }) => void seen.push(id));
    await fixture.clock.advance(5_000);
    expect(seen).toEqual(["waiting"]);
    await fixture.clock.advance(15_000);
    expect(seen).toEqual(["waiting", "running"]);
  });

  it("keeps the claim of a long handler from other processes", async () => {
    const other = await started(fixture);
    for (const { engine } of [fixture, other]) {
      engine.on("issues", async () => {
        seen.push("run");
        await fixture.clock.sleep(50_000);
      });
    }
    await receive();
    await fixture.clock.advance(MINUTE);
    expect(seen).toEqual(["run"]);
    expect(await stored()).toMatchObject({ status: "completed", attempt: 1 });
    await other.close();
  });

  it("aborts a handler whose claim was lost to another process", async () => {
    let reason: unknown = null;
    fixture.engine.on("issues", async (_, { signal }) => {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    fixture.engine.on("issues", (_, { signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
    });
    await receive();
    await fixture.clock.advance(0);
    fixture.deliveries.renew = async () => false;
    await fixture.clock.advance(5_000);
    expect(reason).toMatchObject({ code: "lease_lost" });
  });

  it("fails a delivery during whose attempts the process always ended", async () => {
    fixture.engine.on("issues", () => void seen.push("run"));
    await fixture.deliveries.enqueue(draft(ID), deflateSync(JSON.stringify(OPENED)), { attempts: 1 });
    await fixture.deliveries.claimNext(1);
    await fixture.clock.advance(6_000);
    expect(await stored()).toMatchObject({ status: "failed", attempt: 2 });
    expect((await stored()).error).toContain("The process ended during each attempt");
    expect(seen).toEqual([]);
  });

  it("rejects deliveries while too many wait", async () => {
    fixture.engine.on("issues", () => {});
    const summary = await fixture.deliveries.summary();
    const counts = [{ waiting: 10_000 }, { waitingBytes: 256 * 1024 * 1024 }];
    for (const [index, full] of counts.entries()) {
      fixture.deliveries.summary = async () => ({ ...summary, ...full });
      await fixture.clock.advance(1_000);
      const error = await fixture.refusal(receive(`d${index}`, { ...OPENED, index }));
      expect([error.code, error.status]).toEqual(["webhook_inbox_full", 503]);
    }
    fixture.deliveries.summary = async () => summary;
    await fixture.clock.advance(1_000);
    await expect(receive()).resolves.toMatchObject(QUEUED);
  });

  it("continues after an error of the store", async () => {
    fixture.engine.on("issues", ({ id }) => void seen.push(id));
    const claimNext = fixture.deliveries.claimNext.bind(fixture.deliveries);
    fixture.deliveries.claimNext = () => Promise.reject(new Error("no database"));
    await receive();
    await fixture.clock.advance(5_000);
    fixture.deliveries.claimNext = claimNext;
    await fixture.clock.advance(5_000);
    expect(seen).toEqual([ID]);
  });

  it("is worked off with the option inline, too", async () => {
    const inline = new WebhookFixture({}, fixture);
    await inline.clock.advance(1_000);
    fixture.engine.on("issues", () => {});
    inline.engine.on("issues", ({ id }) => void seen.push(id));
    await fixture.engine.close();
    fixture = inline;
    await fixture.deliveries.enqueue(draft(ID), deflateSync(JSON.stringify(OPENED)), { attempts: 1 });
    await fixture.clock.advance(5_000);
    expect(seen).toEqual([ID]);
  });
});

describe("replay", () => {
  it("runs the handlers of a failed delivery again", async () => {
    let isBroken = true;
    fixture.engine.on("issues", () => {
      seen.push("run");
      if (isBroken) throw new Error("broken");
    });
    await receive();
    await fixture.clock.advance(4 * HOUR);
    isBroken = false;
    seen = [];
    await fixture.engine.replay(ID);
    await fixture.clock.advance(0);
    expect(seen).toEqual(["run"]);
    expect(await stored()).toMatchObject({ status: "completed", attempt: 9 });
  });

  it("rejects unknown deliveries and those that have not failed", async () => {
    fixture.engine.on("issues", () => {});
    await receive();
    await fixture.clock.advance(0);
    expect((await fixture.refusal(fixture.engine.replay(ID))).code).toBe("delivery_not_replayable");
    expect((await fixture.refusal(fixture.engine.replay("unknown"))).code).toBe("delivery_not_found");
    expect((await fixture.refusal(fixture.engine.replay("../x"))).code).toBe("validation_failed");
    await fixture.deliveries.claim({ id: "inline", event: "push", digest: "e", receivedAt: new Date(0) }, 1);
    await fixture.deliveries.fail("inline", 1, "broken");
    expect((await fixture.refusal(fixture.engine.replay("inline"))).message).toContain("redeliver");
  });
});

describe("health", () => {
  it("returns the number and age of waiting deliveries", async () => {
    fixture.engine.on("issues", () => {
      throw new Error("not now");
    });
    await expect(fixture.engine.health()).resolves.toMatchObject({ waiting: 0, failed: 0, lastReceivedAt: null });
    const first = new Date(fixture.clock.now());
    await receive("first");
    await fixture.clock.advance(MINUTE);
    const last = new Date(fixture.clock.now());
    await receive("last", CLOSED);
    await expect(fixture.engine.health()).resolves.toMatchObject({
      ...{ waiting: 2, failed: 0, oldestWaitingAt: first, lastReceivedAt: last },
    });
  });
});

describe("close", () => {
  it("lets running handlers finish", async () => {
    fixture.engine.on("issues", async () => {
      await fixture.clock.sleep(4_000);
      seen.push("finished");
    });
    await receive();
    await fixture.clock.advance(0);
    const closed = fixture.engine.close();
    await fixture.clock.advance(4_000);
    await closed;
    expect(seen).toEqual(["finished"]);
    expect(await stored()).toMatchObject({ status: "completed" });
  });

  it("releases deliveries whose handlers do not finish within 5 seconds", async () => {
    fixture.engine.on("issues", () => new Promise(() => {}));
    await receive();
    await fixture.clock.advance(0);
    const closed = fixture.engine.close();
    await fixture.clock.advance(5_000);
    await closed;
    expect(await stored()).toMatchObject({ status: "pending", attempt: 1, attemptLimit: 9, error: null });
  });
});

/** Returns a host whose inbox has started to work. */
async function started(other: WebhookFixture | null = null): Promise<WebhookFixture> {
  const host = new WebhookFixture({ inline: false }, other);
  await host.clock.advance(1_000);
  return host;
}

function receive(id = ID, payload: object = OPENED) {
  return fixture.engine.handle(fixture.request("issues", payload, { id }));
}

function draft(id: string) {
  return { id, event: "issues", digest: "d", receivedAt: new Date(fixture.clock.now()) };
}

async function stored() {
  const delivery = await fixture.deliveries.find(ID);
  if (delivery === null) throw new Error("The delivery is not stored.");
  return delivery;
}
