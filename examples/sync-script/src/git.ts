import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs the installed git, away from the user's own settings, and gives what it printed. @throws Error with what it complained about */
export async function git(args: readonly string[], folder = "."): Promise<string> {
  const { stdout, stderr } = await execute("git", ["-C", folder, ...args], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
    },
  });
  return `${stdout}${stderr}`.trimEnd();
}
