import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { keyringCipher, silentLogger } from "@infrajet/github";
import type { InstallationToken } from "@infrajet/github/adapters";
import { bullJobs, redisPubSub, redisRateBudget, redisTokenCache } from "@infrajet/github-bullmq";
import { announceSecret } from "@infrajet/github-testing";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { REDIS_URL, TestRedis } from "./redis.js";
import { TcpProxy } from "./tcp-proxy.js";

// A job that was not given back waits for 30 seconds. An idle machine takes less than one.
const AT_ONCE_MS = 10_000;
const DONE = { kind: "done" } as const;
const project = {
  apiUrl: "https://api.github.com",
  appId: 1,
  installationId: 7,
  repositories: null,
  permissions: null,
};

let redis: TestRedis;
let proxy: TcpProxy;
let entries: string[];
const logger = {
  ...silentLogger,
  info: (message: string) => void entries.push(message),
  warn: (message: string) => void entries.push(message),
};
const options = (connection: Redis) => ({ connection, prefix: redis.prefix, logger });

describe.skipIf(REDIS_URL === undefined)("adapters on Redis", () => {
  beforeEach(async () => {
    entries = [];
    redis = new TestRedis();
    proxy = await TcpProxy.start(REDIS_URL ?? "");
  });
  afterEach(async () => {
    await proxy.close();
    await redis.dispose();
  });

  it("use only keys that begin with the prefix, so that hosts on one Redis see nothing of each other", async () => {
    const connection = redis.connect();
    const [one, other] = [`${redis.prefix}:one`, `${redis.prefix}:one:other`];
    const seen: string[] = [];
    const runners = [one, other].map((prefix) => bullJobs({ connection, prefix, logger }));
    for (const [index, prefix] of [one, other].entries()) {
      await runners[index]?.start(async (hint) => {
        seen.push(`${prefix} ${hint}`);
        return DONE;
      });
    }
    const messages: unknown[] = [];
    const bus = redisPubSub({ connection, prefix: one, logger });
    const end = await bus.subscribe("a", (message) => messages.push(message));
    await redisPubSub({ connection, prefix: other, logger }).publish("a", "of the other");
    await bus.publish("a", "own");
    await runners[0]?.submit(1);
    await runners[1]?.submit(2);
    await expect.poll(() => seen.toSorted()).toEqual([`${one} 1`, `${other} 2`]);
    await expect.poll(() => messages).toEqual(["own"]);
    const cost = { creates: true, points: 5, resource: "core", isInteractive: false } as const;
    await redisRateBudget({ connection, prefix: one, logger }).take("user:1", cost, 0);
    const keys = await redis.keys();
    expect(keys.some((key) => key.includes("user"))).toBe(true);
    expect(keys.every((key) => key.startsWith(`${one}:`))).toBe(true);
    await end();
    await Promise.all(runners.map((runner) => runner.stop()));
  });

  it("log an outage once, however long it lasts, and its end", async () => {
    const connection = redis.connect(proxy.url);
    const jobs = bullJobs(options(connection));
    const pubSub = redisPubSub(options(connection));
    const budget = redisRateBudget(options(connection));
    await jobs.start(async () => DONE);
    const end = await pubSub.subscribe("a", () => {});
    await expect.poll(() => connection.status).toBe("ready");
    const restore = await proxy.interrupt();
    let failures = 0;
    connection.on("error", () => {
      failures += 1;
    });
    await expect(jobs.submit(1)).rejects.toThrow("Redis did not respond within");
    await expect(
      budget.take("a", { creates: false, points: 1, resource: "core", isInteractive: false }, 0),
    ).rejects.toThrow();
    await expect.poll(() => failures).toBeGreaterThan(5);
    await restore();
    await expect.poll(() => jobs.health()).toMatchObject({ reachable: true });
    expect(entries).toEqual([expect.stringContaining("Redis is unreachable"), "Redis is reachable again."]);
    await end();
    await jobs.stop();
  });

  it("deliver messages again after an outage, to subscriptions that began before and during it", async () => {
    const connection = redis.connect(proxy.url);
    const pubSub = redisPubSub(options(connection));
    const messages: unknown[] = [];
    await pubSub.subscribe("early", (message) => messages.push(message));
    const restore = await proxy.interrupt();
    await pubSub.subscribe("late", (message) => messages.push(message));
    await restore();
    const other = redisPubSub(options(redis.connect()));
    await expect
      .poll(async () => {
        await other.publish("early", "early");
        await other.publish("late", "late");
        return new Set(messages).size;
      })
      .toBe(2);
  });

  it("keep installation tokens only encrypted, and never decrypt one in the place of another", async () => {
    const cipher = keyringCipher(`k1:${announceSecret(randomBytes(32).toString("base64"))}`);
    const connection = redis.connect();
    const open = () => redisTokenCache({ ...options(connection), cipher });
    const secret = announceSecret(`ghs_${randomBytes(20).toString("hex")}`);
    const token: InstallationToken = {
      token: secret,
      expiresAt: new Date(Date.now() + 3_600_000),
      permissions: {},
      repositorySelection: "all",
      issuedAt: Date.now(),
    };
    await open().put(project, token);
    const [key = ""] = await redis.keys();
    const [[field = "", text = ""] = []] = Object.entries(await connection.hgetall(key));
    expect(text).not.toContain(secret);
    await connection.hset(key.replace(":7", ":8"), field, text);
    expect(await open().get({ ...project, installationId: 8 })).toBeNull();
    expect((await open().get(project))?.token).toBe(secret);
    expect(await connection.pttl(key)).toBeGreaterThan(3_500_000);
  });

  it("refuse a connection that gives up on commands, a key prefix, and an invalid prefix", () => {
    const connection = redis.connect();
    const impatient = new Redis({ lazyConnect: true });
    const prefixed = new Redis({ lazyConnect: true, maxRetriesPerRequest: null, keyPrefix: "a:" });
    const code = expect.objectContaining({ code: "invalid_options" });
    expect(() => bullJobs(options(impatient))).toThrow(code);
    expect(() => redisPubSub(options(prefixed))).toThrow(code);
    for (const prefix of ["", "a{b}", "a b", "a".repeat(101)])
      expect(() => redisRateBudget({ connection, prefix })).toThrow(code);
    expect(() => bullJobs({ ...options(connection), concurrency: 0 })).toThrow(code);
  });
});

describe.skipIf(REDIS_URL === undefined)("bullJobs", () => {
  beforeEach(async () => {
    entries = [];
    redis = new TestRedis();
    proxy = await TcpProxy.start(REDIS_URL ?? "");
  });
  afterEach(async () => {
    await proxy.close();
    await redis.dispose();
  });

  it("runs due syncs without hints while Redis is unreachable, until there are none", async () => {
    await proxy.interrupt();
    const jobs = bullJobs({ ...options(redis.connect(proxy.url)), concurrency: 2 });
    const hints: number[] = [];
    const startedAt = Date.now();
    await jobs.start(async (hint) => {
      hints.push(hint);
      return hints.length < 6 ? { kind: "again", delayMs: 0 } : DONE;
    });
    await expect(jobs.submit(1)).rejects.toThrow();
    await expect.poll(() => hints.length).toBe(7);
    expect(Date.now() - startedAt).toBeGreaterThan(8_000);
    expect(new Set(hints)).toEqual(new Set([0]));
    expect(await jobs.health()).toEqual({ reachable: false, waiting: null, detail: "Redis does not respond." });
    await jobs.stop();
  });

  it("runs due syncs without hints when its connections are open but dead", async () => {
    const connection = redis.connect(proxy.url);
    const jobs = bullJobs(options(connection));
    const hints: number[] = [];
    await jobs.start(async (hint) => {
      hints.push(hint);
      return DONE;
    });
    await jobs.submit(1);
    await expect.poll(() => hints).toEqual([1]);
    proxy.freeze();
    await expect.poll(() => hints).toContain(0);
    // The new connection works.
    await expect
      .poll(() =>
        jobs.submit(2).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect.poll(() => hints).toContain(2);
    await jobs.stop();
  });

  it("runs nothing when `work` is false", async () => {
    const [submitter, worker] = [redis.connect(), redis.connect()].map((connection, index) =>
      bullJobs({ ...options(connection), work: index === 1 }),
    );
    const seen: string[] = [];
    await submitter?.start(async () => {
      seen.push("submitter");
      return DONE;
    });
    for (const id of [1, 2, 3]) await submitter?.submit(id);
    expect(await submitter?.health()).toEqual({ reachable: true, waiting: 3, detail: null });
    await worker?.start(async () => {
      seen.push("worker");
      return DONE;
    });
    await expect.poll(() => seen).toEqual(["worker", "worker", "worker"]);
    await Promise.all([submitter?.stop(), worker?.stop()]);
  });

  it("leaves no keys of syncs that have run but those of the queue itself", async () => {
    const jobs = bullJobs(options(redis.connect()));
    let runs = 0;
    await jobs.start(async () => {
      runs += 1;
      return DONE;
    });
    for (let id = 1; id <= 50; id += 1) await jobs.submit(id);
    await expect.poll(() => runs).toBe(50);
    await jobs.stop();
    expect((await redis.keys()).length).toBeLessThan(10);
  });

  it("gives its job to another process at once after SIGTERM", async () => {
    const [first, second] = [await Program.start(REDIS_URL ?? ""), await Program.start(REDIS_URL ?? "")];
    const jobs = bullJobs({ ...options(redis.connect()), work: false });
    await jobs.submit(1);
    await expect.poll(() => `${first.output}${second.output}`).toContain("runs 1");
    const [busy, idle] = first.output.includes("runs 1") ? [first, second] : [second, first];
    const since = Date.now();
    const ended = busy.stop();
    await expect.poll(() => idle.output, { interval: 10 }).toContain("runs 1");
    expect(Date.now() - since).toBeLessThan(AT_ONCE_MS);
    expect(await ended).toBe(0);
    expect(await idle.stop()).toBe(0);
    await jobs.stop();
  });

  it.each(["before it started", "while it runs a job"])(
    "ends on SIGTERM when Redis became unreachable %s",
    async (moment) => {
      if (moment === "before it started") await proxy.interrupt();
      const program = await Program.start(proxy.url);
      if (moment === "while it runs a job") {
        const jobs = bullJobs({ ...options(redis.connect()), work: false });
        await jobs.submit(1);
        await expect.poll(() => program.output).toContain("runs 1");
        await proxy.interrupt();
        await jobs.stop();
      }
      expect(await program.stop()).toBe(0);
    },
  );
});

/** A process that runs jobs. */
class Program {
  output = "";

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
  }

  static async start(url: string): Promise<Program> {
    const path = await compiledProgram(new URL("stopping-process.ts", import.meta.url));
    const child = spawn(process.execPath, [path, url, redis.prefix], { stdio: ["ignore", "pipe", "inherit"] });
    const program = new Program(child);
    await expect.poll(() => program.output).toContain("ready");
    return program;
  }

  /** Sends SIGTERM and resolves to the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    if (this.child.exitCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }
}
