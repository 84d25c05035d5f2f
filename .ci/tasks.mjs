// Shared by the scripts in this folder: finds packages and tools, and runs tasks in parallel. Plain Node without dependencies.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The workspace's root folder with a trailing separator. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Reads a JSON file below the root. */
export const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** The publishable packages: `{ directory, manifest }` of every folder in `packages/`. */
export const packages = readdirSync(join(root, "packages"))
  .map((name) => join("packages", name))
  .filter((directory) => existsSync(join(root, directory, "package.json")))
  .map((directory) => ({ directory, manifest: readJson(join(directory, "package.json")) }));

/** True for a package that has no CommonJS build. */
export const isEsmOnly = ({ type, exports }) => type === "module" && exports["."].require === undefined;

/**
 * Returns the command that runs a tool of the root's devDependencies. Runs its script with this Node instead of using
 * `node_modules/.bin`, whose shims differ between systems.
 */
export function tool(packageName, args, { cwd = root, name = packageName.split("/").at(-1) } = {}) {
  const home = join("node_modules", packageName);
  const { bin } = readJson(join(home, "package.json"));
  return { args: [join(root, home, typeof bin === "string" ? bin : bin[name]), ...args], cwd };
}

/** Returns the command that runs a script of this folder. */
export const script = (name, args = [], nodeArgs = []) => ({
  args: [...nodeArgs, join(root, ".ci", name), ...args],
  cwd: root,
});

/** Returns the task that builds a package. Runs after its peer dependencies in this workspace, whose types it needs. */
export const buildTask = ({ directory, manifest }) => ({
  name: buildOf(manifest),
  after: packages
    .map((other) => other.manifest)
    .filter(({ name }) => name in (manifest.peerDependencies ?? {}))
    .map(buildOf),
  commands: [tool("tsup", ["--silent"], { cwd: join(root, directory) })],
});

const buildOf = ({ name }) => `build ${name}`;

/**
 * Runs tasks, `{ name, commands, after? }`, in parallel on all cores. Runs the commands of a task one after the other until one
 * fails, and starts a task after all tasks in `after` succeeded. Prints a line for each task and the output of failed tasks.
 * Returns the names of the tasks that failed or could not run.
 */
export async function runTasks(tasks) {
  const waiting = [...tasks];
  const running = new Set();
  const passed = new Set();
  const failed = new Set();
  const blockerOf = ({ after = [] }) => after.find((name) => failed.has(name));
  const isReady = ({ after = [] }) => after.every((name) => passed.has(name));

  const start = async (task) => {
    const began = performance.now();
    const { ok, output } = await runCommands(task.commands);
    (ok ? passed : failed).add(task.name);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${ok ? "✓" : "✗"} ${task.name} (${seconds} s)`);
    if (!ok) console.log(`${output.trimEnd().replace(/^/gm, "    ")}\n`);
  };

  while (waiting.length > 0 || running.size > 0) {
    const task = running.size < availableParallelism() ? waiting.find((it) => isReady(it) || blockerOf(it)) : undefined;
    if (task === undefined) {
      if (running.size === 0)
        throw new Error(`These tasks depend on a task that does not exist: ${waiting.map((it) => it.name)}`);
      await Promise.race(running);
      continue;
    }
    waiting.splice(waiting.indexOf(task), 1);
    const blocker = blockerOf(task);
    if (blocker !== undefined) {
      failed.add(task.name);
      console.log(`✗ ${task.name}: not run because "${blocker}" failed`);
      continue;
    }
    const run = start(task).finally(() => running.delete(run));
    running.add(run);
  }
  return [...failed];
}

async function runCommands(commands) {
  let output = "";
  for (const command of commands) {
    const result = await runCommand(command);
    output += result.output;
    if (!result.ok) return { ok: false, output };
  }
  return { ok: true, output };
}

function runCommand({ args, cwd }) {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code, signal) => {
      resolve({ ok: code === 0, output: signal === null ? output : `${output}\nterminated by ${signal}` });
    });
  });
}
