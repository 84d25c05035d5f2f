import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { Provider } from "../store-database.js";

/** A parsed database URL. */
export type DatabaseLocation =
  /** `schema` is the PostgreSQL schema that the tables are in. */
  | { readonly kind: "postgresql"; readonly url: string; readonly schema: string }
  | { readonly kind: "mysql"; readonly url: string }
  | { readonly kind: "sqlite"; readonly url: string }
  | { readonly kind: "pglite"; readonly folder: string };

/** Returns the provider whose models and migrations a database uses. */
export function providerOf({ kind }: DatabaseLocation): Provider {
  return kind === "pglite" ? "postgresql" : kind;
}

/**
 * Parses a database URL: `postgresql://…`, `mysql://…` (also MariaDB), `file:PATH` for SQLite, `pglite:FOLDER` for embedded
 * PostgreSQL. Relative paths are resolved against the working directory.
 *
 * @throws GitHubSdkError `invalid_options` when the URL is malformed or has another scheme
 */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  const scheme = url.slice(0, url.indexOf(":") + 1).toLowerCase();
  if (scheme === "postgresql:" || scheme === "postgres:") return postgresql(parse(url));
  if (scheme === "mysql:" || scheme === "mariadb:") return mysql(parse(url));
  if (scheme === "file:") return { kind: "sqlite", url: `file:${pathOf(url, scheme)}` };
  if (scheme === "pglite:") return { kind: "pglite", folder: resolve(pathOf(url, scheme)) };
  throw invalid('must begin with "postgresql:", "mysql:", "file:" (SQLite) or "pglite:" (embedded PostgreSQL)');
}

// "schema" is Prisma's own parameter; the driver does not support it.
function postgresql(url: URL): DatabaseLocation {
  const schema = url.searchParams.get("schema") ?? "public";
  url.searchParams.delete("schema");
  return { kind: "postgresql", url: url.href, schema };
}

// The driver accepts only the scheme "mariadb:".
function mysql(url: URL): DatabaseLocation {
  return { kind: "mysql", url: url.href.replace(/^mysql:/, "mariadb:") };
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw invalid("is not a valid URL. Percent-encode reserved characters in the password");
  return new URL(url);
}

function pathOf(url: string, scheme: string): string {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice(scheme.length);
  if (path === "") throw invalid(`has no path after "${scheme}"`);
  return path;
}

// The message leaves the URL out: it contains the password.
function invalid(problem: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `The database URL ${problem}.`);
}
