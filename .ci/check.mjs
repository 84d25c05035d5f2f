// Everything that can be said about the code without running its tests. `npm run check`; `npm run check -- WORD…` runs
// only the checks whose name has one of the words in it, with what they wait for.
import { join } from "node:path";
import process from "node:process";
import { buildTask, isEsmOnly, packages, root, runTasks, script, tool } from "./tasks.mjs";

// publint and attw pack with npm, only to look at the files.
process.env.INFRAJET_PACK = "check";

const builds = packages.map(buildTask);

// The long ones first: what is left at the end is short, so that all cores are busy until then.
const checks = [
  { name: "types", commands: [tool("typescript", ["-p", "tsconfig.json"], { name: "tsc" })] },
  {
    name: "types of the dashboard",
    commands: [tool("typescript", ["-p", "examples/dashboard"], { name: "tsc" })],
  },
  ...builds,
  { name: "documentation site", commands: [script("docs.mjs")] },
  {
    name: "quick start",
    after: builds.map(({ name }) => name),
    commands: [script("quick-start.mjs")],
  },
  { name: "snippets in the documentation", commands: [script("snippets.mjs")] },
  { name: "code and openapi.json have the package's version", commands: [script("package-version.mjs")] },
  { name: "manifests and links agree with the repository's address", commands: [script("repository-links.mjs")] },
  { name: "words", commands: [script("words.mjs")] },
  { name: "lengths of source files", commands: [script("file-lengths.mjs")] },
  { name: "regular expressions take linear time", commands: [script("regexes.mjs")] },
  {
    name: "dependency rule",
    commands: [tool("dependency-cruiser", ["--config", ".ci/dependency-cruiser.cjs", "packages", "examples"])],
  },
  { name: "unused code (knip)", commands: [tool("knip", ["--config", ".ci/knip.jsonc", "--no-progress"])] },
  {
    name: "lint and format (biome)",
    commands: [tool("@biomejs/biome", ["ci", "--error-on-warnings", "--colors=off"])],
  },
  ...packages.map(({ directory, manifest }) => ({
    name: `package ${manifest.name}`,
    after: [`build ${manifest.name}`],
    commands: [
      tool("publint", ["--strict", "--pack", "npm"], { cwd: join(root, directory) }),
      tool("@arethetypeswrong/cli", ["--pack", ".", "--profile", isEsmOnly(manifest) ? "esm-only" : "node16"], {
        cwd: join(root, directory),
        name: "attw",
      }),
    ],
  })),
  {
    name: "types of public signatures are exported",
    after: builds.map(({ name }) => name),
    commands: [script("exported-types.mjs")],
  },
  {
    name: "size of the client for browsers",
    after: ["build @infrajet/github-client"],
    commands: [script("client-size.mjs")],
  },
  {
    name: "built packages run",
    after: builds.map(({ name }) => name),
    commands: [script("smoke.mjs", [], ["--experimental-import-meta-resolve"])],
  },
  {
    name: "host's project with a Prisma client",
    after: builds.map(({ name }) => name),
    commands: [script("host-project.mjs")],
  },
];

const words = process.argv.slice(2);
const chosen = new Set(checks.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word))));
// A set that grows while it is gone through: what is waited for may wait for something, too.
for (const { after = [] } of chosen) for (const name of after) chosen.add(checks.find((other) => other.name === name));
if (chosen.size === 0) {
  console.error(`No check is named like that. There are:\n${checks.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(2);
}

const began = performance.now();
const failed = await runTasks(checks.filter((check) => chosen.has(check)));
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  failed.length === 0
    ? `\nAll ${chosen.size} checks passed in ${seconds} s.`
    : `\n${failed.length} of ${chosen.size} checks failed in ${seconds} s: ${failed.join(", ")}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
