import { tooManyPendingSyncs } from "@infrajet/github/adapters";
import type { PrismaTables } from "../client.js";
import { userKey } from "./sync-record-row.js";

/** Rejects when the user's pending records and those to be `added` exceed `maxPending`. */
export async function assertPending(
  { gitHubSyncRecord }: PrismaTables,
  userId: string,
  { maxPending, added }: { readonly maxPending: number; readonly added: number },
): Promise<void> {
  const pending = await gitHubSyncRecord.count({ where: { userKey: userKey(userId), status: "pending" } });
  if (pending + added > maxPending) throw tooManyPendingSyncs(maxPending);
}
