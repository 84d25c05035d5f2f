import {
  SYNC_RECORD_VERSION,
  SYNC_TRANSITIONS,
  type SyncRecord,
  type SyncRecordChange,
  type SyncStatus,
} from "./sync-record.js";
import { boundedChange } from "./sync-record-limits.js";

/** True when a process of this version may run a record. It leaves other records to newer processes. */
export function isRunnable({ runsFrom }: Pick<SyncRecord, "runsFrom">): boolean {
  return runsFrom <= SYNC_RECORD_VERSION;
}

/**
 * True when a record's status is in `from`, the transition is legal, the lease token is not older than the record's, and the
 * record is runnable if the transition starts it.
 */
export function acceptsTransition(
  record: SyncRecord,
  {
    from,
    to,
    leaseToken = record.leaseToken,
  }: { readonly from: readonly SyncStatus[]; readonly to: SyncStatus; readonly leaseToken?: number },
): boolean {
  if (!from.includes(record.status) || !SYNC_TRANSITIONS[record.status].includes(to)) return false;
  return leaseToken >= record.leaseToken && (to !== "in_progress" || isRunnable(record));
}

/** Returns a record after a change. Ignores fields that a change may not contain, and bounds texts as {@link boundedChange} does. */
export function changedSyncRecord(record: SyncRecord, change: SyncRecordChange): SyncRecord {
  const {
    id,
    userId,
    projectId,
    target,
    options,
    status,
    leaseToken,
    changeSeq,
    createdAt,
    direction,
    runsFrom,
    holder,
  } = record;
  // The type of a change also accepts a whole record, so the other fields are restored.
  const fixed = {
    id,
    userId,
    projectId,
    target,
    options,
    status,
    leaseToken,
    changeSeq,
    createdAt,
    direction,
    runsFrom,
    holder,
  };
  return { ...record, ...boundedChange(change), ...fixed };
}
