import { GitHubSdkError } from "@infrajet/github/errors";
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { DatabaseLocation } from "./database-url.js";

/** The driver of a database, with what has to be closed after it. */
export interface Driver {
  readonly adapter: SqlDriverAdapterFactory;
  close(): Promise<void>;
}

// A database that does not answer fails the request rather than letting it hang.
const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 30_000;

const nothing = async (): Promise<void> => undefined;

/**
 * Loads the driver for a database; only what its kind needs has to be installed.
 *
 * @throws GitHubSdkError `invalid_options` naming the packages that are missing
 */
export async function loadDriver(location: DatabaseLocation): Promise<Driver> {
  try {
    return await load(location);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const packages = PACKAGES[location.kind].join(" ");
    throw new GitHubSdkError("invalid_options", `The database's driver is missing: npm install ${packages}`, {
      cause: error,
    });
  }
}

/** What has to be installed beside this package. */
const PACKAGES: Readonly<Record<DatabaseLocation["kind"], readonly string[]>> = {
  postgresql: ["@prisma/client", "@prisma/adapter-pg"],
  mysql: ["@prisma/client", "@prisma/adapter-mariadb"],
  sqlite: ["@prisma/client", "@prisma/adapter-libsql"],
  pglite: ["@prisma/client", "@electric-sql/pglite", "pglite-prisma-adapter"],
};

async function load(location: DatabaseLocation): Promise<Driver> {
  switch (location.kind) {
    case "postgresql": {
      const { PrismaPg } = await import("@prisma/adapter-pg");
      const { url: connectionString, schema } = location;
      const timeouts = { connectionTimeoutMillis: CONNECT_TIMEOUT, query_timeout: QUERY_TIMEOUT };
      return { adapter: new PrismaPg({ connectionString, ...timeouts }, { schema }), close: nothing };
    }
    case "mysql": {
      const { PrismaMariaDb } = await import("@prisma/adapter-mariadb");
      const url = new URL(location.url);
      const defaults = {
        connectTimeout: CONNECT_TIMEOUT,
        acquireTimeout: CONNECT_TIMEOUT,
        socketTimeout: QUERY_TIMEOUT,
      };
      const missing = Object.entries(defaults).filter(([name]) => !url.searchParams.has(name));
      // As text: URLSearchParams would write the blanks of the other parameters in a way that the driver does not read.
      const added = missing.map(([name, value]) => `${name}=${value}`).join("&");
      const withDefaults = added === "" ? location.url : `${location.url}${url.search === "" ? "?" : "&"}${added}`;
      return { adapter: new PrismaMariaDb(withDefaults), close: nothing };
    }
    case "sqlite": {
      const { PrismaLibSql } = await import("@prisma/adapter-libsql");
      return { adapter: new PrismaLibSql({ url: location.url, intMode: "bigint" }), close: nothing };
    }
    case "pglite": {
      const { PGlite } = await import("@electric-sql/pglite");
      const { PrismaPGlite } = await import("pglite-prisma-adapter");
      const pglite = await PGlite.create(location.folder);
      return { adapter: new PrismaPGlite(pglite), close: () => pglite.close() };
    }
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}
