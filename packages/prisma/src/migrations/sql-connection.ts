/** A statement for a driver adapter. Migrations use statements without parameters. */
export interface SqlStatement {
  readonly sql: string;
  readonly args: never[];
  readonly argTypes: never[];
}

/** A connection or a transaction. */
export interface SqlQueryable {
  queryRaw(statement: SqlStatement): Promise<{ readonly columnNames: string[]; readonly rows: unknown[][] }>;
  executeRaw(statement: SqlStatement): Promise<number>;
}

/** A transaction. It has a connection of its own until it ends. */
export interface SqlTransaction extends SqlQueryable {
  /** `usePhantomQuery` is false when COMMIT and ROLLBACK have to be sent as statements before `commit` and `rollback`. */
  readonly options: { readonly usePhantomQuery: boolean };
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** The part of a Prisma driver adapter's connection that migrations use. */
export interface SqlConnection extends SqlQueryable {
  startTransaction(): Promise<SqlTransaction>;
  dispose(): Promise<void>;
}

/** Returns a statement without parameters. */
export function statement(sql: string): SqlStatement {
  return { sql, args: [], argTypes: [] };
}
