import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AzureFailure } from "../src/azure-failure.js";
import { retryPause } from "../src/azure-requests.js";
import { directory, failure, page, type Scripted, ScriptedAzure } from "./scripted-azure.js";

const PROJECT = { userId: "7", projectId: "infra" };

/** A clock that records pauses instead of sleeping. Timeouts of 30 s never expire, unless they equal `timeLimit`. */
class RecordingClock implements Clock {
  readonly pauses: number[] = [];

  constructor(private readonly timeLimit = Number.POSITIVE_INFINITY) {}

  now(): number {
    return Date.now();
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds === this.timeLimit) return Promise.resolve();
    if (milliseconds === 30_000) return new Promise((_, reject) => signal?.addEventListener("abort", reject));
    this.pauses.push(milliseconds);
    return Promise.resolve();
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(milliseconds, signal);
  }
}

let azure: ScriptedAzure;
beforeEach(async () => {
  azure = await ScriptedAzure.start();
});
afterEach(() => azure.close());

/** Opens a project. The listings of the base directory get the given responses one after the other. */
async function openProject(clock: Clock, responses: readonly Scripted[]): Promise<void> {
  let index = 0;
  azure.respond = ({ path }) => {
    if (path !== "projects") return page([directory("infra")]);
    return responses[Math.min(index++, responses.length - 1)] ?? expect.fail();
  };
  await (await azure.files({ clock, retryPauseMs: 100 }).open(PROJECT)).close();
}

const tries = (): number => azure.requests.filter(({ path }) => path === "projects").length;

describe("AzureRequests.send", () => {
  const found = page([directory("7")]);
  it.each<[string, Scripted]>([
    ["503 ServerBusy", failure(503, "ServerBusy")],
    ["500 OperationTimedOut", failure(500, "OperationTimedOut")],
    ["500 InternalError", failure(500, "InternalError")],
    ["429", failure(429, "TooManyRequests")],
    ["408", { status: 408 }],
    ["502 of a gateway", { status: 502, body: "<html></html>" }],
    ["a reset connection", { instead: "reset" }],
    ["an interrupted page", { ...found, cutAfter: 60 }],
  ])("retries after %s with increasing pauses", async (_, failed) => {
    const clock = new RecordingClock();
    await openProject(clock, [failed, failed, found]);
    expect(tries()).toBe(3);
    expect(clock.pauses).toHaveLength(2);
    const [first = 0, second = 0] = clock.pauses;
    expect(first).toBeGreaterThanOrEqual(50);
    expect(first).toBeLessThanOrEqual(100);
    expect(second).toBeGreaterThanOrEqual(100);
    expect(second).toBeLessThanOrEqual(200);
  });

  it("does not change EventEmitter.defaultMaxListeners when no signal is given", async () => {
    const { defaultMaxListeners } = EventEmitter;
    await openProject(new RecordingClock(), [failure(503, "ServerBusy"), found]);
    expect(EventEmitter.defaultMaxListeners).toBe(defaultMaxListeners);
    expect(defaultMaxListeners).toBeGreaterThan(0);
  });

  it("fails after the fifth try", async () => {
    await expect(openProject(new RecordingClock(), [failure(503, "ServerBusy")])).rejects.toMatchObject({
      code: "source_unavailable",
      details: { reason: "throttled", azureCode: "ServerBusy", azureStatus: 503 },
    });
    expect(tries()).toBe(5);
  });

  it.each([400, 401, 403, 404, 409, 412])("does not retry after status %i", async (status) => {
    await expect(openProject(new RecordingClock(), [failure(status, "Refused")])).rejects.toMatchObject({
      code: "source_unavailable",
    });
    expect(tries()).toBe(1);
  });

  it("waits for the time in Retry-After", async () => {
    const clock = new RecordingClock();
    await openProject(clock, [failure(503, "ServerBusy", { "retry-after": "7" }), found]);
    expect(clock.pauses[0]).toBeGreaterThanOrEqual(7_000);
    expect(clock.pauses[0]).toBeLessThanOrEqual(7_050);
  });

  it("fails at once and reports retryAfter when Retry-After is longer than a minute", async () => {
    const clock = new RecordingClock();
    await expect(openProject(clock, [failure(503, "ServerBusy", { "retry-after": "600" })])).rejects.toMatchObject({
      details: { reason: "throttled", retryAfter: 600 },
    });
    expect([tries(), clock.pauses.length]).toEqual([1, 0]);
  });

  it("fails when a request times out", async () => {
    await expect(openProject(new RecordingClock(30_000), [{ instead: "hang" }])).rejects.toMatchObject({
      code: "source_unavailable",
      details: { reason: "unavailable", azureCode: "RequestTimeout" },
    });
  });

  it("throws errors without the signature of the request", async () => {
    azure.respond = () => failure(403, "AuthenticationFailed");
    const { connectionString } = azure;
    const endpoint = /FileEndpoint=(.*)/.exec(connectionString)?.[1] ?? "";
    const sas = "sv=2026-04-06&ss=f&srt=sco&sp=rl&se=2026-01-01T00:00:00Z&sig=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D";
    const access = { connectionString: `FileEndpoint=${endpoint};SharedAccessSignature=${sas}` };
    const error: unknown = await azure
      .files(access)
      .open(PROJECT)
      .catch((reason: unknown) => reason);
    expect(azure.requests[0]?.query.get("sig")).toBe("c2VjcmV0LXNpZ25hdHVyZQ==");
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/c2VjcmV0|SharedKey/);
  });
});

describe("AzureRequests.send with an aborted signal", () => {
  it("throws the signal's reason at once, without another try", async () => {
    const controller = new AbortController();
    azure.respond = () => {
      controller.abort(new Error("cancelled"));
      return { instead: "hang" };
    };
    await expect(azure.files().open(PROJECT, { signal: controller.signal })).rejects.toThrow("cancelled");
  });

  it("throws the signal's reason during a pause between tries", async () => {
    const controller = new AbortController();
    const clock: Clock = {
      ...systemClock,
      sleep: (milliseconds, signal) => {
        if (milliseconds >= 50_000) queueMicrotask(() => controller.abort(new Error("cancelled")));
        return systemClock.sleep(milliseconds, signal);
      },
    };
    azure.respond = () => failure(503, "ServerBusy", { "retry-after": "50" });
    const opened = azure.files({ clock }).open(PROJECT, { signal: controller.signal });
    await expect(opened).rejects.toThrow("cancelled");
  });
});

it("retryPause returns exponential pauses with jitter within bounds", () => {
  const transient: AzureFailure = { kind: "throttled", code: null, status: 503, retryAfter: null, isTransient: true };
  const policy = { maxTries: 20, retryPauseMs: 500 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 19 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, random) => {
      const pause = retryPause(transient, count, policy, random) ?? expect.fail();
      const longest = Math.min(30_000, 500 * 2 ** (count - 1));
      expect(pause).toBeGreaterThanOrEqual(Math.floor(longest / 2));
      expect(pause).toBeLessThanOrEqual(longest);
      expect(retryPause({ ...transient, retryAfter: 20 }, count, policy, random)).toBeGreaterThanOrEqual(20_000);
      expect(retryPause({ ...transient, isTransient: false }, count, policy, random)).toBeNull();
    }),
  );
  expect(retryPause(transient, 20, policy, 0.5)).toBeNull();
});
