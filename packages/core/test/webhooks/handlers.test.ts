import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitHubSdkError } from "../../src/errors.js";
import { example } from "./example-payloads.js";
import { HANDLER_TIMEOUT, SECRET, WebhookFixture } from "./webhook-fixture.js";

const ID = "22222222-2222-2222-2222-222222222222";
const OPENED = example("issues", "opened", {});
const CLOSED = example("issues", "opened", { action: "closed" });
const TOKEN = `ghs_${"A".repeat(36)}`;

let fixture: WebhookFixture;
beforeEach(() => {
  fixture = new WebhookFixture();
});
afterEach(() => fixture.close([TOKEN]));

describe("on", () => {
  it("calls a handler for its event, or for one action, until it is removed", async () => {
    const seen: string[] = [];
    const stop = fixture.engine.on("issues", ({ id, payload }) => seen.push(`${id} ${payload.action}`));
    fixture.engine.on("issues.closed", ({ name, payload }) => seen.push(`${name} ${payload.issue.number}`));
    await fixture.deliver("issues", OPENED, { id: "one" });
    await fixture.deliver("issues", CLOSED, { id: "two" });
    stop();
    await expect(fixture.deliver("issues", OPENED)).resolves.toMatchObject({ handled: false });
    expect(seen).toEqual(["one opened", "two closed", "issues 1"]);
  });

  it("calls a handler after the SDK's own handlers", async () => {
    fixture.install(7, { id: 70, login: "ann", type: "User" });
    const known: unknown[] = [];
    fixture.engine.on("installation.created", async ({ payload: { installation } }) => {
      const key = { apiUrl: "https://api.github.test", installationId: installation.id };
      known.push((await fixture.installations.find(key))?.account.login);
    });
    await fixture.deliver("installation", example("installation", "created", { installation: installationShape(7) }));
    expect(known).toEqual(["ann"]);
  });

  it("rejects a handler for an unknown event", () => {
    expect(() => fixture.engine.on("pushes" as "push", () => {})).toThrow(/"pushes" is not a GitHub webhook event/);
  });
});

describe("repeated delivery", () => {
  it("is handled once", async () => {
    let calls = 0;
    fixture.engine.on("issues", () => {
      calls += 1;
    });
    await expect(fixture.deliver("issues", OPENED, { id: ID })).resolves.toEqual(handled());
    await expect(fixture.deliver("issues", OPENED, { id: ID })).resolves.toEqual({
      handled: true,
      message: "This delivery was already handled.",
    });
    expect(calls).toBe(1);
  });

  it("is handled once when it arrives concurrently", async () => {
    let calls = 0;
    let finish = (): void => {};
    fixture.engine.on("issues", async () => {
      calls += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const results = Array.from({ length: 20 }, () =>
      fixture.engine.handle(fixture.request("issues", OPENED, { id: ID })).then(({ message }) => message),
    );
    await Promise.race(results);
    finish();
    expect((await Promise.all(results)).sort()).toEqual([
      "Handled issues.",
      ...Array.from({ length: 19 }, () => "This delivery is already being handled."),
    ]);
    expect(calls).toBe(1);
  });

  it("is not handled again under a new delivery ID within 24 hours", async () => {
    let calls = 0;
    fixture.engine.on("issues", () => {
      calls += 1;
    });
    await expect(fixture.deliver("issues", OPENED, { id: "first" })).resolves.toEqual(handled());
    for (const id of ["second", "third"]) {
      await expect(fixture.deliver("issues", OPENED, { id })).resolves.toEqual({
        handled: false,
        message: "A delivery with the same payload and a different ID was already received.",
      });
    }
    await expect(fixture.deliver("issues", CLOSED)).resolves.toEqual(handled());
    await expect(fixture.deliver("issues", OPENED, { id: "first" })).resolves.toMatchObject({ handled: true });
    expect(calls).toBe(2);
    await fixture.clock.advance(24 * 60 * 60_000);
    await expect(fixture.deliver("issues", OPENED, { id: "fourth" })).resolves.toEqual(handled());
    expect(calls).toBe(3);
  });

  it("is handled again for equal pings, unless the host has a handler for them", async () => {
    const ping = example("ping", null, {});
    for (const id of ["one", "two"]) {
      await expect(fixture.deliver("ping", ping, { id })).resolves.toMatchObject({ handled: true });
    }
    let calls = 0;
    fixture.engine.on("ping", () => {
      calls += 1;
    });
    await expect(fixture.deliver("ping", ping, { id: "three" })).resolves.toMatchObject({ handled: false });
    expect(calls).toBe(0);
  });

  it("is handled under a new delivery ID when the first one failed", async () => {
    let isBroken = true;
    fixture.engine.on("issues", () => {
      if (isBroken) throw new Error("The database is down.");
    });
    await fixture.refusal(fixture.deliver("issues", OPENED, { id: "first" }));
    isBroken = false;
    await expect(fixture.deliver("issues", OPENED, { id: "second" })).resolves.toEqual(handled());
  });

  it("is rejected with a different body, also when the first one failed", async () => {
    fixture.engine.on("issues.opened", () => {
      throw new Error("not now");
    });
    await fixture.refusal(fixture.deliver("issues", OPENED, { id: "failed" }));
    await fixture.deliver("issues", CLOSED, { id: ID });
    fixture.engine.on("issues", () => {});
    await fixture.deliver("issues", CLOSED, { id: "completed" });
    for (const [id, body] of [["failed", CLOSED] as const, ["completed", OPENED] as const]) {
      const error = await fixture.refusal(fixture.deliver("issues", body, { id }));
      expect([error.code, error.status]).toEqual(["delivery_refused", 401]);
    }
  });
});

describe("failing handler", () => {
  it("marks the delivery as failed without details for GitHub, so that it can be redelivered", async () => {
    let isBroken = true;
    const calls: string[] = [];
    fixture.engine.on("issues", () => {
      calls.push("first");
      if (isBroken) throw new Error(`no database at 10.0.0.1, token ${TOKEN.slice(0, 3)}`);
    });
    fixture.engine.on("issues", async () => void calls.push("second"));
    const error = await fixture.refusal(fixture.deliver("issues", OPENED, { id: ID }));
    expect([error.code, error.status]).toEqual(["webhook_handler_failed", 500]);
    expect(error.message).not.toContain("database");
    const { deliveries } = await fixture.engine.failed();
    expect(deliveries).toMatchObject([{ id: ID, event: "issues", status: "failed", attempt: 1 }]);
    expect(deliveries[0]?.error).toContain("no database");
    isBroken = false;
    await expect(fixture.deliver("issues", OPENED, { id: ID })).resolves.toEqual(handled());
    await expect(fixture.engine.failed()).resolves.toEqual({ deliveries: [], nextCursor: null });
    expect(calls).toEqual(["first", "second", "first", "second"]);
  });

  it("is stored with a redacted error", async () => {
    const quiet = new WebhookFixture({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
    quiet.engine.on("issues", async () => {
      throw new Error(`401 for ${TOKEN}`);
    });
    quiet.engine.on("issues", () => Promise.reject(new GitHubSdkError("github_unavailable", "GitHub is down")));
    await quiet.refusal(quiet.engine.handle(quiet.request("issues", OPENED, { id: ID })));
    const [failed] = (await quiet.engine.failed()).deliveries;
    expect(failed?.error).toBe("AggregateError: Error: 401 for [redacted]; GitHubSdkError: GitHub is down");
    await quiet.close([TOKEN]);
  });

  it.each<[string, unknown, string]>([
    ["a NUL character", new Error("a\0b"), "Error: a\ufffdb"],
    ["a lone surrogate", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["a surrogate pair at the limit", `${"x".repeat(999)}\u{1f511}`, `${"x".repeat(999)}\ufffd`],
    ["a very long text", "y".repeat(50_000_000), "y".repeat(1_000)],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("broken"), "Symbol(broken)"],
    ["an object without a prototype", Object.create(null), "The handler failed with a value that cannot be described."],
  ])("is stored as failed with %s", async (_, thrown, text) => {
    const quiet = new WebhookFixture({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
    quiet.engine.on("issues", () => Promise.reject(thrown));
    const error = await quiet.refusal(quiet.engine.handle(quiet.request("issues", OPENED, { id: ID })));
    expect(error.code).toBe("webhook_handler_failed");
    expect((await quiet.engine.failed()).deliveries).toMatchObject([{ id: ID, status: "failed", error: text }]);
    await quiet.close();
  });

  it("is aborted at the time limit, before GitHub stops waiting", async () => {
    let received: AbortSignal | null = null;
    fixture.engine.on("issues", (_, { signal }) => {
      received = signal;
      return new Promise(() => {});
    });
    const startedAt = fixture.clock.now();
    const error = fixture.refusal(fixture.engine.handle(fixture.request("issues", OPENED, { id: ID })));
    await fixture.clock.advance(HANDLER_TIMEOUT - 1);
    expect(received).toMatchObject({ aborted: false });
    await fixture.clock.advance(1);
    expect((await error).code).toBe("webhook_handler_failed");
    expect(received).toMatchObject({ aborted: true });
    expect(fixture.clock.now() - startedAt).toBe(HANDLER_TIMEOUT);
    const { deliveries } = await fixture.engine.failed();
    expect(deliveries).toMatchObject([{ id: ID, status: "failed" }]);
    expect(deliveries[0]?.error).toContain("longer than 8000 ms");
  });

  it("of the SDK prevents the host's handlers from running", async () => {
    fixture.github.before = () => {
      throw new GitHubSdkError("github_unavailable", "GitHub is down");
    };
    let calls = 0;
    fixture.engine.on("installation", () => {
      calls += 1;
    });
    const payload = example("installation", "created", { installation: installationShape(7) });
    await fixture.refusal(fixture.deliver("installation", payload, { id: ID }));
    expect(calls).toBe(0);
    fixture.github.before = () => {};
    fixture.install(7, { id: 70, login: "ann", type: "User" });
    await expect(fixture.deliver("installation", payload, { id: ID })).resolves.toMatchObject({ handled: true });
    expect(calls).toBe(1);
  });

  it("is marked as failed and logged as a warning when the SDK is closed", async () => {
    const levels: string[] = [];
    const at = (level: string) => () => void levels.push(level);
    const closing = new WebhookFixture({
      logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    });
    closing.engine.on("issues", () => new Promise(() => {}));
    const error = closing.refusal(closing.engine.handle(closing.request("issues", OPENED, { id: ID })));
    await closing.clock.sleeping(3);
    await closing.engine.close();
    expect((await error).code).toBe("webhook_handler_failed");
    await expect(closing.deliveries.find(ID)).resolves.toMatchObject({ status: "failed" });
    expect((await closing.refusal(closing.deliver("issues", OPENED))).code).toBe("cancelled");
    expect(levels).toEqual(["warn"]);
    await closing.close([TOKEN]);
  });

  it("of a killed process can be redelivered once its claim has expired", async () => {
    fixture.engine.on("issues", () => {});
    const { body } = fixture.request("issues", OPENED);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex");
    const draft = { id: ID, event: "issues", digest, receivedAt: new Date(fixture.clock.now()) };
    await fixture.deliveries.claim(draft, 60_000);
    await expect(fixture.deliver("issues", OPENED, { id: ID })).resolves.toMatchObject({ handled: false });
    await fixture.clock.advance(60_000);
    await expect(fixture.engine.failed()).resolves.toMatchObject({ deliveries: [{ id: ID }] });
    await expect(fixture.deliver("issues", OPENED, { id: ID })).resolves.toEqual(handled());
  });
});

describe("failed", () => {
  it("returns failed deliveries in pages", async () => {
    fixture.engine.on("issues", () => {
      throw new Error("never");
    });
    for (const id of ["a", "b", "c"]) await fixture.refusal(fixture.deliver("issues", OPENED, { id }));
    const first = await fixture.engine.failed({ limit: 2 });
    const second = await fixture.engine.failed({ limit: 2, cursor: first.nextCursor });
    expect([...first.deliveries, ...second.deliveries].map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(second.nextCursor).toBeNull();
    for (const limit of [0, 101, 1.5]) {
      expect((await fixture.refusal(fixture.engine.failed({ limit }))).code).toBe("validation_failed");
    }
    expect((await fixture.refusal(fixture.engine.failed({ cursor: "made up" }))).code).toBe("validation_failed");
  });
});

describe("maintenance", () => {
  it("deletes deliveries after 30 days, in batches", async () => {
    const day = 24 * 60 * 60_000;
    const batches: number[] = [];
    const remove = fixture.deliveries.removeReceivedBefore.bind(fixture.deliveries);
    fixture.deliveries.removeReceivedBefore = async (time, limit) => {
      const removed = await remove(time, limit);
      batches.push(removed);
      expect(limit).toBe(500);
      return removed;
    };
    const received = (days: number) => new Date(fixture.clock.now() - days * day);
    const claim = (id: string, receivedAt: Date) =>
      fixture.deliveries.claim({ id, event: "ping", digest: "", receivedAt }, 1);
    for (let index = 0; index < 700; index += 1) await claim(`old${index}`, received(30));
    await claim("young", received(29));
    await fixture.clock.advance(60 * 60_000);
    await expect(fixture.deliveries.find("old0")).resolves.toBeNull();
    await expect(fixture.deliveries.find("old699")).resolves.toBeNull();
    await expect(fixture.deliveries.find("young")).resolves.not.toBeNull();
    expect(batches.filter((removed) => removed > 0)).toEqual([500, 200]);
  });

  it("continues after an error of the store", async () => {
    let calls = 0;
    fixture.deliveries.removeReceivedBefore = async () => {
      calls += 1;
      throw new Error("no database");
    };
    await fixture.clock.advance(3 * 60 * 60_000);
    expect(calls).toBeGreaterThanOrEqual(2);
  });
});

function handled() {
  return { handled: true, message: "Handled issues." };
}

function installationShape(id: number) {
  const account = { id: 70, login: "ann", type: "User" };
  return { id, app_id: 4711, account };
}

it("the webhook secret never appears in results, errors or the log", async () => {
  fixture.engine.on("issues", () => {
    throw new Error("failed");
  });
  await fixture.refusal(fixture.deliver("issues", OPENED));
  await fixture.refusal(fixture.deliver("issues", OPENED, { secret: "wrong" }));
  fixture.record(fixture.engine);
  fixture.record([await fixture.engine.failed(), SECRET.length]);
});

it("close does not wait for a body that never arrives", async () => {
  const { headers } = fixture.request("issues", OPENED);
  async function* silent(): AsyncGenerator<Uint8Array> {
    await new Promise(() => {});
  }
  const error = fixture.refusal(fixture.engine.handle({ headers, body: silent() }));
  await fixture.engine.close();
  expect((await error).code).toBe("cancelled");
});
