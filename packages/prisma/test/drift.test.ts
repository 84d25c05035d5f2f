// Migrations are never edited, but models change: applying all migrations to an empty database must give the schema of the models.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { get_dmmf } from "@prisma/prisma-schema-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { serverDatabase, type TestDatabase } from "./test-database.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

describe.each([
  // Without a URL the engine uses an embedded PostgreSQL.
  { provider: "postgresql", config: "{}" },
  { provider: "sqlite", config: '{ url: "file:unused.db" }' },
])("Prisma migrations for $provider", ({ provider, config }) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "infrajet-drift-"));
    await cp(path(`../prisma/${provider}`), folder, { recursive: true });
    await writeFile(join(folder, "prisma.config.mjs"), `export default { datasource: ${config} };\n`);
    await writeFile(join(folder, "models/schema.prisma"), `datasource db {\n  provider = "${provider}"\n}\n`);
    await writeFile(join(folder, "migrations/migration_lock.toml"), `provider = "${provider}"\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("create the schema that the models describe, according to prisma migrate diff", async () => {
    const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js");
    const diff = ["migrate", "diff", "--from-migrations", "migrations", "--to-schema", "models", "--exit-code"];
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: path("schema-engine.mjs"), CHECKPOINT_DISABLE: "1" };
    const { stdout } = await promisify(execFile)(process.execPath, [prisma, ...diff], { cwd: folder, env });
    expect(stdout).toContain("No difference detected.");
    // An embedded PostgreSQL needs four seconds of CPU time to start.
  }, 240_000);
});

const server = process.env.INFRAJET_TEST_MYSQL_URL;

// The WebAssembly build of the engine does not support MySQL, so information_schema is compared with the parsed models.
describe.skipIf(server === undefined)("Prisma migrations for MariaDB", () => {
  let database: TestDatabase;
  let models: Models;

  beforeAll(async () => {
    database = await serverDatabase(server ?? "");
    const text = await readFile(path("../prisma/mysql/models/github.prisma"), "utf8");
    const schema = `datasource db {\n  provider = "mysql"\n}\n${text}`;
    models = modelsSchema.parse(JSON.parse(get_dmmf(JSON.stringify({ prismaSchema: [["schema.prisma", schema]] }))));
  });
  afterAll(() => database.remove());

  it("create the columns that the models describe, with the collation utf8mb4_bin", async () => {
    const rows = await database.client.$queryRawUnsafe(
      `SELECT CONCAT(table_name, '.', column_name) AS name, column_type AS type, is_nullable AS nullable, extra,
              COALESCE(column_default, '') AS \`default\`,
              COALESCE(collation_name, '') AS collation
       FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'github%'`,
    );
    expect(columnsSchema.parse(rows).sort(byName)).toEqual(columnsOf(models).sort(byName));
  });

  it("create the indexes that the models describe", async () => {
    const rows = await database.client.$queryRawUnsafe(
      `SELECT CONCAT(table_name, '.', index_name) AS name, MIN(non_unique) = 0 AS \`unique\`,
              GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns
       FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name LIKE 'github%'
       GROUP BY table_name, index_name`,
    );
    expect(indexesSchema.parse(rows).sort(byName)).toEqual(indexesOf(models).sort(byName));
  });
});

const fieldSchema = z.object({
  name: z.string(),
  dbName: z.string().optional(),
  isRequired: z.boolean(),
  type: z.enum(["String", "BigInt", "Int", "Boolean", "DateTime", "Bytes"]),
  nativeType: z.tuple([z.string(), z.array(z.string())]).nullable(),
  default: z.union([z.object({ name: z.literal("autoincrement") }), z.string(), z.number()]).optional(),
});
const modelsSchema = z
  .object({
    datamodel: z.object({
      models: z.array(z.object({ name: z.string(), dbName: z.string(), fields: z.array(fieldSchema) })).min(1),
      indexes: z.array(
        z.object({
          model: z.string(),
          type: z.enum(["id", "unique", "normal"]),
          dbName: z.string().optional(),
          fields: z.array(z.object({ name: z.string() })),
        }),
      ),
    }),
  })
  .transform(({ datamodel }) => datamodel);
type Models = z.infer<typeof modelsSchema>;
type Field = z.infer<typeof fieldSchema>;

const columnsSchema = z.array(
  z.object({
    name: z.string(),
    // Older servers report the display width of integers.
    type: z.string().transform((type) => type.replace(/^(int|bigint)\(\d+\)/, "$1")),
    nullable: z.string(),
    collation: z.string(),
    extra: z.string(),
    // MariaDB quotes texts, and reports the default of a nullable column.
    default: z.string().transform((text) => (text === "NULL" ? "" : text.replace(/^'(.*)'$/, "$1"))),
  }),
);
const indexesSchema = z.array(z.object({ name: z.string(), unique: z.coerce.boolean(), columns: z.string() }));

/** Prisma's default column types: https://www.prisma.io/docs/orm/overview/databases/mysql */
const DEFAULT_TYPES: Readonly<Record<Field["type"], string>> = {
  String: "varchar(191)",
  BigInt: "bigint",
  Int: "int",
  Boolean: "tinyint(1)",
  DateTime: "datetime(3)",
  Bytes: "longblob",
};
const ENDS = { unique: "key", normal: "idx" };

function columnsOf({ models }: Models): z.infer<typeof columnsSchema> {
  return models.flatMap(({ dbName: table, fields }) =>
    fields.map((field) => ({
      name: `${table}.${columnOf(field)}`,
      type: field.nativeType === null ? DEFAULT_TYPES[field.type] : nativeType(...field.nativeType),
      nullable: field.isRequired ? "NO" : "YES",
      collation: field.type === "String" ? "utf8mb4_bin" : "",
      extra: typeof field.default === "object" ? "auto_increment" : "",
      default: typeof field.default === "object" ? "" : String(field.default ?? ""),
    })),
  );
}

function indexesOf({ models, indexes }: Models): z.infer<typeof indexesSchema> {
  return indexes.map(({ model, type, dbName, fields }) => {
    const { dbName: table, fields: all } = models.find(({ name }) => name === model) ?? { dbName: model, fields: [] };
    const columns = fields.map(({ name }) => columnOf(all.find((field) => field.name === name) ?? { name }));
    const name = type === "id" ? "PRIMARY" : (dbName ?? [table, ...columns, ENDS[type]].join("_"));
    return { name: `${table}.${name}`, unique: type !== "normal", columns: columns.join(",") };
  });
}

function columnOf({ name, dbName }: { readonly name: string; readonly dbName?: string | undefined }): string {
  return dbName ?? name;
}

function nativeType(name: string, parameters: readonly string[]): string {
  return name.toLowerCase() + (parameters.length === 0 ? "" : `(${parameters.join(",")})`);
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
