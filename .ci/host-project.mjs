// Creates a host project by the steps in packages/prisma/README.md: the packed packages, a Prisma schema of several files with a
// model of the host, and a program that syncs a folder to GitHub in a box. Runs on SQLite, and on PostgreSQL if
// INFRAJET_TEST_POSTGRES_URL is set. Uses only dependencies that are installed in this workspace.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createGitHubBox } from "../packages/testing/dist/index.js";
import { readJson, root } from "./tasks.mjs";

const PACKED = ["packages/core", "packages/prisma"];
const FILES = { "main.tf": Buffer.from("terraform {}\n"), "assets/logo.bin": Buffer.from([0, 1, 254, 255]) };
const CREATE_USER = {
  sqlite: 'CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL);\n',
  postgresql: 'CREATE TABLE "User" ("id" SERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL);\n',
};
const pnpm = ["--yes", readJson("package.json").packageManager.split("+")[0]];

const scratch = await mkdtemp(join(tmpdir(), "infrajet-host-project-"));
const host = join(scratch, "host");
try {
  await makeHost(await pack());
  await worksOn("sqlite", (use) => use(`file:${join(scratch, `${randomUUID()}.db`)}`));
  const server = process.env.INFRAJET_TEST_POSTGRES_URL;
  if (server !== undefined) await worksOn("postgresql", (use) => inDatabaseOn(server, use));
} finally {
  await rm(scratch, { recursive: true });
}

async function worksOn(provider, inNewDatabase) {
  await resetHost(provider);
  const hasAll = async (url) =>
    assert.equal(await tool("infrajet-github-prisma", ["migrate"], url), "No pending migrations.\n");

  await inNewDatabase(async (url) => {
    await run("npx", ["--no", "infrajet-github-prisma", "init"], host);
    await tool("prisma", ["generate"], url);
    assert.match(await tool("infrajet-github-prisma", ["migrate"], url), /^(applied {2}\d+_infrajet_github\w*\n)+$/);
    await tool("tsc", [], url);
    await syncsTwice(url);
    // The Prisma CLI continues after the migrations that this package's command applied…
    await writeFiles(host, { "prisma/migrations/20991231000000_user/migration.sql": CREATE_USER[provider] });
    const deployed = await tool("prisma", ["migrate", "deploy"], url);
    assert.match(deployed, /20991231000000_user/);
    assert.doesNotMatch(deployed, /infrajet_github/);
    await hasAll(url);
    assert.match(await tool("prisma", ["migrate", "status"], url), /Database schema is up to date!/);
  });
  // …and the reverse.
  await inNewDatabase(async (url) => {
    assert.match(await tool("prisma", ["migrate", "deploy"], url), /infrajet_github[\s\S]*20991231000000_user/);
    await hasAll(url);
  });
}

/** Runs the host's program twice. The second process must detect from the database that no file changed. */
async function syncsTwice(url) {
  const project = join(scratch, "project");
  await writeFiles(project, FILES);
  const box = await createGitHubBox();
  try {
    box.addUser({ login: "ada" });
    const repository = await box.createRepository({ owner: "ada", name: "infra" });
    const { apiUrl } = await box.listen();
    const token = box.addToken({ login: "ada" });
    const env = { ...hostEnv(url), GITHUB_API_URL: apiUrl, HOST_GITHUB_TOKEN: token, HOST_PROJECT: project };
    const sync = async () => JSON.parse(await run(process.execPath, ["dist/main.js"], host, env));
    const first = await sync();
    assert.deepEqual([first.status, first.filesSynced], ["completed", 2], JSON.stringify(first));
    const files = [...(await repository.files())].map(([path, { content }]) => [path, content]);
    assert.deepEqual(Object.fromEntries(files), FILES);
    const second = await sync();
    assert.deepEqual([second.status, second.filesSynced], ["completed", 0], JSON.stringify(second));
    assert.deepEqual(second.records.slice(0, 1), first.records);
    assert.equal(second.records.length, 2);
  } finally {
    await box.close();
  }
}

/** Packs the packages as for publishing and returns `{ name: tarball }`. */
async function pack() {
  const manifests = PACKED.map((directory) => readJson(join(directory, "package.json")));
  const filters = manifests.flatMap(({ name }) => ["--filter", name]);
  await run("npx", [...pnpm, "--recursive", ...filters, "pack", "--pack-destination", scratch], root);
  const tarball = ({ name, version }) => `file:../${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
  return Object.fromEntries(manifests.map((manifest) => [manifest.name, tarball(manifest)]));
}

/** Installs the packages from their tarballs and links all other dependencies to this workspace. */
async function makeHost(tarballs) {
  const adapters = ["@prisma/adapter-libsql", "@prisma/adapter-pg"];
  const needed = PACKED.map((directory) =>
    linked(directory, Object.keys(readJson(join(directory, "package.json")).dependencies)),
  );
  const manifest = {
    ...{ name: "host", private: true, type: "module" },
    dependencies: {
      ...tarballs,
      ...(await linked("packages/prisma", ["prisma", "@prisma/client", ...adapters])),
      ...(await linked(".", ["typescript", "@types/node"])),
    },
    pnpm: { overrides: Object.assign({}, ...(await Promise.all(needed))) },
  };
  await writeFiles(host, { "package.json": JSON.stringify(manifest) });
  await run("npx", [...pnpm, "install", "--offline", "--store-dir", join(scratch, "store")], host);
}

/** Copies the host's files and removes generated ones. */
async function resetHost(provider) {
  for (const name of ["prisma", "src", "dist"]) await rm(join(host, name), { recursive: true, force: true });
  await cp(join(root, ".ci/host-project"), host, { recursive: true });
  const schema = join(host, "prisma/schema.prisma");
  await writeFile(schema, (await readFile(schema, "utf8")).replace('"sqlite"', `"${provider}"`));
}

/** Returns links to the packages that a folder of this workspace has installed: `{ name: "link:…" }`. */
async function linked(directory, names) {
  const link = async (name) => [name, `link:${await realpath(join(root, directory, "node_modules", name))}`];
  return Object.fromEntries(await Promise.all(names.map(link)));
}

/** Runs `use` with the URL of a temporary database. */
async function inDatabaseOn(server, use) {
  const { PrismaPg } = createRequire(join(root, "packages/prisma/package.json"))("@prisma/adapter-pg");
  const name = `infrajet_host_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const connection = await new PrismaPg({ connectionString: server }).connect();
  await connection.executeScript(`CREATE DATABASE ${name}`);
  try {
    await use(url.href);
  } finally {
    await connection.executeScript(`DROP DATABASE ${name}`);
    await connection.dispose();
  }
}

async function writeFiles(folder, files) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

function hostEnv(url) {
  const engine = join(root, "packages/prisma/test/schema-engine.mjs");
  return { DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: "1" };
}

/** Runs a command of a package that is installed in the host, like `npx`. */
function tool(name, args, url) {
  return run(join(host, "node_modules/.bin", name), args, host, hostEnv(url));
}

/** Runs a program and returns its standard output. Rejects with its output when it fails. */
function run(program, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32";
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      shell,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => {
        printed[stream] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(printed.stdout);
      else
        reject(
          new Error(`${basename(program)} ${args.join(" ")} exited with ${code}:\n${printed.stdout}${printed.stderr}`),
        );
    });
  });
}
