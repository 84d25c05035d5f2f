import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { formatPlan, type SyncProgress } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { type DemoGitHub, openDemoGitHub } from "./demo-github.js";
import { folderDifferences, readFolder } from "./folder-difference.js";
import { git } from "./git.js";
import { progressBar } from "./progress-bar.js";
import { formatRecord } from "./report.js";
import { MAIN_TF, PRIVATE_PATHS } from "./sample-project.js";

const bar = progressBar(process.stderr);
const phases = new Map<SyncProgress["phase"], number>();

const github = await openDemoGitHub((progress) => {
  bar.show(progress);
  phases.set(progress.phase, progress.percentage);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void github.close().finally(() => process.exit(1)));
}
try {
  await firstSync(github);
  await editAndSyncAgain(github);
  await syncUnchanged(github);
  await mergeConcurrentCommit(github);
  await resolveConflict(github);
  process.exitCode = await cloneAndCompare(github);
} finally {
  await github.close();
}

async function firstSync({ server, repository, project, sdk, request }: DemoGitHub): Promise<void> {
  say("Infrajet GitHub SDK: sync a folder to a repository");
  say("");
  say(`GitHub runs in a box at ${server.url}: real HTTP, real git, no account, no network.`);
  say(`The repository ${repository.fullName} is new and holds a README.md.`);
  say("");
  say("The project is a folder with a small Terraform configuration:");
  for (const [path, { mode, content }] of await readFolder(project)) {
    say(`  ${path.padEnd(30)} ${String(content.length).padStart(5)} bytes${mode === "plain" ? "" : `, ${mode}`}`);
  }

  chapter("The first sync", "First a plan, which writes nothing. Then exactly that plan is applied.");
  const plan = await sdk.sync.plan(request);
  say(indent(formatPlan(plan)));
  say(`  left out: ${plan.ignored.join(", ")}`);
  say("");
  expectStatus("completed", await told(() => sdk.sync.apply(request, plan.hash)));
}

async function editAndSyncAgain({ project, sdk, request, edit }: DemoGitHub): Promise<void> {
  chapter("Edit and sync again", "variables.tf is edited, outputs.tf is new, policies/.gitkeep is gone.");
  await writeFile(join(project, "outputs.tf"), 'output "network" {\n  value = module.network\n}\n');
  await rm(join(project, "policies"), { recursive: true });
  await edit("variables.tf", "westeurope", "northeurope");
  expectStatus("completed", await told(() => sdk.sync.run({ ...request, message: "Move to northeurope" })));
}

async function syncUnchanged({ sdk, request }: DemoGitHub): Promise<void> {
  chapter("Sync once more", "Nothing has changed: one request to GitHub, no file is read, no commit is written.");
  expectStatus("completed", await told(() => sdk.sync.run(request)));
}

async function mergeConcurrentCommit({ project, repository, sdk, request, edit }: DemoGitHub): Promise<void> {
  chapter(
    "Merge a commit of another person",
    "Bob pins terraform in main.tf on GitHub; the project renames its resource group there.",
  );
  await repository.commit({
    author: { name: "Bob", email: "bob@example.com" },
    message: "Pin terraform",
    files: { "main.tf": MAIN_TF.replace(">= 1.9", "~> 1.9") },
  });
  await edit("main.tf", "rg-demo", "rg-network");
  expectStatus("completed", await told(() => sdk.sync.run({ ...request, message: "Rename the resource group" })));
  const merged = (await repository.files()).get("main.tf")?.content ?? Buffer.alloc(0);
  expectThat(merged.includes("~> 1.9") && merged.includes("rg-network"), "main.tf should hold both changes");
  say("  main.tf on the branch contains both changes. The project copies it, as git pull would.");
  await writeFile(join(project, "main.tf"), merged);
}

async function resolveConflict({ repository, project, sdk, request, edit }: DemoGitHub): Promise<void> {
  chapter("A real conflict", "Bob and the project change the same line of main.tf.");
  const main = await readFile(join(project, "main.tf"), "utf8");
  await repository.commit({
    author: { name: "Bob", email: "bob@example.com" },
    message: "Rename the resource group again",
    files: { "main.tf": main.replace("rg-network", "rg-bob") },
  });
  const head = await repository.head();
  await edit("main.tf", "rg-network", "rg-alice");
  expectStatus("failed", await told(() => sdk.sync.run(request)));
  expectThat((await repository.head()) === head, "the branch should be where Bob left it");
  say("  The branch is where Bob left it.");
  say("");
  say('A person decides that the project is right: the same sync with the strategy "ours".');
  const resolved = { ...request, strategy: "ours", message: "Keep the resource group of the project" } as const;
  expectStatus("completed", await told(() => sdk.sync.run(resolved)));
}

/** Returns the exit code: 0 when the clone equals the project and git reports no errors. */
async function cloneAndCompare({ server, repository, project, clone }: DemoGitHub): Promise<number> {
  chapter("What git says", `git clone ${server.serverUrl}/${repository.fullName}.git`);
  await git(["clone", "--quiet", `${server.serverUrl}/${repository.fullName}.git`, clone]);
  say("git log --oneline --graph");
  say(indent(await git(["log", "--oneline", "--graph", "--format=%h %s (%an)"], clone)));
  const faults = await git(["fsck", "--strict", "--no-progress"], clone);
  say(`git fsck --strict: ${faults === "" ? "no fault" : faults}`);
  // The README.md is the repository's own; the project never had it, so no sync touches it.
  const expected = { leftOut: PRIVATE_PATHS, additional: ["README.md"] };
  const differences = await folderDifferences(project, clone, expected);
  const files = (await readFolder(project)).size - PRIVATE_PATHS.length;
  if (differences.length === 0) {
    say(`The clone and the project are equal byte for byte: ${files} files, modes included.`);
    say(`None of ${PRIVATE_PATHS.join(", ")} got out; the repository's own README.md is untouched.`);
  } else {
    say("The clone and the project DIFFER:");
    for (const difference of differences) say(`  ${difference}`);
  }
  return differences.length === 0 && faults === "" ? 0 : 1;
}

/** Runs a sync and tells what happened. */
async function told(sync: () => Promise<SyncRecord>): Promise<SyncRecord> {
  const { box, files } = github;
  box.resetCounters();
  phases.clear();
  const readsBefore = files.reads;
  const record = await sync();
  bar.clear();
  say(`  progress: ${[...phases].map(([phase, percentage]) => `${phase} ${percentage} %`).join(" → ")}`);
  const requests = { github: box.requests.length, source_reads: files.reads - readsBefore };
  say(indent(formatRecord(record, requests)));
  for (const { operation, route } of box.requests)
    say(`      ${operation === undefined ? route : `GraphQL ${operation}`}`);
  return record;
}

function expectStatus(expected: SyncRecord["status"], { status, error }: SyncRecord): void {
  expectThat(status === expected, `the sync should have ${expected}, and ${status}: ${error?.message}`);
}

/** The demonstration shows what happens; where something else happens it ends. */
function expectThat(condition: boolean, message: string): void {
  if (!condition) throw new Error(`Not as it should be: ${message}.`);
}

function chapter(title: string, text: string): void {
  say("");
  say(`── ${title} ${"─".repeat(Math.max(0, 70 - title.length))}`);
  say(text);
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

function say(line: string): void {
  bar.clear();
  console.log(line);
}
