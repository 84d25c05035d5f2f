import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";
import type { PrismaStoreClient, PrismaTables } from "./client.js";

/** A Prisma provider for which this package has models and migrations. MariaDB uses `mysql`. */
export type Provider = "postgresql" | "mysql" | "sqlite";

/** Returned by an operation whose row was changed between its read and its write: it is retried from the read on. */
export const CONFLICT = Symbol("conflict");

const MAX_TRIES = 100;
const LONGEST_PAUSE = 50;
const TRANSACTION = { maxWait: 10_000, timeout: 20_000 };

// P2002: a concurrent insert used the same unique key. P2034: the transaction lost a write conflict or deadlock.
const CONFLICT_CODES = ["P2002", "P2034"];
// SQLite allows one writer at a time and fails a second one at once, before anything is written.
const SQLITE_BUSY_CODE = "P1008";

/** Queries for the epoch milliseconds of the database's clock. SQLite runs on this machine and uses its clock. */
const NOW: Readonly<Record<Exclude<Provider, "sqlite">, string>> = {
  postgresql: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now",
  mysql: "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000 AS now",
};
const nowRows = z.tuple([z.object({ now: z.coerce.number() })]);
const dateStyleRows = z.tuple([z.object({ style: z.string() })]);

/** A logger for warnings. The SDK's logger and `console` fit. */
export interface WarningLogger {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The maximum number of rows whose ids are remembered, so that each row is logged once. */
const MAX_LOGGED = 1_000;

/** A Prisma client with retries after write conflicts. Failures are thrown as `store_failed`. */
export class StoreDatabase {
  readonly #client: PrismaStoreClient;
  readonly #provider: Provider;
  readonly #clock: Clock | null;
  readonly #logger: WarningLogger | null;
  readonly #logged = new Set<string>();
  #sessionChecked: boolean;

  constructor(
    client: PrismaStoreClient,
    provider: Provider,
    { clock, logger }: { readonly clock?: Clock | undefined; readonly logger?: WarningLogger | undefined } = {},
  ) {
    this.#client = client;
    this.#provider = provider;
    this.#clock = clock ?? null;
    this.#logger = logger ?? null;
    this.#sessionChecked = provider !== "postgresql";
  }

  /**
   * Decodes a row of a list. Returns `null` and logs a warning, once per row, when the row cannot be decoded.
   *
   * @param name the kind of row in the warning, such as `sync record`
   * @throws errors other than `store_failed`
   */
  decodeOrSkip<Decoded>(name: string, id: string | number, decode: () => Decoded): Decoded | null {
    try {
      return decode();
    } catch (error) {
      if (!isGitHubSdkError(error, "store_failed")) throw error;
      const logged = `${name} ${id}`;
      if (!this.#logged.has(logged)) this.#logger?.warn(`A stored ${name} was skipped.`, { id, error });
      if (this.#logged.size < MAX_LOGGED) this.#logged.add(logged);
      return null;
    }
  }

  /**
   * Runs an operation whose last statement is a compare-and-set or an insert under a unique key. Runs it again after a
   * conflict, up to 100 times.
   *
   * @throws GitHubSdkError `store_failed` when the database fails, or when every try ended in a conflict
   */
  async run<Result>(work: (tables: PrismaTables) => Promise<Result | typeof CONFLICT>): Promise<Result> {
    if (!this.#sessionChecked) await this.#checkSession();
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      const result = await this.#try(() => work(this.#client));
      if (result !== CONFLICT) return result;
      await pause(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE));
    }
    throw new GitHubSdkError("store_failed", "The write conflicted with concurrent writes too many times. Try again.");
  }

  /**
   * Runs several statements as one transaction. The first statement must write the row that all conflicting transactions
   * share: it serializes them under every isolation level, provided that nothing is read before.
   *
   * @throws GitHubSdkError `store_failed` when the database fails
   */
  transaction<Result>(work: (tables: PrismaTables) => Promise<Result>): Promise<Result> {
    return this.run(() => this.#client.$transaction(work, TRANSACTION));
  }

  /**
   * Runs several statements as one transaction inside an operation of {@link run}. When they resolve to {@link CONFLICT}, they
   * are undone, so that the operation can return it to be retried.
   */
  async attempt<Result>(
    work: (tables: PrismaTables) => Promise<Result | typeof CONFLICT>,
  ): Promise<Result | typeof CONFLICT> {
    const undone = new Error("The transaction was undone.");
    try {
      return await this.#client.$transaction(async (tables) => {
        const result = await work(tables);
        if (result === CONFLICT) throw undone;
        return result;
      }, TRANSACTION);
    } catch (error) {
      if (error === undone) return CONFLICT;
      throw error;
    }
  }

  /**
   * Returns the epoch milliseconds of the database's clock. All hosts share it, so that a lease or claim does not expire early
   * because one host's clock is ahead. Reading it before the write makes a lease expire late rather than early.
   */
  async now(): Promise<number> {
    if (this.#clock !== null) return this.#clock.now();
    if (this.#provider === "sqlite") return Date.now();
    const query = NOW[this.#provider];
    return this.run(async () => nowRows.parse(await this.#client.$queryRawUnsafe(query))[0].now);
  }

  /** Rejects sessions whose timestamps Prisma's adapter would return as invalid dates. */
  async #checkSession(): Promise<void> {
    const query = "SELECT current_setting('DateStyle') AS style";
    const rows = await this.#try(async () => dateStyleRows.parse(await this.#client.$queryRawUnsafe(query)));
    if (rows === CONFLICT) return;
    const [{ style }] = rows;
    if (!style.startsWith("ISO"))
      throw new GitHubSdkError(
        "store_failed",
        `The DateStyle of the PostgreSQL sessions is "${style}". Set it to ISO for the database or the role of the Prisma client.`,
      );
    this.#sessionChecked = true;
  }

  async #try<Result>(work: () => Promise<Result>): Promise<Result | typeof CONFLICT> {
    try {
      return await work();
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      const code = codeOf(error);
      if (CONFLICT_CODES.includes(code)) return CONFLICT;
      if (code === SQLITE_BUSY_CODE && this.#provider === "sqlite") return CONFLICT;
      throw storeFailed(error);
    }
  }
}

/** Returns a `store_failed` error whose cause is the database's error. */
function storeFailed(cause: unknown): GitHubSdkError {
  return new GitHubSdkError(
    "store_failed",
    "The database did not respond or rejected the operation. Try again later.",
    { cause },
  );
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
