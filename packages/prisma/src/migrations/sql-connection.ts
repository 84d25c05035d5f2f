/** A statement as driver adapters take it; the migrations' own have no parameters. */
export interface SqlStatement {
  readonly sql: string;
  readonly args: never[];
  readonly argTypes: never[];
}

/** What runs statements one by one. */
export interface SqlQueryable {
  queryRaw(statement: SqlStatement): Promise<{ readonly columnNames: string[]; readonly rows: unknown[][] }>;
  executeRaw(statement: SqlStatement): Promise<number>;
}

/** A transaction: one connection of its own until it ends. */
export interface SqlTransaction extends SqlQueryable {
  /** Whether ending it says so to the database; otherwise the statement has to be run before. */
  readonly options: { readonly usePhantomQuery: boolean };
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A connection as Prisma's driver adapters give it, as far as migrations use it. */
export interface SqlConnection extends SqlQueryable {
  startTransaction(): Promise<SqlTransaction>;
  dispose(): Promise<void>;
}

/** A statement without parameters. */
export function statement(sql: string): SqlStatement {
  return { sql, args: [], argTypes: [] };
}
