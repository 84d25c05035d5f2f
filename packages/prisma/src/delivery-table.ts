import type { Columns, FindArgs, Table, Where } from "./table.js";

/** A row of `github_deliveries`. */
export interface DeliveryRow {
  readonly key: string;
  readonly deliveryId: string;
  readonly event: string;
  readonly digest: string;
  readonly receivedAt: Date;
  readonly status: string;
  readonly attempt: number;
  readonly attemptLimit: number;
  readonly claimedUntil: Date;
  readonly error: string | null;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly storedBytes: number;
}

/** The columns of a delivery without its body. */
export type ListedDeliveryRow = Omit<DeliveryRow, "body">;

/** The figures over waiting deliveries. */
export interface DeliveryFigures {
  readonly _count: number;
  readonly _sum: { readonly storedBytes: number | null };
  readonly _min: { readonly receivedAt: Date | null };
}

/** The deliveries' model. Bodies are large, so only a query for a single body reads one. */
export interface DeliveryTable extends Omit<Table<DeliveryRow>, "findFirst" | "findMany"> {
  findFirst(
    args: FindArgs<DeliveryRow> & { readonly select: { readonly body: true } },
  ): PromiseLike<Pick<DeliveryRow, "body"> | null>;
  findMany(
    args: FindArgs<DeliveryRow> & { readonly select: Columns<ListedDeliveryRow> },
  ): PromiseLike<ListedDeliveryRow[]>;
  aggregate(args: {
    readonly where: Where<DeliveryRow>;
    readonly _count: true;
    readonly _sum: { readonly storedBytes: true };
    readonly _min: { readonly receivedAt: true };
  }): PromiseLike<DeliveryFigures>;
}
