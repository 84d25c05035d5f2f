// Makes a fresh clone runnable: installs what the lockfile names when it is not there yet. Plain Node, no dependency.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
// The versions in which require() loads ES modules: the CommonJS builds live on it.
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
if (!isSupported) {
  console.error(`Node ${process.versions.node} does not do: install Node 20.19 or later, of Node 22 22.12 or later.`);
  process.exit(2);
}

// pnpm writes the lockfile it installed from beside the modules: equal bytes mean nothing to do.
const installed = `${root}node_modules/.pnpm/lock.yaml`;
const upToDate = existsSync(installed) && readFileSync(installed).equals(readFileSync(`${root}pnpm-lock.yaml`));
if (!upToDate) {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const [pnpm] = packageManager.split("+");
  // Tools are development dependencies, which NODE_ENV=production would leave out; and nobody is there to answer
  // whether a node_modules folder that something else made may be replaced.
  const install = [pnpm, "install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"];
  console.error(`Installing dependencies with ${pnpm} …`);
  const { status, error } = spawnSync("npx", ["--yes", ...install], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    const reason = error === undefined ? "see above" : `npx could not be started: ${error.message}`;
    console.error(
      [
        "",
        `The dependencies could not be installed (${reason}).`,
        "- No answer from the registry: check the network, a proxy (HTTPS_PROXY), or `npm config get registry`.",
        "- The lockfile does not fit package.json: somebody changed a dependency; run",
        `    npx --yes ${pnpm} install`,
        "  and commit pnpm-lock.yaml.",
        "- Anything else: delete the folder node_modules and run this again.",
      ].join("\n"),
    );
    process.exit(status ?? 1);
  }
}

// What is generated and not in git. An import, so that it runs after the dependencies are there.
await import("./prisma-clients.mjs");
