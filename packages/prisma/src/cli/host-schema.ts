import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { Provider } from "../store-database.js";

/** A host's Prisma schema. */
export interface HostSchema {
  /** The folder of the schema files. */
  readonly folder: string;
  /** The file that contains the datasource. */
  readonly file: string;
  readonly provider: Provider;
}

// The places where the Prisma CLI looks. Folders of several files come first.
const DEFAULT_PLACES = ["prisma/schema", "prisma/schema.prisma", "prisma", "schema.prisma"];
const DATASOURCE = /^\s*datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"([^"]+)"/ms;
const PROVIDERS: Readonly<Record<string, Provider>> = {
  postgresql: "postgresql",
  postgres: "postgresql",
  mysql: "mysql",
  sqlite: "sqlite",
};

/**
 * Finds the host's schema at a path, or in the default places of the Prisma CLI.
 *
 * @throws GitHubSdkError `invalid_options` when no schema is found or its provider is not supported
 */
export async function findHostSchema(project: string, path: string | null): Promise<HostSchema> {
  const places = path === null ? DEFAULT_PLACES : [path];
  for (const place of places) {
    for (const file of await schemaFiles(resolve(project, place))) {
      const provider = DATASOURCE.exec(await readFile(file, "utf8"))?.[1];
      if (provider !== undefined) return { folder: dirname(file), file, provider: supported(provider) };
    }
  }
  throw new GitHubSdkError(
    "invalid_options",
    `No Prisma schema with a datasource was found in ${places.map((place) => relative(project, resolve(project, place))).join(", ")}. Run "npx prisma init" first, or pass the path with --schema.`,
  );
}

async function schemaFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return [path];
  return (await readdir(path))
    .filter((name) => name.endsWith(".prisma"))
    .sort()
    .map((name) => join(path, name));
}

function supported(provider: string): Provider {
  const known = PROVIDERS[provider];
  if (known !== undefined) return known;
  throw new GitHubSdkError(
    "invalid_options",
    `The datasource's provider is "${provider}". Supported providers: postgresql, mysql, sqlite.`,
  );
}
