import type { SyncRecord, SyncRecordStore, SyncStatus } from "@infrajet/github/adapters";
import { present } from "./conformance-case.js";

/** Brings a pending record to a status by legal transitions. An ended record started and ended a minute apart. */
export async function inState(
  store: SyncRecordStore,
  pending: SyncRecord,
  status: SyncStatus,
  leaseToken = 1,
): Promise<SyncRecord> {
  if (status === "pending") return pending;
  const step = { from: ["pending"], to: "in_progress", leaseToken } as const;
  const running = present(await store.transition(pending.id, step, { startedAt: pending.createdAt }));
  if (status === "in_progress") return running;
  const completedAt = new Date(pending.createdAt.getTime() + 60_000);
  return present(
    await store.transition(pending.id, { from: ["in_progress"], to: status, leaseToken }, { completedAt }),
  );
}
