#!/usr/bin/env node
// A schema engine for the Prisma CLI, selected with PRISMA_SCHEMA_ENGINE_BINARY, so that no engine has to be downloaded: Prisma's
// WebAssembly build behind the JSON-RPC protocol (one message per line) of the native engine. Connects through driver adapters;
// without a URL it uses an embedded PostgreSQL. Plain Node.
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";

const { values, positionals } = parseArgs({
  strict: false,
  options: { datamodels: { type: "string", multiple: true }, datasource: { type: "string" } },
});
const datamodels = (values.datamodels ?? []).map((path) => [path, readFileSync(path, "utf8")]);
const { url } = JSON.parse(values.datasource ?? "{}");

/** Instantiates the module with its own bindings, which a bundler would otherwise do. */
function loadEngine() {
  const path = fileURLToPath(import.meta.resolve("@prisma/schema-engine-wasm/schema_engine_bg"));
  const module = new WebAssembly.Module(readFileSync(path.replace(/\.js$/, ".wasm")));
  const imports = WebAssembly.Module.imports(module).map((needed) => [needed.module, bindings]);
  const { exports } = new WebAssembly.Instance(module, Object.fromEntries(imports));
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
}

async function driver() {
  if (url?.startsWith("file:")) return sqlite();
  if (url !== undefined) return new PrismaPg({ connectionString: url });
  const { PGlite } = await import("@electric-sql/pglite");
  const { PrismaPGlite } = await import("pglite-prisma-adapter");
  const embedded = new PrismaPGlite(new PGlite());
  return Object.assign(embedded, { connectToShadowDb: () => embedded.connect() });
}

function sqlite() {
  const factory = new PrismaLibSql({ url, intMode: "bigint" });
  return Object.assign(factory, {
    // In a file, because an in-memory database is lost after each transaction.
    async connectToShadowDb() {
      const file = join(tmpdir(), `infrajet-shadow-${randomUUID()}.db`);
      const shadow = await new PrismaLibSql({ url: `file:${file}`, intMode: "bigint" }).connect();
      const dispose = shadow.dispose.bind(shadow);
      return Object.assign(shadow, {
        // The engine sends whole migrations, but the driver's executeRaw runs only the first statement.
        executeRaw: ({ sql }) => shadow.executeScript(sql).then(() => 0),
        async dispose() {
          await dispose();
          for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
        },
      });
    },
  });
}

/** Runs `schema-engine … cli can-connect-to-database`, which the CLI calls before it deploys migrations. */
async function canConnect() {
  try {
    const connection = await (await driver()).connect();
    await connection.executeScript("SELECT 1");
    await connection.dispose();
    console.error("\nConnection successful");
    return 0;
  } catch (error) {
    const fields = { error_code: "P1001", message: String(error) };
    console.error(`\n${JSON.stringify({ level: "ERROR", target: "schema_engine::logger", fields })}`);
    return 1;
  }
}

async function serve() {
  const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const adapter = bindMigrationAwareSqlAdapterFactory(await driver());
  const engine = await bindings.SchemaEngine.new(
    { datamodels: datamodels.length === 0 ? undefined : datamodels },
    () => undefined,
    adapter,
  );
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line);
    // The CLI's response to a "print".
    if (method === undefined) continue;
    try {
      const result = await engine[method === "getDatabaseVersion" ? "version" : method](params);
      if (method === "diff") send({ id: randomUUID(), method: "print", params: { content: result.stdout ?? "" } });
      send({ id, result: result ?? {} });
    } catch (error) {
      const message = String(error.message ?? error);
      send({ id, error: { code: 4466, message, data: { is_panic: false, message, error_code: error.code } } });
    }
  }
}

loadEngine();
if (positionals.includes("cli")) process.exit(await canConnect());
await serve();
process.exit();
