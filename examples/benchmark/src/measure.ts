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
import type { RunnerAnswer, RunnerOrder } from "./runner.js";

/** What one contender needed for one row, counted by the box. */
export interface Measurement {
  readonly row: string;
  readonly contender: ContenderName;
  readonly requests: number;
  /** Those that GitHub's limit for content creation is about. */
  readonly contentCreating: number;
  readonly commits: number;
  /** Sent to GitHub, and sent by it. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly filesRead: number | null;
  readonly seconds: number;
  /** Of the contender's own process, git's not counted. */
  readonly peakMegabytes: number;
}

/** GitHub is a round trip away, in milliseconds. */
export const LATENCY = 40;
// A file that was saved this very moment is read again next time, to be sure; people are slower than that.
const A_MOMENT = 100;
type SyncAnswer = Extract<RunnerAnswer, { done: "sync" }>;

/**
 * Lets one contender do one row in a process of its own, against a GitHub of its own.
 *
 * @param program the runner as plain JavaScript
 */
export async function measure(row: Row, contender: ContenderName, program: string): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-benchmark-"));
  const box = await createGitHubBox();
  const runner = fork(program, { execArgv: [] });
  try {
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    const task = await openTask(box, await box.listen(), folder);
    await wakeUp(task);
    await writeProject(task.project, row);
    await setTimeout(A_MOMENT);
    await ask(runner, { do: "prepare", contender, task });
    const { changed: count } = row;
    const changed =
      count === "first" ? pathsOf(row) : await change({ ...row, changed: count }, runner, task, repository, contender);
    box.resetCounters();
    const before = await commitsOf(repository);
    box.control.latency(LATENCY);
    const answer = await sync(runner, task, changed);
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
      filesRead: answer.filesRead,
      seconds: answer.seconds,
      peakMegabytes: answer.peakMegabytes,
    };
  } finally {
    if (runner.connected) await ask(runner, { do: "end" }).catch(() => runner.kill());
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

/** GitHub has its schema in memory whoever comes; the box makes it for the first query, which would be one contender's alone. */
async function wakeUp({ serverUrl, token }: Task): Promise<void> {
  const body = JSON.stringify({ query: "{ viewer { login } }" });
  const headers = { authorization: `Bearer ${token}` };
  const { ok } = await fetch(`${serverUrl}/api/graphql`, { method: "POST", headers, body });
  if (!ok) throw new Error("GitHub in a box does not answer");
}

/** Brings everything into the repository, and then changes some files of the project. Gives their paths. */
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
  await setTimeout(A_MOMENT);
  return changed;
}

/** Every contender has to leave the branch as the project is, or its figures mean nothing. */
async function assertSame(row: Row, changed: readonly string[], repository: BoxRepository): Promise<void> {
  const files = await repository.files();
  const paths = pathsOf(row);
  const version = row.changed === "first" ? 1 : 2;
  const wrong = [
    ...paths.filter((path) => !files.has(path)),
    ...changed.filter((path) => files.get(path)?.content.equals(contentOf(path, row.bytes, version)) !== true),
  ];
  if (wrong.length > 0)
    throw new Error(`${row.name}: ${wrong.length} files are not as they should be, such as ${wrong[0]}`);
}

async function sync(runner: ChildProcess, task: Task, changed: readonly string[]): Promise<SyncAnswer> {
  const answer = await ask(runner, { do: "sync", task, changed });
  if (answer.done !== "sync") throw new Error(`Asked for a sync, got ${answer.done}`);
  return answer;
}

async function ask(runner: ChildProcess, order: RunnerOrder): Promise<Exclude<RunnerAnswer, { failed: string }>> {
  const answered = Promise.race([once(runner, "message"), once(runner, "exit").then(() => [{ failed: "it ended" }])]);
  runner.send(order);
  // The runner is this folder's own, and sends nothing else.
  const [answer] = (await answered) as [RunnerAnswer];
  if ("failed" in answer) throw new Error(`The runner failed: ${answer.failed}`);
  return answer;
}

const commitsOf = async (repository: BoxRepository): Promise<number> => (await repository.log()).length;
