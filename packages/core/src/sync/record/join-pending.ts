import { isDeepStrictEqual } from "node:util";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { SyncHistoryEntry, SyncRecord, SyncRecordDraft } from "../../domain/sync-record.js";

// A record that waits behind more syncs of its project is not found, and the sync is recorded on its own.
const LATEST = 20;

/**
 * Lets a pending record answer a further request of the same user for the same sync: target, direction and options are equal. It
 * reads the project when it starts, so it includes what changed until then.
 *
 * @returns the record; `null` when there is none, or when it has started meanwhile
 */
export async function joinPending(records: SyncRecordStore, draft: SyncRecordDraft): Promise<SyncRecord | null> {
  const { userId, projectId, repository } = draft;
  const page = await records.history({ userId, projectId, repository }, LATEST, null);
  // The oldest, which starts first.
  for (const { id } of page.records.filter((entry) => isWaitingFor(entry, draft)).reverse()) {
    const record = await records.find(id);
    if (record === null || !isDeepStrictEqual(record.options, draft.options)) continue;
    const step = { from: ["pending"], to: "pending" } as const;
    const change = { coalesced: record.coalesced + 1, updatedAt: draft.createdAt };
    const joined = await records.transition(id, step, change);
    if (joined !== null) return joined;
  }
  return null;
}

function isWaitingFor({ status, target, direction, holder }: SyncHistoryEntry, draft: SyncRecordDraft): boolean {
  if (status !== "pending" || holder !== null || direction !== (draft.direction ?? "push")) return false;
  return isDeepStrictEqual(target, draft.target);
}
