import type { Clock } from "../../adapters/clock.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";

/**
 * Sets a failed or cancelled record back to `pending` and counts the retry.
 *
 * @throws GitHubSdkError `sync_not_retryable` when it has another status, was retried `maxRetries` times, or its files came with a call;
 * `too_many_pending_syncs` when its user has `maxPendingSyncs` pending syncs
 */
export async function retryRecord(
  {
    records,
    clock,
    maxPendingSyncs,
  }: { readonly records: SyncRecordStore; readonly clock: Clock; readonly maxPendingSyncs: number },
  { id, status, retryCount, holder }: SyncRecord,
  maxRetries: number,
): Promise<SyncRecord> {
  if (status !== "failed" && status !== "cancelled") {
    throw notRetryable(`Sync ${id} is ${status}. Only failed or cancelled syncs can be retried.`);
  }
  if (holder !== null) throw notRetryable(`The files of sync ${id} came with a call and are gone. Send them again.`);
  if (retryCount >= maxRetries) throw notRetryable(`Sync ${id} was already retried ${retryCount} times.`);
  const pending = await records.transition(
    id,
    { from: [status], to: "pending", maxPending: maxPendingSyncs },
    {
      retryCount: retryCount + 1,
      interruptions: 0,
      notBefore: null,
      waitingSince: null,
      error: null,
      conflicts: [],
      progress: null,
      completedAt: null,
      updatedAt: new Date(clock.now()),
    },
  );
  if (pending === null) throw notRetryable(`Sync ${id} is already being retried.`);
  return pending;
}

function notRetryable(message: string): GitHubSdkError {
  return new GitHubSdkError("sync_not_retryable", message);
}
