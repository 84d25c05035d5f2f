import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArguments, USAGE } from "./arguments.js";
import { liveCheck } from "./live-check.js";
import { STEPS } from "./steps.js";
import { UsageError } from "./usage-error.js";

const NOT_RUN = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    if (existsSync(".env")) process.loadEnvFile(".env");
    const asked = parseArguments(
      argv,
      STEPS.map(({ number }) => number),
    );
    if (asked === null) {
      console.log(USAGE);
      return 0;
    }
    return await liveCheck(asked, { env: process.env, signal: interruption(), say: console.log, confirm });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nRun it with --help to see all options.`);
    return NOT_RUN;
  }
}

/** Aborted by Ctrl-C or SIGTERM: the running step ends, and what was created is removed. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    console.error("Stopping. Repositories of the check are deleted first …");
    controller.abort(new Error("The check was interrupted."));
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  return controller.signal;
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("There is no terminal to ask at. Run with --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
