// A process of the load test: runs the syncs that it gets from Redis until SIGTERM. Its parent passes the options as JSON.
import { once } from "node:events";
import process from "node:process";
import { createGitHubSdk, silentLogger, tokenCredential } from "@infrajet/github";
import { folderProjectFiles } from "@infrajet/github/folder";
import { bullJobs, redisPubSub, redisRateBudget } from "@infrajet/github-bullmq";
import { openDatabase } from "@infrajet/github-prisma/database";
import { Redis } from "ioredis";
import { loadOptionsSchema } from "./load-options.js";

const options = loadOptionsSchema.parse(JSON.parse(process.argv[2] ?? ""));
const stopped = once(process, "SIGTERM");
const database = await openDatabase(options.databaseUrl);
const connection = new Redis(options.redisUrl, { maxRetriesPerRequest: null });
const shared = { connection, prefix: options.prefix };
const sdk = createGitHubSdk({
  apiUrl: options.apiUrl,
  serverUrl: options.serverUrl,
  auth: async ({ userId }) => tokenCredential(options.tokens[userId] ?? ""),
  projectFiles: folderProjectFiles({ root: options.projects }),
  stores: database.stores,
  jobs: bullJobs({ ...shared, work: options.works }),
  pubSub: redisPubSub(shared),
  ...(options.sharesBudget ? { rateBudget: redisRateBudget(shared) } : {}),
  logger: silentLogger,
});
console.log("ready");
await stopped;
await sdk.close();
connection.disconnect();
await database.close();
console.log(`memory ${process.resourceUsage().maxRSS}`);
