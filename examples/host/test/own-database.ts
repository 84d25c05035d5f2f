import { randomBytes } from "node:crypto";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";

/** A database of a test's own on a server, empty at first. */
export interface OwnDatabase {
  /** For `DATABASE_URL`. */
  readonly url: string;
  run(sql: string): Promise<void>;
  /** Drops it, also when the server has not noticed yet that a host was killed. */
  drop(): Promise<void>;
}

/** Makes a database on the server that the URL names. */
export async function ownDatabase(serverUrl: string): Promise<OwnDatabase> {
  const url = new URL(serverUrl);
  url.pathname = `/infrajet_host_${randomBytes(8).toString("hex")}`;
  const name = url.pathname.slice(1);
  await run(serverUrl, `CREATE DATABASE ${name}`);
  return {
    url: url.href,
    run: (sql) => run(url.href, sql),
    drop: () => run(serverUrl, `DROP DATABASE ${name}${isPostgres(serverUrl) ? " WITH (FORCE)" : ""}`),
  };
}

async function run(url: string, sql: string): Promise<void> {
  const adapter = isPostgres(url)
    ? new PrismaPg({ connectionString: url })
    : new PrismaMariaDb(url.replace(/^mysql:/, "mariadb:"));
  const connection = await adapter.connect();
  try {
    await connection.executeRaw({ sql, args: [], argTypes: [] });
  } finally {
    await connection.dispose();
  }
}

function isPostgres(url: string): boolean {
  return url.startsWith("postgres");
}
