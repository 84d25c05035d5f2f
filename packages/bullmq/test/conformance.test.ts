import { randomBytes } from "node:crypto";
import { keyringCipher, silentLogger } from "@infrajet/github";
import type { JobRunner } from "@infrajet/github/adapters";
import { bullJobs, redisPubSub, redisRateBudget, redisTokenCache } from "@infrajet/github-bullmq";
import {
  type ConformanceCase,
  jobRunnerConformance,
  pubSubConformance,
  rateBudgetConformance,
  type SharedJobRunnerSubject,
  type SubjectFactory,
  sharedJobRunnerConformance,
  tokenCacheConformance,
} from "@infrajet/github-testing/conformance";
import type { Redis } from "ioredis";
import { describe, it } from "vitest";
import { REDIS_URL, TestRedis } from "./redis.js";
import { TcpProxy } from "./tcp-proxy.js";

const logger = silentLogger;
const CONCURRENCY = 3;

function conforms<Subject>(
  name: string,
  cases: readonly ConformanceCase<Subject>[],
  factory: SubjectFactory<Subject>,
): void {
  describe.skipIf(REDIS_URL === undefined)(name, () => {
    for (const { name, run } of cases) it(name, () => run(factory));
  });
}

/** Returns the subject of an adapter: each store has a connection of its own, like that of another process. */
function subject<Store>(create: (options: { connection: Redis; prefix: string; logger: typeof logger }) => Store) {
  const redis = new TestRedis();
  const open = (): Store => create({ connection: redis.connect(), prefix: redis.prefix, logger });
  return { store: open(), reopen: open, dispose: () => redis.dispose() };
}

conforms("redisPubSub", pubSubConformance, () => subject(redisPubSub));

conforms("redisRateBudget", rateBudgetConformance, () => subject(redisRateBudget));

conforms("redisTokenCache", tokenCacheConformance, () => {
  const cipher = keyringCipher(`k1:${randomBytes(32).toString("base64")}`);
  return subject((options) => redisTokenCache({ ...options, cipher }));
});

conforms<SharedJobRunnerSubject>("bullJobs", [...jobRunnerConformance, ...sharedJobRunnerConformance], async () => {
  const redis = new TestRedis();
  const proxy = await TcpProxy.start(REDIS_URL ?? "");
  const runners: JobRunner[] = [];
  const open = (url?: string): JobRunner => {
    const options = { prefix: redis.prefix, logger, concurrency: CONCURRENCY, redeliverAfterMs: 2_000 };
    const runner = bullJobs({ ...options, connection: redis.connect(url) });
    runners.push(runner);
    return runner;
  };
  return {
    runner: open(proxy.url),
    concurrency: CONCURRENCY,
    another: () => open(),
    kill: async () => void (await proxy.interrupt()),
    interrupt: () => proxy.interrupt(),
    dispose: async () => {
      await Promise.all(runners.map((runner) => runner.stop()));
      await proxy.close();
      await redis.dispose();
    },
  };
});
