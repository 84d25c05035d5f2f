// The load test: `npm run bench:load`. Three tenants of very different size sync 200 projects at once, with 1, 2 and 4 processes on
// PostgreSQL (DATABASE_URL) and Redis (REDIS_URL), against GitHub in a box that allows 80 commits a minute.
// `npm run bench:load -- 30 1,2,6` syncs 30 projects with 1, 2 and 6 processes; `--own-budgets` shares no limits between processes.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createGitHubSdk, type GitHubSdk, silentLogger, tokenCredential } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { folderProjectFiles } from "@infrajet/github/folder";
import { bullJobs } from "@infrajet/github-bullmq";
import { openDatabase } from "@infrajet/github-prisma/database";
import { createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { Redis } from "ioredis";
import type { LoadOptions } from "./load-options.js";

/** The tenants with their shares of the projects. */
const TENANTS = { ann: 0.8, bob: 0.15, cyd: 0.05 };
const CONTENT_PER_MINUTE = 80;
const RETRY_AFTER_SECONDS = 60;
const POLL_MS = 200;
const WORKER = fileURLToPath(new URL("load-worker.ts", import.meta.url));

const databaseUrl = process.env.DATABASE_URL ?? "";
const redisUrl = process.env.REDIS_URL ?? "";
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const projects = Number(words[0] ?? 200);
const processCounts = (words[1] ?? "1,2,4").split(",").map(Number);
const sharesBudget = !process.argv.includes("--own-budgets");

if (
  !databaseUrl.startsWith("postgres") ||
  redisUrl === "" ||
  ![projects, ...processCounts].every(Number.isSafeInteger)
) {
  console.error("Set DATABASE_URL to a PostgreSQL database and REDIS_URL to a Redis server, both for tests only.");
  process.exitCode = 2;
} else {
  for (const count of processCounts) console.log(`${await measure(count)}\n`);
}

/** Runs all syncs with a number of processes and returns the figures as text. */
async function measure(processes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-load-"));
  const box = await createGitHubBox();
  const github = await box.listen();
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const database = await openDatabase(databaseUrl);
  try {
    await database.migrate();
    const { tokens, requests } = await prepare(box, folder);
    const shared = {
      ...{ databaseUrl, redisUrl, projects: folder, tokens, sharesBudget },
      prefix: `load-${randomUUID()}`,
    };
    const addresses = { apiUrl: github.apiUrl, serverUrl: github.serverUrl };
    const sdk = createGitHubSdk({
      ...addresses,
      auth: async ({ userId }) => tokenCredential(tokens[userId] ?? ""),
      projectFiles: folderProjectFiles({ root: folder }),
      stores: database.stores,
      jobs: bullJobs({ connection, prefix: shared.prefix, work: false }),
      logger: silentLogger,
      maxPendingSyncs: 100_000,
    });
    const records: SyncRecord[] = [];
    for (const request of requests) records.push(await sdk.sync.submit(request));
    const commandsBefore = await commandsOf(connection);
    const seenBefore = box.requests.length;
    box.control.secondaryRateLimit({ contentPerMinute: CONTENT_PER_MINUTE, retryAfter: RETRY_AFTER_SECONDS });
    const startedAt = Date.now();
    const workers = await startWorkers(processes, { ...shared, ...addresses, works: true });
    const { waits, failed } = await waitForAll(sdk, records, startedAt);
    const seconds = (Date.now() - startedAt) / 1000;
    const commands = (await commandsOf(connection)) - commandsBefore;
    const refused = box.requests.slice(seenBefore).filter(({ status }) => status === 403 || status === 429).length;
    const memory = await Promise.all(workers.map(stop));
    await sdk.close();
    const lines = [
      `${processes} process${processes === 1 ? "" : "es"}, ${records.length} syncs in ${seconds.toFixed(1)} s: ${(records.length / seconds).toFixed(2)} a second, ${failed} failed`,
      `  refused requests: ${refused} of ${box.requests.length - seenBefore}`,
      ...[...waits].map(
        ([user, times]) => `  ${user}: ${times.length} syncs, median ${at(times, 0.5)} s, worst ${at(times, 1)} s`,
      ),
      `  Redis: ${(commands / records.length).toFixed(0)} commands a sync. Memory of the largest process: ${Math.round(Math.max(...memory) / 1024)} MB`,
    ];
    await removeKeys(connection, shared.prefix);
    return lines.join("\n");
  } finally {
    connection.disconnect();
    await database.close();
    await box.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Creates the tenants with their repositories and projects. */
async function prepare(box: GitHubBox, folder: string) {
  const tokens: Record<string, string> = {};
  const requests = await Promise.all(
    Object.entries(TENANTS).flatMap(([login, share]) => {
      box.addUser({ login });
      tokens[login] = box.addToken({ login, scopes: ["repo", "workflow"] });
      return Array.from({ length: Math.max(1, Math.round(projects * share)) }, async (_, index) => {
        const name = `project-${index}`;
        await box.createRepository({ owner: login, name, autoInit: true });
        await mkdir(join(folder, login, name), { recursive: true });
        await writeFile(join(folder, login, name, "main.tf"), `# ${name}\n`);
        return { project: { userId: login, projectId: name }, repository: `${login}/${name}` };
      });
    }),
  );
  return { tokens, requests };
}

/** Resolves when all syncs have ended, to the milliseconds of each by user. */
async function waitForAll(sdk: GitHubSdk, records: readonly SyncRecord[], startedAt: number) {
  const waits = new Map<string, number[]>();
  const open = new Set(records.map(({ id }) => id));
  let failed = 0;
  while (open.size > 0) {
    for (const id of open) {
      const { status, userId } = await sdk.sync.get(id);
      if (status === "pending" || status === "in_progress") continue;
      open.delete(id);
      if (status !== "completed") failed += 1;
      waits.set(userId, [...(waits.get(userId) ?? []), Date.now() - startedAt]);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { waits, failed };
}

async function startWorkers(count: number, options: LoadOptions): Promise<readonly ChildProcess[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const command = [...process.execArgv, WORKER, JSON.stringify(options)];
      const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
      if (child.stdout !== null) await once(child.stdout, "data");
      return child;
    }),
  );
}

/** Stops a process and resolves to its largest resident set in kB. */
async function stop(child: ChildProcess): Promise<number> {
  let output = "";
  child.stdout?.on("data", (text) => {
    output += text;
  });
  child.kill("SIGTERM");
  await once(child, "close");
  return Number(/memory (\d+)/.exec(output)?.[1] ?? 0);
}

async function commandsOf(connection: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await connection.info("stats"))?.[1] ?? 0);
}

async function removeKeys(connection: Redis, prefix: string): Promise<void> {
  for await (const keys of connection.scanStream({ match: `${prefix}*` }))
    if (keys.length > 0) await connection.del(keys);
}

/** Returns a quantile of times in seconds. */
function at(times: readonly number[], share: number): string {
  const sorted = times.toSorted((one, other) => one - other);
  return ((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1000).toFixed(1);
}
