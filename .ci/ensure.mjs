// Makes a fresh clone runnable: installs what the lockfile names when it is not there yet. Plain Node, no dependency.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
  process.exit(2);
}

// pnpm writes the lockfile it installed from beside the modules: equal bytes mean nothing to do.
const installed = `${root}node_modules/.pnpm/lock.yaml`;
const upToDate = existsSync(installed) && readFileSync(installed).equals(readFileSync(`${root}pnpm-lock.yaml`));
if (!upToDate) {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const pnpm = packageManager.split("+")[0];
  console.error(`Installing dependencies with ${pnpm} …`);
  const result = spawnSync("npx", ["--yes", pnpm, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
