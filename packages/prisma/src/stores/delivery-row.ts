import { type Delivery, type DeliveryDraft, parseTextCursor, textCursor } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";
import type { DeliveryRow, ListedDeliveryRow } from "../delivery-table.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";
import type { Columns, Order, Where } from "../table.js";

const status = z.enum(["pending", "in_progress", "completed", "failed", "skipped"]);
const isoDate = z.iso.datetime();

/** The columns of a delivery without its body. */
export const LISTED_COLUMNS: Columns<ListedDeliveryRow> = {
  key: true,
  deliveryId: true,
  event: true,
  digest: true,
  receivedAt: true,
  status: true,
  attempt: true,
  attemptLimit: true,
  claimedUntil: true,
  error: true,
  storedBytes: true,
};

/** The key makes the order stable, and is part of the index on `receivedAt` where indexes contain the primary key. */
export const FIRST_RECEIVED_FIRST: Order<DeliveryRow>[] = [{ receivedAt: "asc" }, { key: "asc" }];

/** Matches stored deliveries whose handlers still have to run or are running. */
export const IS_WAITING: Where<DeliveryRow> = { status: { in: ["pending", "in_progress"] }, storedBytes: { gt: 0 } };

/** Returns the row of a delivery that was received now, without a body. */
export function newRow(
  { id, event, digest, receivedAt }: DeliveryDraft,
  change: Pick<DeliveryRow, "status" | "attempt" | "claimedUntil"> & Partial<DeliveryRow>,
): DeliveryRow {
  return {
    key: storeKey(id),
    deliveryId: id,
    ...{ event, digest },
    receivedAt: new Date(receivedAt),
    ...{ attemptLimit: 0, error: null, body: null, storedBytes: 0 },
    ...change,
  };
}

/** Returns the delivery of a row. */
export function deliveryOf({ deliveryId, event, digest, receivedAt, ...row }: ListedDeliveryRow): Delivery {
  const { attempt, attemptLimit, claimedUntil, storedBytes, error } = row;
  return {
    id: deliveryId,
    ...{ event, digest, receivedAt, attempt, attemptLimit, claimedUntil, storedBytes, error },
    status: parseStored("webhook delivery", status, row.status),
  };
}

/** Returns the cursor of the deliveries after this one. */
export function cursorOf({ receivedAt, id }: Delivery): string {
  return textCursor([receivedAt.toISOString(), id]);
}

/** Matches the deliveries after a cursor. @throws GitHubSdkError `validation_failed` for an invalid cursor */
export function isAfter(cursor: string): Where<DeliveryRow> {
  const [time, deliveryId = ""] = parseTextCursor(cursor, 2);
  const parsed = isoDate.safeParse(time);
  if (!parsed.success)
    throw new GitHubSdkError("validation_failed", "The cursor is invalid. Use the `nextCursor` of a previous page.");
  const receivedAt = new Date(parsed.data);
  return { OR: [{ receivedAt: { gt: receivedAt } }, { receivedAt, key: { gt: storeKey(deliveryId) } }] };
}

/** Sorts rows by the time of their receipt. */
export function byReceipt(a: ListedDeliveryRow, b: ListedDeliveryRow): number {
  return a.receivedAt.getTime() - b.receivedAt.getTime() || (a.key < b.key ? -1 : 1);
}
