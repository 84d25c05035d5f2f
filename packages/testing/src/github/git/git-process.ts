import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { devNull } from "node:os";

/** What one finished git process said. */
export interface GitResult {
  /** Exit status; 128 is git's own "fatal". */
  code: number;
  stdout: Buffer;
  stderr: string;
}

/**
 * The environment that every git process of the box runs in: nobody's configuration, no prompt, no pager, messages in
 * English. `GIT_*` of the surrounding process (a hook that runs the tests, say) never reaches the box's repositories.
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

/** Runs git on a bare repository to its end. Rejects only when git cannot be started; look at `code` for the rest. */
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
    // A git that ends before it has read its input closes the pipe; its exit status tells the story.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(options.input);
  });
}
