import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { tell } from "../../../.ci/secrets/recording.js";

/** The end of a run of the script. */
export interface ScriptEnd {
  /** `null` when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running script. */
export interface RunningScript {
  readonly process: ChildProcess;
  readonly end: Promise<ScriptEnd>;
}

/** The environment of a run. */
export interface ScriptOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** A GitHub that listens, and a place for folders. */
export interface ScriptFixture {
  readonly box: GitHubBox;
  readonly serverUrl: string;
  readonly token: string;
  /** The state folder of every run. */
  readonly stateHome: string;
  /** A folder for files of the test. */
  readonly folder: string;
  repository(name: string): Promise<BoxRepository>;
  /** Makes a folder with these files. */
  project(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  start(file: "main.ts" | "demo.ts", args: readonly string[], options?: ScriptOptions): RunningScript;
  /** Runs the script to its end. */
  sync(args: readonly string[], options?: ScriptOptions): Promise<ScriptEnd>;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAMS = {
  "main.ts": await compiledProgram(new URL("../src/main.ts", import.meta.url)),
  "demo.ts": await compiledProgram(new URL("../src/demo.ts", import.meta.url)),
};

/** Starts a GitHub for scripts that run as processes of their own. */
export async function openScriptFixture(): Promise<ScriptFixture> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-script-test-"));
  const box = await createGitHubBox();
  const server = await box.listen();
  const token = box.addToken({ login: "acme" });
  const stateHome = join(folder, "state");
  const start: ScriptFixture["start"] = (file, args, { env = {}, cwd = ROOT } = {}) => {
    const child = spawn(process.execPath, [PROGRAMS[file], ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        XDG_STATE_HOME: stateHome,
        GITHUB_TOKEN: token,
        GITHUB_API_URL: server.apiUrl,
        GITHUB_SERVER_URL: server.serverUrl,
        ...env,
      },
    });
    return { process: child, end: endOf(child) };
  };
  return {
    box,
    serverUrl: server.serverUrl,
    token,
    stateHome,
    folder,
    start,
    repository: (name) => box.createRepository({ owner: "acme", name, autoInit: true }),
    project: async (name, files) => {
      const project = join(folder, "projects", name);
      await mkdir(project, { recursive: true });
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(project, path)), { recursive: true });
        await writeFile(join(project, path), content);
      }
      return project;
    },
    sync: (args, options) => start("main.ts", args, options).end,
    close: async () => {
      await box.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function endOf(child: ChildProcess): Promise<ScriptEnd> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the script's output is not read");
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, "close")]);
  tell([out, err]);
  return { code: child.exitCode, stdout: out, stderr: err };
}

/** The text of a file, or `null` when there is none. */
export async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}
