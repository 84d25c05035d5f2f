/** A condition on one column. */
export interface Comparison<Of> {
  readonly equals?: Of;
  readonly in?: Of[];
  readonly notIn?: Of[];
  readonly lt?: Of;
  readonly lte?: Of;
  readonly gt?: Of;
  readonly gte?: Of;
}

/** A filter on the rows of a table. */
export type Where<Row> = {
  readonly [Column in keyof Row]?: Row[Column] | Comparison<NonNullable<Row[Column]>>;
} & { readonly AND?: Where<Row>[]; readonly OR?: Where<Row>[] };

/** The sort order of a query. */
export type Order<Row> = { readonly [Column in keyof Row]?: "asc" | "desc" };

/** A query: a filter, a sort order and a limit. */
export interface FindArgs<Row> {
  readonly where: Where<Row>;
  readonly orderBy?: Order<Row>[];
  readonly take?: number;
}

/** The columns that a query reads. */
export type Columns<Row> = { readonly [Column in keyof Row]: true };

/** The methods of a Prisma model that the stores call. `Fresh` is the data of a new row. */
export interface Table<Row, Fresh = Row> {
  findFirst(args: FindArgs<Row>): PromiseLike<Row | null>;
  findMany(args: FindArgs<Row>): PromiseLike<Row[]>;
  create(args: { readonly data: Fresh }): PromiseLike<Row>;
  createMany(args: { readonly data: Fresh[] }): PromiseLike<{ readonly count: number }>;
  updateMany(args: { readonly where: Where<Row>; readonly data: Partial<Row> }): PromiseLike<{
    readonly count: number;
  }>;
  deleteMany(args: { readonly where: Where<Row> }): PromiseLike<{ readonly count: number }>;
  count(args: { readonly where: Where<Row> }): PromiseLike<number>;
}
