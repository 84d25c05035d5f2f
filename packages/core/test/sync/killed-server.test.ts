import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitHubSdk, type GitHubSdk, silentLogger } from "@infrajet/github";
import {
  MemoryBaselineStore,
  MemoryLockStore,
  MemoryProjectFiles,
  MemorySyncRecordStore,
} from "@infrajet/github/memory";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compiledProgram } from "../../../../.ci/compiled-program.js";
import { type BreakingPoint, BreakingProxy } from "./breaking-proxy.js";
import { cloneBare, clonedCommits, clonedFiles } from "./cloned-files.js";
import type { ServerStart, StartedServer } from "./server-process.js";

const PROJECT = { userId: "7", projectId: "infra" };
const LARGE = randomBytes(1_000_000);
const program = await compiledProgram(new URL("server-process.ts", import.meta.url));

let folder = "";
let child: ChildProcess;
let server: StartedServer;
let proxy: BreakingProxy;
let sdk: GitHubSdk;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "infrajet-killed-"));
  await startServer(null);
  proxy = await BreakingProxy.start(server.url);
  const projectFiles = new MemoryProjectFiles();
  projectFiles.setProject(PROJECT, { "large.bin": LARGE, "run.sh": { content: "#!/bin/sh\n", mode: "100755" } });
  const stores = {
    records: new MemorySyncRecordStore(),
    baselines: new MemoryBaselineStore(),
    locks: new MemoryLockStore(),
  };
  sdk = createGitHubSdk({
    auth: async () => server.token,
    logger: silentLogger,
    apiUrl: `${proxy.url}/api/v3`,
    projectFiles,
    stores,
    retryPauseMs: 1,
  });
});
afterAll(async () => {
  await sdk.close();
  await proxy.close();
  await killServer();
  rmSync(folder, { recursive: true });
});

async function startServer(formerGitDir: string | null): Promise<void> {
  const start: ServerStart = { folder, formerGitDir };
  child = fork(program, [JSON.stringify(start)], { execArgv: [], env: { PATH: process.env.PATH } });
  [server] = (await once(child, "message")) as [StartedServer];
}

async function killServer(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

it.each<[string, BreakingPoint]>([
  ["in the pack", { in: "request", after: (length) => length / 2 }],
  ["right after the pack", { in: "request", after: (length) => length }],
  ["before the response", { in: "response", after: () => 0 }],
])("a sync whose git server is killed %s completes with one commit on retry", async (name, point) => {
  const branch = name.replaceAll(" ", "-");
  proxy.breakNextPush(point, () => child.kill("SIGKILL"));
  const failed = await sdk.sync.run({ project: PROJECT, repository: "ada/infra", branch });
  expect(child.signalCode).toBe("SIGKILL");
  expect(failed).toMatchObject({ status: "failed", error: { code: "github_unavailable" }, commitId: null });
  // Git's own processes outlive the server: they keep complete packs and remove the others.
  await expect.poll(incomingPacks).toEqual([]);

  await startServer(server.gitDir);
  proxy.comeBack(server.url);
  const record = await sdk.sync.retry(failed.id);
  expect(record).toMatchObject({ id: failed.id, status: "completed", filesSynced: 2, error: null });

  const clone = join(folder, `${branch}.git`);
  await cloneBare(server.url, "ada/infra", server.token, clone);
  expect(await clonedCommits(clone, branch)).toBe(2);
  const files = await clonedFiles(clone, branch);
  expect([...files.keys()]).toEqual(["README.md", "large.bin", "run.sh"]);
  expect(files.get("large.bin") === `100644 ${LARGE.toString("base64")}`).toBe(true);
});

/** Returns the directories in which git keeps packs while it receives and checks them. */
function incomingPacks(): string[] {
  return readdirSync(join(server.gitDir, "objects")).filter((name) => name.includes("incoming-"));
}
