import { GitHubSdkError } from "@infrajet/github/errors";
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { DatabaseLocation } from "./database-url.js";

/** The driver adapters of one database. Call `close` when their clients are disconnected. */
export interface Driver {
  readonly adapter: SqlDriverAdapterFactory;
  /** An adapter without a statement timeout: migrations wait for each other and for large tables. */
  readonly migrator: SqlDriverAdapterFactory;
  close(): Promise<void>;
}

// A database that does not respond fails the request instead of blocking it.
const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 30_000;

const MYSQL_DEFAULTS = {
  connectTimeout: CONNECT_TIMEOUT,
  acquireTimeout: CONNECT_TIMEOUT,
  // The adapter's own default. When the adapter adds it, it encodes spaces in all parameters as "+", which the driver does
  // not decode.
  prepareCacheLength: 0,
};

// Prisma's adapter parses timestamps in ISO format only, but a server, database or role may have another default.
const POSTGRESQL_SESSION = "SET datestyle = 'ISO'; SET timezone = 'UTC'";

const nothing = async (): Promise<void> => undefined;

/**
 * Loads the driver for a database. Only the packages for that kind of database have to be installed.
 *
 * @throws GitHubSdkError `invalid_options` when a package is missing; the message names the packages to install
 */
export async function loadDriver(location: DatabaseLocation): Promise<Driver> {
  try {
    return await load(location);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const packages = PACKAGES[location.kind].join(" ");
    throw new GitHubSdkError("invalid_options", `The database driver is not installed. Run: npm install ${packages}`, {
      cause: error,
    });
  }
}

/** The packages to install beside this one. */
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
      const patient = {
        connectionString,
        connectionTimeoutMillis: CONNECT_TIMEOUT,
        onConnect: async (client: { query(sql: string): Promise<unknown> }): Promise<void> => {
          await client.query(POSTGRESQL_SESSION);
        },
      };
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

/** Adds parameters that the URL does not have. Appends text, so that existing parameters keep their encoding. */
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
