import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { openDatabase } from "../src/database/open-database.js";

const program = await compiledProgram(new URL("../src/cli/main.ts", import.meta.url));
const MIGRATION = "20261125000000_infrajet_github";
let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "infrajet-host-"));
});
afterEach(() => rm(project, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: project, env: { ...process.env, ...env } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    child.on("close", (code) => resolve({ code, output }));
  });
}

async function hostSchema(provider: string): Promise<void> {
  await mkdir(join(project, "prisma"));
  await writeFile(join(project, "prisma/schema.prisma"), `datasource db {\n  provider = "${provider}"\n}\n`);
}

const read = (path: string): Promise<string> => readFile(join(project, path), "utf8");

describe("infrajet-github-prisma init", () => {
  it("copies the models and migrations for the datasource's provider and lists the files", async () => {
    await hostSchema("mysql");
    const { code, output } = await run(["init"]);
    expect(code, output).toBe(0);
    expect(output).toContain("created   prisma/github.prisma");
    expect(output).toContain(`created   prisma/migrations/${MIGRATION}/migration.sql`);
    expect(await read("prisma/github.prisma")).toContain("@db.LongText");
    expect(await read(`prisma/migrations/${MIGRATION}/migration.sql`)).toContain("utf8mb4_bin");
    expect(await read("prisma/migrations/migration_lock.toml")).toContain('provider = "mysql"');
    expect((await run(["init"])).output).toContain("unchanged prisma/github.prisma");
  });

  it("keeps a file that the host changed, exits with 1, and replaces it with --force", async () => {
    await hostSchema("sqlite");
    await run(["init"]);
    const changed = `${await read("prisma/github.prisma")}// mine\n`;
    await writeFile(join(project, "prisma/github.prisma"), changed);
    const { code, output } = await run(["init"]);
    expect([code, output]).toEqual([1, expect.stringContaining("KEPT      prisma/github.prisma")]);
    expect(await read("prisma/github.prisma")).toBe(changed);
    expect((await run(["init", "--force"])).output).toContain("replaced  prisma/github.prisma");
  });

  it.each([
    ["a project without a schema", null, "No Prisma schema with a datasource was found in"],
    ["a datasource with an unsupported provider", "mongodb", 'provider is "mongodb"'],
  ])("exits with 2 and an error message for %s", async (_, provider, message) => {
    if (provider !== null) await hostSchema(provider);
    expect(await run(["init"])).toEqual({ code: 2, output: expect.stringContaining(message) });
  });

  it("rejects a migrations folder for another provider", async () => {
    await hostSchema("sqlite");
    await run(["init"]);
    await cp(join(project, "prisma/migrations"), join(project, "old"), { recursive: true });
    await writeFile(join(project, "old/migration_lock.toml"), 'provider = "mysql"\n');
    const { code, output } = await run(["init", "--migrations", "old"]);
    expect([code, output]).toEqual([
      2,
      expect.stringContaining("are for mysql, but the datasource's provider is sqlite"),
    ]);
  });
});

describe("infrajet-github-prisma migrate", () => {
  it("applies pending migrations once when two processes start at the same time", async () => {
    const env = { DATABASE_URL: `file:${join(project, "host.db")}` };
    const [one, other] = await Promise.all([run(["migrate"], env), run(["migrate"], env)]);
    expect([one.code, other.code], one.output + other.output).toEqual([0, 0]);
    const applied = [one, other].filter(({ output }) => output.includes(`applied  ${MIGRATION}`));
    expect(applied).toHaveLength(1);
    const database = await openDatabase(env.DATABASE_URL);
    expect(await database.migrate()).toEqual([]);
    expect(await database.stores.locks.acquire("works", 1_000)).not.toBeNull();
    await database.close();
  });

  it("exits with 2 and an error message without the password when the URL is missing or unsupported", async () => {
    expect(await run(["migrate"], { DATABASE_URL: "" })).toEqual({
      code: 2,
      output: expect.stringContaining("Set DATABASE_URL"),
    });
    const { code, output } = await run(["migrate", "--url", "redis://user:secret@host"]);
    expect(code).toBe(2);
    expect(output).toContain('must begin with "postgresql:"');
    expect(output).not.toContain("secret");
  });
});
