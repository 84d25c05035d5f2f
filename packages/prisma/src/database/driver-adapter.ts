import { GitHubSdkError } from "@infrajet/github/errors";
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { DatabaseLocation } from "./database-url.js";

/** The driver of a database, with what has to be closed after it. */
export interface Driver {
  readonly adapter: SqlDriverAdapterFactory;
  /** The same database with no limit to how long a statement takes: migrations wait for each other, and for large tables. */
  readonly migrator: SqlDriverAdapterFactory;
  close(): Promise<void>;
}

// A database that does not answer fails the request rather than letting it hang.
const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 30_000;

const MYSQL_DEFAULTS = {
  connectTimeout: CONNECT_TIMEOUT,
  acquireTimeout: CONNECT_TIMEOUT,
  // The adapter's own default. Where it has to add that itself, it writes the blanks of all parameters as "+", which the
  // driver does not read.
  prepareCacheLength: 0,
};

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
      const patient = { connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT };
      return {
        adapter: new PrismaPg({ ...patient, query_timeout: QUERY_TIMEOUT }, { schema }),
        migrator: new PrismaPg(patient, { schema }),
        close: nothing,
      };
    }
    case "mysql": {
      const { PrismaMariaDb } = await import("@prisma/adapter-mariadb");
      const patient = withDefaults(location.url, MYSQL_DEFAULTS);
      return {
        adapter: new PrismaMariaDb(withDefaults(patient, { socketTimeout: QUERY_TIMEOUT })),
        migrator: new PrismaMariaDb(patient),
        close: nothing,
      };
    }
    case "sqlite": {
      const { PrismaLibSql } = await import("@prisma/adapter-libsql");
      const adapter = new PrismaLibSql({ url: location.url, intMode: "bigint" });
      return { adapter, migrator: adapter, close: nothing };
    }
    case "pglite": {
      const { PGlite } = await import("@electric-sql/pglite");
      const { PrismaPGlite } = await import("pglite-prisma-adapter");
      const pglite = await PGlite.create(location.folder);
      const adapter = new PrismaPGlite(pglite);
      return { adapter, migrator: adapter, close: () => pglite.close() };
    }
  }
}

/** Adds the parameters that the URL does not have; as text, so that the others stay as they are written. */
function withDefaults(url: string, defaults: Readonly<Record<string, number>>): string {
  const { search, searchParams } = new URL(url);
  const missing = Object.entries(defaults).filter(([name]) => !searchParams.has(name));
  if (missing.length === 0) return url;
  return `${url}${search === "" ? "?" : "&"}${missing.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
}
