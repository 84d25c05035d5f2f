import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type BoxRepository, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";
import type { Task } from "./contender.js";
import type { ContenderName } from "./contenders.js";
import { contentOf, pathsOf, writeProject, writeVersion } from "./project.js";
import type { Row } from "./row.js";
import type { RunnerCommand, RunnerResponse } from "./runner.js";

/** The cost of one row for one contender, measured by GitHub in a box. */
export interface Measurement {
  readonly row: string;
  readonly contender: ContenderName;
  readonly requests: number;
  /** The number of requests that count toward GitHub's limit for content creation. */
  readonly contentCreating: number;
  readonly commits: number;
  /** Bytes sent to GitHub and received from it. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly filesRead: number | null;
  readonly seconds: number;
  /** Peak memory of the contender's process, without git processes. */
  readonly peakMegabytes: number;
}

/** The latency of GitHub in a box in milliseconds. */
export const LATENCY = 40;
// The SDK reads a file again that was saved just before the last sync. In practice, edits are further apart.
const PAUSE_AFTER_WRITE = 100;
type SyncResponse = Extract<RunnerResponse, { done: "sync" }>;

/**
 * Measures one row for one contender, in a separate process and with a separate GitHub in a box.
 *
 * @param program the path of the bundled runner
 */
export async function measure(row: Row, contender: ContenderName, program: string): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-benchmark-"));
  const box = await createGitHubBox();
  const runner = fork(program, { execArgv: [] });
  try {
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    const task = await openTask(box, await box.listen(), folder);
    await warmUp(task);
    await writeProject(task.project, row);
    await setTimeout(PAUSE_AFTER_WRITE);
    await request(runner, { do: "prepare", contender, task });
    const { changed: count } = row;
    const changed =
      count === "first" ? pathsOf(row) : await change({ ...row, changed: count }, runner, task, repository, contender);
    box.resetCounters();
    const before = await commitsOf(repository);
    box.control.latency(LATENCY);
    const response = await sync(runner, task, changed);
    await assertSame(row, changed, repository);
    const { requests, contentCreatingRequests } = box;
    const sum = (of: (request: (typeof requests)[number]) => number): number =>
      requests.reduce((total, request) => total + of(request), 0);
    return {
      row: row.name,
      contender,
      requests: requests.length,
      contentCreating: contentCreatingRequests,
      commits: (await commitsOf(repository)) - before,
      bytesUp: sum(({ bytesIn }) => bytesIn),
      bytesDown: sum(({ bytesOut }) => bytesOut),
      filesRead: response.filesRead,
      seconds: response.seconds,
      peakMegabytes: response.peakMegabytes,
    };
  } finally {
    if (runner.connected) await request(runner, { do: "end" }).catch(() => runner.kill());
    await box.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function openTask(box: GitHubBox, server: GitHubBoxServer, folder: string): Promise<Task> {
  const { apiUrl, serverUrl } = server;
  const [project, scratch] = [join(folder, "project"), join(folder, "scratch")];
  await mkdir(project);
  await mkdir(scratch);
  return { apiUrl, serverUrl, token: box.addToken({ login: "ada" }), owner: "ada", repo: "infra", project, scratch };
}

/** Sends a query. The box builds its GraphQL schema for the first query, which must not count for one contender only. */
async function warmUp({ serverUrl, token }: Task): Promise<void> {
  const body = JSON.stringify({ query: "{ viewer { login } }" });
  const headers = { authorization: `Bearer ${token}` };
  const { ok } = await fetch(`${serverUrl}/api/graphql`, { method: "POST", headers, body });
  if (!ok) throw new Error("GitHub in a box does not respond.");
}

/** Writes all files to the repository, then changes some files of the project and returns their paths. */
async function change(
  row: Row & { readonly changed: number },
  runner: ChildProcess,
  task: Task,
  repository: BoxRepository,
  contender: ContenderName,
): Promise<readonly string[]> {
  const paths = pathsOf(row);
  if (contender === "this SDK") await sync(runner, task, paths);
  else
    await repository.commit({ files: Object.fromEntries(paths.map((path) => [path, contentOf(path, row.bytes, 1)])) });
  const every = row.changed === 0 ? 0 : Math.floor(paths.length / row.changed);
  const changed = Array.from({ length: row.changed }, (_, index) => paths[index * every] ?? "");
  for (const path of changed) await writeVersion(task.project, path, row.bytes, 2);
  await setTimeout(PAUSE_AFTER_WRITE);
  return changed;
}

/** Checks that the branch equals the project. */
async function assertSame(row: Row, changed: readonly string[], repository: BoxRepository): Promise<void> {
  const files = await repository.files();
  const paths = pathsOf(row);
  const version = row.changed === "first" ? 1 : 2;
  const wrong = [
    ...paths.filter((path) => !files.has(path)),
    ...changed.filter((path) => files.get(path)?.content.equals(contentOf(path, row.bytes, version)) !== true),
  ];
  if (wrong.length > 0)
    throw new Error(
      `${row.name}: ${wrong.length} files on the branch differ from the project, for example ${wrong[0]}.`,
    );
}

async function sync(runner: ChildProcess, task: Task, changed: readonly string[]): Promise<SyncResponse> {
  const response = await request(runner, { do: "sync", task, changed });
  if (response.done !== "sync") throw new Error(`The runner responded to sync with ${response.done}.`);
  return response;
}

async function request(
  runner: ChildProcess,
  command: RunnerCommand,
): Promise<Exclude<RunnerResponse, { failed: string }>> {
  const received = Promise.race([once(runner, "message"), once(runner, "exit").then(() => [{ failed: "it exited" }])]);
  runner.send(command);
  // The runner sends no other messages.
  const [response] = (await received) as [RunnerResponse];
  if ("failed" in response) throw new Error(`The runner failed: ${response.failed}`);
  return response;
}

const commitsOf = async (repository: BoxRepository): Promise<number> => (await repository.log()).length;
