import { spawn } from "node:child_process";

/** The surroundings of a command of git. */
export interface GitSettings {
  readonly folder: string;
  /** The token is sent to this server only. */
  readonly serverUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** The standard input. */
  readonly input?: string;
}

/** The result of a command of git. */
export interface GitResult {
  readonly code: number;
  readonly output: string;
  /** Messages of the remote and of git, without progress. */
  readonly complaints: string;
}

const TIMEOUT_MS = 300_000;
const MAX_OUTPUT = 1024 * 1024;

/** Runs the installed git without the user's configuration. Rejects when git cannot be started or takes more than five minutes. */
export function runGit(
  args: readonly string[],
  { folder, serverUrl, token, signal, input }: GitSettings,
): Promise<GitResult> {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const child = spawn("git", [...args], {
    cwd: folder,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `http.${serverUrl}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      GIT_AUTHOR_NAME: "live-check",
      GIT_AUTHOR_EMAIL: "live-check@example.com",
      GIT_COMMITTER_NAME: "live-check",
      GIT_COMMITTER_EMAIL: "live-check@example.com",
    },
  });
  let output = "";
  let complaints = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (output.length < MAX_OUTPUT) output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaints.length < MAX_OUTPUT) complaints += chunk.toString();
  });
  child.stdin.on("error", () => {}); // git may end before it has read everything: its exit code says so
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output, complaints: withoutProgress(complaints) }));
  });
}

/** Keeps the lines that name a reason. Progress and the address of the remote differ from run to run. */
function withoutProgress(text: string): string {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => /^(remote: (error|fatal|\S*GH\d+|- )|error:|fatal:| ?! )/.test(line) || line.includes("rejected"))
    .map((line) => line.replaceAll(/https?:\/\/\S+/g, "<url>"))
    .join("\n");
}
