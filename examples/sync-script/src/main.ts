import process from "node:process";
import { formatPlan, GitHubSdkError, isGitHubSdkError, type SyncProgress } from "@infrajet/github";
import { type Arguments, parseArguments, USAGE } from "./arguments.js";
import { loadEnvFile, readGitHubAccess } from "./environment.js";
import { toFlagText } from "./flag-text.js";
import { progressBar } from "./progress-bar.js";
import { formatRecord, formatRequests } from "./report.js";
import { failureResponse, planResponse, recordResponse } from "./response.js";
import { runSync, type SyncResult } from "./run-sync.js";
import { signIn } from "./sign-in.js";
import { defaultStatePath } from "./state-path.js";
import { UsageError } from "./usage-error.js";
import { warningLog } from "./warning-log.js";

const COMPLETED = 0;
const FAILED = 1;
const INVALID_USAGE = 2;
/** The codes of errors in the command line or the environment. */
const INVALID_USAGE_CODES: ReadonlySet<string> = new Set([
  "validation_failed",
  "invalid_options",
  "invalid_repository_name",
  "invalid_branch",
]);

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let asked: Arguments | null = null;
  try {
    const folder = workingFolder();
    loadEnvFile(process.cwd());
    asked = parseArguments(argv, folder);
    if (asked === null) {
      console.log(USAGE);
      return COMPLETED;
    }
    return await sync(asked);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (argv.includes("--json")) {
      printJson(
        failureResponse("failed", { code: null, message: error.message }, asked, { github: 0, source_reads: 0 }),
      );
    }
    console.error(`${error.message}\nRun it with --help to see all options.`);
    return INVALID_USAGE;
  }
}

/** Returns the folder in which the user called npm, which runs scripts in the folder of package.json. */
function workingFolder(): string {
  return (process.env.npm_lifecycle_event === "sync" && process.env.INIT_CWD) || process.cwd();
}

async function sync(asked: Arguments): Promise<number> {
  const access = readGitHubAccess(process.env);
  const stateFile = asked.stateFile ?? defaultStatePath(asked, access.apiUrl, process.env);
  const say = asked.json ? console.error : console.log;
  const folder = asked.directory === "" ? "" : `, folder ${asked.directory}`;
  say(`${asked.folder} → ${access.serverUrl}/${asked.repository}, branch ${asked.branch}${folder}`);
  say(`  state: ${stateFile}`);
  const log = warningLog();
  const bar = progressBar(process.stderr);
  const signal = signalOfInterruption(() => bar.clear());
  const onWait = (message: string): void => console.error(message);
  const onProgress = (progress: SyncProgress): void => bar.show(progress);
  const result = await signIn(access, { env: process.env, signal, say: onWait }).then(
    (access) => runSync({ asked, access, stateFile, signal, logger: log, onProgress, onWait }),
    (error): SyncResult => ({ kind: "error", error, requests: { github: 0, source_reads: 0 } }),
  );
  bar.clear();
  const code = exitCode(result);
  print(result, asked);
  if (code === FAILED) for (const line of log.lines) console.error(`  log: ${line}`);
  return code;
}

/** Aborted by Ctrl-C or SIGTERM. The sync then stops at its next safe point. A second Ctrl-C ends the process immediately. */
function signalOfInterruption(onInterruption: () => void): AbortSignal {
  const controller = new AbortController();
  let interruptedAt = 0;
  const interrupt = (): void => {
    const now = Date.now();
    // npm and the terminal may both send the same Ctrl-C.
    if (controller.signal.aborted && now - interruptedAt > 500) process.exit(FAILED);
    if (controller.signal.aborted) return;
    interruptedAt = now;
    onInterruption();
    console.error("Stopping at the next safe point …");
    controller.abort(new GitHubSdkError("cancelled", "The sync was cancelled."));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return controller.signal;
}

function print(result: SyncResult, asked: Arguments): void {
  const { requests } = result;
  if (result.kind === "record") {
    if (asked.json) printJson(recordResponse(result.record, requests));
    else if (result.record.status === "completed") console.log(formatRecord(result.record, requests));
    else console.error(formatRecord(result.record, requests));
  } else if (result.kind === "plan") {
    if (asked.json) printJson(planResponse(asked.projectId, result.plan, requests));
    else console.log(`${formatPlan(result.plan)}\n  plan: ${result.plan.hash}\n${formatRequests(requests)}`);
  } else {
    const status = isGitHubSdkError(result.error, "cancelled") ? "cancelled" : "failed";
    const message = errorMessage(result.error);
    const code = isGitHubSdkError(result.error) ? result.error.code : null;
    if (asked.json) printJson(failureResponse(status, { code, message }, asked, requests));
    console.error(status === "cancelled" ? message : `Failed: ${message}`);
  }
}

function exitCode(result: SyncResult): number {
  if (result.kind === "plan") return COMPLETED;
  if (result.kind === "record") return result.record.status === "completed" ? COMPLETED : FAILED;
  return isGitHubSdkError(result.error) && INVALID_USAGE_CODES.has(result.error.code) ? INVALID_USAGE : FAILED;
}

function errorMessage(error: unknown): string {
  if (isGitHubSdkError(error)) return toFlagText(error);
  return `Unexpected error. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
