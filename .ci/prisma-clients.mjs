// Makes packages/prisma/generated from packages/prisma/prisma: a client for each kind of database, and the models and migrations
// as one module, so that the built package reads no files. Does nothing while they are up to date. Plain Node, no dependency.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const home = fileURLToPath(new URL("../packages/prisma/", import.meta.url));
const source = join(home, "prisma");
const target = join(home, "generated");
const read = (path) => readFileSync(join(source, path), "utf8");

const providers = readdirSync(source).sort();
const bundle = Object.fromEntries(
  providers.map((provider) => {
    const migrations = readdirSync(join(source, provider, "migrations"))
      .sort()
      .map((name) => ({ name, sql: read(join(provider, "migrations", name, "migration.sql")) }));
    return [provider, { models: read(join(provider, "models/github.prisma")), migrations }];
  }),
);
const cli = JSON.parse(readFileSync(join(home, "node_modules/prisma/package.json"), "utf8"));
const stamp = createHash("sha256")
  .update(JSON.stringify([cli.version, bundle, readFileSync(fileURLToPath(import.meta.url), "utf8")]))
  .digest("hex");
const stampFile = join(target, "stamp");
if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) generate();

function generate() {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  writeFileSync(
    join(target, "bundled-schema.ts"),
    `// Made by .ci/prisma-clients.mjs.\nexport const BUNDLED_SCHEMA = ${JSON.stringify(bundle, null, 2)} as const;\n`,
  );
  const prisma = join(home, "node_modules/prisma", cli.bin.prisma);
  // Generating needs no engine, but the CLI would fetch one unless it is named a file that exists.
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...process.env };
  for (const provider of providers) {
    const scratch = mkdtempSync(join(target, "schema-"));
    const generator = `generator client {\n  provider = "prisma-client"\n  output = "../${provider}"\n  moduleFormat = "esm"\n}\n`;
    const schema = `datasource db {\n  provider = "${provider}"\n}\n\n${generator}\n${bundle[provider].models}`;
    writeFileSync(join(scratch, "schema.prisma"), schema);
    const args = [prisma, "generate", "--schema", join(scratch, "schema.prisma"), "--no-hints"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: home, env, encoding: "utf8" });
    rmSync(scratch, { recursive: true });
    if (status !== 0) {
      console.error(`The Prisma client for ${provider} could not be generated:\n${stdout}${stderr}`);
      process.exit(1);
    }
  }
  writeFileSync(stampFile, stamp);
}
