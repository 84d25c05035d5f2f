import type { Clock } from "../../adapters/clock.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import type { EventBus } from "../../events.js";
import { syncEvent } from "./progress.js";

/** The store of records, and the bus that tells of a cancelled one. */
export interface CancelServices {
  readonly records: SyncRecordStore;
  readonly bus: EventBus;
  readonly clock: Clock;
}

/** Cancels a pending record. Returns `null` when it has another status. */
export async function cancelPending(
  { records, bus, clock }: CancelServices,
  syncId: number,
): Promise<SyncRecord | null> {
  const now = new Date(clock.now());
  const step = { from: ["pending"], to: "cancelled" } as const;
  const cancelled = await records.transition(syncId, step, { completedAt: now, updatedAt: now });
  if (cancelled !== null) bus.emit("sync.cancelled", syncEvent(cancelled));
  return cancelled;
}
