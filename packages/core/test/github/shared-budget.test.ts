import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RateBudget } from "../../src/adapters/rate-budget.js";
import { isGitHubSdkError } from "../../src/errors.js";
import type { Credential } from "../../src/github/credential.js";
import { createGitHubClients, type GitHubClients, interactiveClients } from "../../src/github/github-clients.js";
import { silentLogger } from "../../src/logger.js";
import { MemoryRateBudget } from "../../src/memory/memory-rate-budget.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedServer } from "./scripted-server.js";

const signal = new AbortController().signal;
const credential: Credential = { key: "user:1", kind: "user", token: async () => "t" };
const LIMITS = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4000", "x-ratelimit-resource": "core" };
const PULL = "POST /repos/o/r/pulls";

let server: ScriptedServer;
let clock: ManualClock;
let clients: GitHubClients;
let warnings: string[];

const connect = (rateBudget: RateBudget): GitHubClients =>
  createGitHubClients({
    apiUrl: server.url,
    userAgent: "test",
    clock,
    rateBudget,
    logger: { ...silentLogger, warn: (message) => warnings.push(message) },
  });
const post = (from = clients): Promise<unknown> => from.for(credential).request(PULL, {}, { signal });

beforeEach(async () => {
  server = await ScriptedServer.start();
  server.script({ status: 201, headers: LIMITS, body: {} });
  clock = new ManualClock();
  warnings = [];
  clients = connect(new MemoryRateBudget({ clock }));
});
afterEach(async () => {
  await clients.close();
  await server.close();
});

describe("rate budget of GitHubClients", () => {
  it("delays the request that would exceed GitHub's limit of a minute, in all processes together", async () => {
    const budget = new MemoryRateBudget({ clock });
    const [one, other] = [connect(budget), connect(budget)];
    for (let count = 0; count < 40; count += 1) await Promise.all([post(one), post(other)]);
    const next = post(other);
    await clock.sleeping(60_000);
    expect(server.requests).toHaveLength(80);
    clock.advance(60_000);
    await next;
    expect(server.requests).toHaveLength(81);
    await one.close();
    await other.close();
  });

  it("rejects a request that a person waits for when its place is more than five seconds away", async () => {
    for (let count = 0; count < 80; count += 1) await post();
    const error = await post(interactiveClients(clients)).then(null, (reason: unknown) => reason);
    expect(isGitHubSdkError(error, "rate_limited") && error.details).toEqual({ retryAfter: 60 });
    expect(server.requests).toHaveLength(80);
  });

  it("does not limit requests to a server that reports no limits", async () => {
    server.script({ status: 201, body: {} });
    for (let count = 0; count < 85; count += 1) await post();
    expect(server.requests).toHaveLength(85);
  });

  it("ignores the limit of anonymous requests in an unauthorized response", async () => {
    const headers = { ...LIMITS, "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800003600" };
    server.script({ status: 401, headers, body: { message: "Bad credentials" } }, { status: 200, body: {} });
    await post().catch(() => {});
    expect(await post()).toMatchObject({ status: 200 });
  });

  it("sends requests without a place, with one warning, while the budget is unreachable", async () => {
    const away = async (): Promise<never> => Promise.reject(new Error("away"));
    const alone = connect({ take: away, release: away });
    for (let count = 0; count < 3; count += 1) await post(alone);
    expect(server.requests).toHaveLength(3);
    expect(warnings).toEqual([expect.stringContaining("rate budget is unreachable")]);
    await alone.close();
  });

  it("gives the place of a request back that was aborted while it waited", async () => {
    const released: (string | null)[] = [];
    const budget: RateBudget = {
      take: async () => ({ waitMs: 10_000, ticket: "one" }),
      release: async (_, ticket) => void released.push(ticket),
    };
    const waiting = connect(budget);
    const controller = new AbortController();
    const request = waiting.for(credential).request(PULL, {}, { signal: controller.signal });
    await clock.sleeping(10_000);
    controller.abort(new Error("enough"));
    await expect(request).rejects.toThrow("enough");
    await expect.poll(() => released).toEqual(["one"]);
    await waiting.close();
  });
});
