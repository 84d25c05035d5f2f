import { createHash } from "node:crypto";
import { BUNDLED_SCHEMA } from "../../generated/bundled-schema.js";
import type { Provider } from "../store-database.js";

/** A migration in the format of `prisma migrate`. */
export interface Migration {
  /** The name of its folder: a timestamp and a description. */
  readonly name: string;
  readonly sql: string;
}

/** Returns the migrations of this package in the order in which they are applied. */
export function bundledMigrations(provider: Provider): readonly Migration[] {
  return BUNDLED_SCHEMA[provider].migrations;
}

/** Returns the models of this package as a Prisma schema. */
export function bundledModels(provider: Provider): string {
  return BUNDLED_SCHEMA[provider].models;
}

/** Returns the checksum by which `prisma migrate` detects a changed migration. */
export function checksumOf({ sql }: Migration): string {
  return createHash("sha256").update(sql, "utf8").digest("hex");
}

/** Splits a migration of this package into statements. Each ends with a semicolon at the end of a line. */
export function statementsOf({ sql }: Migration): string[] {
  return sql
    .replaceAll(/^--.*$/gm, "")
    .split(/;\s*$/m)
    .map((text) => text.trim())
    .filter((text) => text !== "");
}
