import { type GitHubSdkOptions, keyringCipher } from "@infrajet/github";
import type { JobRunner } from "@infrajet/github/adapters";
import { MemoryJobRunner } from "@infrajet/github/memory";
import { bullJobs, redisPubSub, redisRateBudget, redisTokenCache } from "@infrajet/github-bullmq";
import { Redis } from "ioredis";
import { consoleLog } from "./console-log.js";
import type { HostEnvironment } from "./environment.js";

/** The parts of the SDK that the processes of a host share. */
export interface SharedParts {
  readonly options: Pick<GitHubSdkOptions, "jobs" | "pubSub" | "rateBudget" | "tokenCache">;
  /** Closes connections. Close the SDK first. */
  close(): void;
}

const LONGEST_RETRY_MS = 5_000;
const LOOK_EVERY_MS = 10_000;

/** Opens the parts that all processes share: on Redis, or without it only the database, at which working processes look by themselves. */
export function openSharedParts(
  { redis, worker }: Pick<HostEnvironment, "redis" | "worker">,
  encryptionKeys: string | undefined,
): SharedParts {
  const works = worker !== "none";
  if (redis === null) return works ? lookingJobs() : { options: { jobs: IDLE_JOBS }, close() {} };
  const connection = connect(redis.url);
  const shared = { connection, prefix: redis.prefix, logger: consoleLog };
  const tokenCache =
    encryptionKeys === undefined
      ? {}
      : { tokenCache: redisTokenCache({ ...shared, cipher: keyringCipher(encryptionKeys) }) };
  return {
    options: {
      jobs: bullJobs({ ...shared, work: works }),
      pubSub: redisPubSub(shared),
      rateBudget: redisRateBudget(shared),
      ...tokenCache,
    },
    close: () => connection.disconnect(),
  };
}

function connect(url: string): Redis {
  return new Redis(url, {
    maxRetriesPerRequest: null,
    // At random times, so that the processes of a host do not all connect at once when Redis is back.
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), LONGEST_RETRY_MS) * (0.5 + Math.random() / 2),
  });
}

/** Runs what this process requests at once, and what others request when it looks at the database. */
function lookingJobs(): SharedParts {
  const jobs = new MemoryJobRunner({ logger: consoleLog });
  // No sync has this ID: the runner looks for any sync that is due.
  const timer = setInterval(() => void jobs.submit(0), LOOK_EVERY_MS).unref();
  return { options: { jobs }, close: () => clearInterval(timer) };
}

/** Leaves syncs to other processes, which find them in the database. */
const IDLE_JOBS: JobRunner = {
  start: async () => {},
  submit: async () => {},
  stop: async () => {},
};
