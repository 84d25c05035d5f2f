// A process that runs jobs until its parent ends it: prints `ready`, then each hint that it runs. It stops on SIGTERM.
import { once } from "node:events";
import process from "node:process";
import { silentLogger } from "@infrajet/github";
import { bullJobs, redisPubSub } from "@infrajet/github-bullmq";
import { Redis } from "ioredis";

const [url = "", prefix = ""] = process.argv.slice(2);
const stopped = once(process, "SIGTERM");
const connection = new Redis(url, { maxRetriesPerRequest: null });
const options = { connection, prefix, logger: silentLogger };
const jobs = bullJobs(options);
const pubSub = redisPubSub(options);
const unsubscribe = await pubSub.subscribe("test", () => {});
await jobs.start(async (hint, signal) => {
  console.log(`runs ${hint}`);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return { kind: "again", delayMs: 0 };
});
console.log("ready");
await stopped;
await jobs.stop();
await unsubscribe();
connection.disconnect();
