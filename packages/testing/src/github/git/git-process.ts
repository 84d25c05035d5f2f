import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { devNull } from "node:os";

/** The result of a git process. */
export interface GitResult {
  /** Exit status; 128 is a fatal error. */
  code: number;
  stdout: Buffer;
  stderr: string;
}

/**
 * Returns the environment of the box's git processes: without user and system configuration, prompts and pager, with English
 * messages. `GIT_*` variables of the parent process, for example of a git hook that runs the tests, are not inherited.
 */
export function gitEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith("GIT_")) environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    ...extra,
  };
}

/** Starts a git process on a bare repository, with piped standard streams. */
export function spawnGit(
  gitDir: string,
  args: readonly string[],
  extra: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  return spawn("git", ["--git-dir", gitDir, ...args], { env: gitEnvironment(extra), stdio: "pipe" });
}

/** Runs git on a bare repository. Rejects only when git cannot be started; check `code` for other failures. */
export function runGit(
  gitDir: string,
  args: readonly string[],
  options: { input?: string | Uint8Array; env?: Record<string, string> } = {},
): Promise<GitResult> {
  const child = spawnGit(gitDir, args, options.env);
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // git closes the pipe when it exits before it has read its input; its exit status reports the error.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(options.input);
  });
}
