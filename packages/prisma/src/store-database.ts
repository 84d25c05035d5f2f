import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";
import type { PrismaStoreClient, PrismaTables } from "./client.js";

/** The kinds of database that there are models and migrations for; MariaDB counts as `mysql`. */
export type Provider = "postgresql" | "mysql" | "sqlite";

/** What a work gives back when somebody else wrote between its read and its write: it is done again from the read on. */
export const OVERTAKEN = Symbol("overtaken");

const MAX_ROUNDS = 100;
const LONGEST_PAUSE = 50;
const TRANSACTION = { maxWait: 10_000, timeout: 20_000 };

// A row that was not there is there now (unique key), and a transaction that lost against another one.
const OVERTAKEN_CODES = ["P2002", "P2034"];
// SQLite has one writer at a time and says so at once; nothing was written then.
const SQLITE_BUSY_CODE = "P1008";

/** Milliseconds since 1970 by the database's own clock. SQLite has none: its clock is that of the one machine it is on. */
const NOW: Readonly<Record<Exclude<Provider, "sqlite">, string>> = {
  postgresql: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now",
  mysql: "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000 AS now",
};
const nowRows = z.tuple([z.object({ now: z.coerce.number() })]);

/** A Prisma client as the stores use it: what was overtaken is done again, and what fails is `store_failed`. */
export class StoreDatabase {
  readonly #client: PrismaStoreClient;
  readonly #provider: Provider;
  readonly #clock: Clock | null;

  /** @param clock tells the time in place of the database */
  constructor(client: PrismaStoreClient, provider: Provider, clock: Clock | null) {
    this.#client = client;
    this.#provider = provider;
    this.#clock = clock;
  }

  /**
   * Does a work whose last statement decides everything: a compare-and-set, or an insert under a unique key. It is begun anew
   * for as long as it is overtaken.
   *
   * @throws GitHubSdkError `store_failed`
   */
  async run<Result>(work: (tables: PrismaTables) => Promise<Result | typeof OVERTAKEN>): Promise<Result> {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const result = await this.#try(() => work(this.#client));
      if (result !== OVERTAKEN) return result;
      await pause(Math.random() * Math.min(2 ** round, LONGEST_PAUSE));
    }
    throw new GitHubSdkError(
      "store_failed",
      "The database is too busy: other writers were faster each time. Try again.",
    );
  }

  /**
   * Does a work of several statements as one step. Its first statement writes the row that all works have in common between
   * which something could get lost, which lets one of them pass at a time under every isolation level; nothing is read before.
   *
   * @throws GitHubSdkError `store_failed`
   */
  transaction<Result>(work: (tables: PrismaTables) => Promise<Result>): Promise<Result> {
    return this.run(() => this.#client.$transaction(work, TRANSACTION));
  }

  /**
   * Epoch milliseconds by the database's clock, the one that all hosts have in common: leases and claims must not end early
   * because one host's clock is ahead. Read before it is written with, so that what was given runs out late rather than early.
   */
  async now(): Promise<number> {
    if (this.#clock !== null) return this.#clock.now();
    if (this.#provider === "sqlite") return Date.now();
    const query = NOW[this.#provider];
    return this.run(async () => nowRows.parse(await this.#client.$queryRawUnsafe(query))[0].now);
  }

  async #try<Result>(work: () => Promise<Result>): Promise<Result | typeof OVERTAKEN> {
    try {
      return await work();
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      const code = codeOf(error);
      if (OVERTAKEN_CODES.includes(code)) return OVERTAKEN;
      if (code === SQLITE_BUSY_CODE && this.#provider === "sqlite") return OVERTAKEN;
      throw storeFailed(error);
    }
  }
}

/** The failure of a database as the SDK's error; what the database said is its cause. */
function storeFailed(cause: unknown): GitHubSdkError {
  return new GitHubSdkError("store_failed", "The database did not answer, or refused. Try again later.", { cause });
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
