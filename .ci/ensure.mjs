// Makes a fresh clone runnable: installs the dependencies in the lockfile if they are missing. Plain Node without dependencies.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
// The versions in which require() loads ES modules, on which the CommonJS builds depend.
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
if (!isSupported) {
  console.error(`Node ${process.versions.node} is not supported. Install Node 20.19 or later, or Node 22.12 or later.`);
  process.exit(2);
}

// pnpm stores a copy of the installed lockfile beside the modules. If both are equal, everything is installed.
const installed = `${root}node_modules/.pnpm/lock.yaml`;
const upToDate = existsSync(installed) && readFileSync(installed).equals(readFileSync(`${root}pnpm-lock.yaml`));
if (!upToDate) {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const [pnpm] = packageManager.split("+");
  // --prod=false: NODE_ENV=production would omit the tools. confirmModulesPurge=false: pnpm must not ask before it replaces
  // a node_modules folder of another package manager.
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
        "- If the registry is unreachable: check the network, the proxy (HTTPS_PROXY) and `npm config get registry`.",
        "- If the lockfile does not match package.json after a dependency was changed: run",
        `    npx --yes ${pnpm} install`,
        "  and commit pnpm-lock.yaml.",
        "- Otherwise: delete the folder node_modules and run the command again.",
      ].join("\n"),
    );
    process.exit(status ?? 1);
  }
}

// Generates the files that are not in git. Dynamic imports, because they need the dependencies.
await import("./prisma-clients.mjs");
// Generates the files that are not in git. Dynamic imports, because they need the dependencies.
await import("./prisma-clients.mjs");
await import("./client-calls.mjs");
await import("./dashboard.mjs");
