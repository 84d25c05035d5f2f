import process from "node:process";
import { type DoctorFinding, type DoctorReport, isGitHubSdkError } from "@infrajet/github";
import { ConfigurationError } from "./configuration-error.js";
import { loadEnvFile, readEnvironment } from "./environment.js";
import { openHost } from "./open-host.js";

const OK = 0;
const FAULTS = 1;

process.exitCode = await main(process.argv.includes("--json"));

/** Checks the environment of a host. Returns the exit code: 1 when a finding is an error. */
async function main(isJson: boolean): Promise<number> {
  const report = await examine();
  if (isJson) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else console.log(text(report));
  return report.status === "errors" ? FAULTS : OK;
}

async function examine(): Promise<DoctorReport> {
  try {
    loadEnvFile(process.cwd());
    const environment = readEnvironment(process.env, process.cwd());
    const { github, http } = environment;
    if (github === null || http === null) return { status: "warnings", findings: [withoutGitHub] };
    const host = await openHost({ ...environment, github, http, worker: "none" }, null);
    try {
      return await host.sdk.doctor();
    } finally {
      await host.sdk.close();
      await host.close();
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError) && !isGitHubSdkError(error)) throw error;
    const repair = "Correct the variable that the message names. docs/setup.md describes all of them.";
    return {
      status: "errors",
      findings: [{ check: "environment", severity: "error", cause: error.message, repair, url: null }],
    };
  }
}

const withoutGitHub: DoctorFinding = {
  check: "environment",
  severity: "warning",
  cause: "No GitHub credentials are set, so the host runs on GitHub in a box.",
  repair: "Create a GitHub App with `npm run create-app`, and set the variables that it prints.",
  url: null,
};

function text({ findings }: DoctorReport): string {
  if (findings.length === 0) return "No fault found.";
  const lines = findings.flatMap(({ severity, check, cause, repair, url }) => [
    `${severity === "error" ? "✗" : "!"} ${check}: ${cause}`,
    `  → ${repair}${url === null ? "" : `\n    ${url}`}`,
  ]);
  return lines.join("\n");
}
