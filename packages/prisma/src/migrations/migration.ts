import { createHash } from "node:crypto";
import { BUNDLED_SCHEMA } from "../../generated/bundled-schema.js";
import type { Provider } from "../store-database.js";

/** A step of the schema, as `prisma migrate` keeps them. */
export interface Migration {
  /** The name of its folder: when it was made, and what for. */
  readonly name: string;
  readonly sql: string;
}

/** The migrations of this package, in their order. */
export function bundledMigrations(provider: Provider): readonly Migration[] {
  return BUNDLED_SCHEMA[provider].migrations;
}

/** The models of this package in Prisma's language. */
export function bundledModels(provider: Provider): string {
  return BUNDLED_SCHEMA[provider].models;
}

/** What `prisma migrate` tells a changed migration by. */
export function checksumOf({ sql }: Migration): string {
  return createHash("sha256").update(sql, "utf8").digest("hex");
}

/** The statements of a migration of this package: each ends with a semicolon at the end of a line, and nothing else does. */
export function statementsOf({ sql }: Migration): string[] {
  return sql
    .replaceAll(/^--.*$/gm, "")
    .split(/;\s*$/m)
    .map((text) => text.trim())
    .filter((text) => text !== "");
}
