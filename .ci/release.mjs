// Publishes every package whose version is not on npm yet: `npm run release`, in the release workflow only. Refuses when
// changesets have no version yet, and when a package is not built from its current sources.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { packages, readJson, root } from "./tasks.mjs";

if (process.env.GITHUB_ACTIONS !== "true") refuse("Releases are published by .github/workflows/release.yml only.");
const changesets = readdirSync(join(root, ".changeset")).filter((name) => name.endsWith(".md") && name !== "README.md");
if (changesets.length > 0)
  refuse(`These changesets have no version yet: ${changesets.join(", ")}. Run: npm run version`);
for (const built of packages) {
  const problem = buildProblem(built);
  if (problem !== null) refuse(`${built.manifest.name} ${problem}. Run: npm run build`);
}

// pnpm replaces the protocol `workspace:` by versions, so changesets has to find it.
const pnpm = readJson("package.json").packageManager.split("+")[0];
const { status } = spawnSync("npx", ["--yes", pnpm, "exec", "changeset", "publish"], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.exit(status ?? 1);

function buildProblem({ directory, manifest }) {
  const outputs = [manifest.exports, manifest.bin ?? {}].flatMap(filesOf).filter((file) => file !== "./package.json");
  const missing = outputs.find((file) => !existsSync(join(root, directory, file)));
  if (missing !== undefined) return `is not built: ${missing} is missing`;
  const builtAt = Math.min(...outputs.map((file) => modifiedAt(join(directory, file))));
  const sources = readdirSync(join(root, directory, "src"), { recursive: true }).map((name) =>
    join(directory, "src", name),
  );
  const changed = [join(directory, "package.json"), ...sources].find((path) => modifiedAt(path) > builtAt);
  return changed === undefined ? null : `was built before ${changed} changed`;
}

/** The files that a field of a manifest names, however deep. */
function filesOf(value) {
  return typeof value === "string" ? [value] : Object.values(value).flatMap(filesOf);
}

function modifiedAt(path) {
  return statSync(join(root, path)).mtimeMs;
}

function refuse(reason) {
  console.error(reason);
  process.exit(1);
}
