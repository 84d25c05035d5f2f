import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { Provider } from "../store-database.js";

/** Where a database is, and how it is spoken to. */
export type DatabaseLocation =
  /** `schema` is the PostgreSQL schema that the tables are in. */
  | { readonly kind: "postgresql"; readonly url: string; readonly schema: string }
  | { readonly kind: "mysql"; readonly url: string }
  | { readonly kind: "sqlite"; readonly url: string }
  | { readonly kind: "pglite"; readonly folder: string };

/** The models and migrations that fit a kind of database. */
export function providerOf({ kind }: DatabaseLocation): Provider {
  return kind === "pglite" ? "postgresql" : kind;
}

/**
 * Reads a database's URL: `postgresql://…`, `mysql://…` (MariaDB too), `file:PATH` for SQLite, `pglite:FOLDER` for the
 * embedded PostgreSQL. Relative paths are below the working folder.
 *
 * @throws GitHubSdkError `invalid_options`
 */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  const scheme = url.slice(0, url.indexOf(":") + 1).toLowerCase();
  if (scheme === "postgresql:" || scheme === "postgres:") return postgresql(parse(url));
  if (scheme === "mysql:" || scheme === "mariadb:") return mysql(parse(url));
  if (scheme === "file:") return { kind: "sqlite", url: `file:${pathOf(url, scheme)}` };
  if (scheme === "pglite:") return { kind: "pglite", folder: resolve(pathOf(url, scheme)) };
  throw invalid('begins with none of "postgresql:", "mysql:", "file:" (SQLite) and "pglite:" (embedded)');
}

// Prisma's own parameter, which the driver does not know.
function postgresql(url: URL): DatabaseLocation {
  const schema = url.searchParams.get("schema") ?? "public";
  url.searchParams.delete("schema");
  return { kind: "postgresql", url: url.href, schema };
}

// The driver goes by its own scheme.
function mysql(url: URL): DatabaseLocation {
  return { kind: "mysql", url: url.href.replace(/^mysql:/, "mariadb:") };
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw invalid("is no URL: reserved characters in the password have to be percent-encoded");
  return new URL(url);
}

function pathOf(url: string, scheme: string): string {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice(scheme.length);
  if (path === "") throw invalid(`has no path after "${scheme}"`);
  return path;
}

// Never the URL itself: it has the password in it.
function invalid(problem: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `The database URL ${problem}.`);
}
