import { isSameSync, SYNC_RECORD_VERSION, type SyncRecord, type SyncRecordDraft } from "@infrajet/github/adapters";
import type { PrismaTables, SyncRecordRow } from "../client.js";
import { branchKey, projectKey, syncRecordOf } from "./sync-record-row.js";

/** A pending record and its row. */
export interface ReusableSync {
  readonly row: SyncRecordRow;
  readonly record: SyncRecord;
}

/**
 * Resolves to the oldest pending record that does what the draft does, or to `null`. Reads after the transaction has taken the
 * number of the project's change, so that no other caller creates or starts a record of the project meanwhile.
 */
export async function reusableSync(
  { gitHubSyncRecord }: PrismaTables,
  draft: SyncRecordDraft,
  decodeOrSkip: (id: number, decode: () => SyncRecord) => SyncRecord | null,
): Promise<ReusableSync | null> {
  const where = {
    ...{ projectKey: projectKey(draft), branchKey: branchKey(draft.target), status: "pending" },
    runsFrom: { lte: SYNC_RECORD_VERSION },
  };
  for (let last = 0; ; ) {
    const row = await gitHubSyncRecord.findFirst({ where: { ...where, id: { gt: last } }, orderBy: [{ id: "asc" }] });
    if (row === null) return null;
    const record = decodeOrSkip(row.id, () => syncRecordOf(row));
    if (record !== null && isSameSync(record, draft)) return { row, record };
    last = row.id;
  }
}
