import { randomBytes } from "node:crypto";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";

/** A database for one test on a server. Initially empty. */
export interface OwnDatabase {
  /** The value of `DATABASE_URL`. */
  readonly url: string;
  run(sql: string): Promise<void>;
  /** Drops the database, even if the server still has connections of a killed host. */
  drop(): Promise<void>;
}

/** Creates a database on a server. */
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
