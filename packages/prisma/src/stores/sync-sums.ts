import type { SyncMetrics, SyncRecord, SyncRecordDraft } from "@infrajet/github/adapters";
import type { PrismaTables, SyncSums, SyncSumsRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { projectKey, repositoryKey, userKey } from "./sync-record-row.js";

type SummedRecord = Omit<SyncRecord, "id">;

/** A change of the sums of one project and repository. */
export interface SyncSumsChange {
  readonly of: SummedRecord;
  readonly by: SyncSums;
  /** The end of the sync that is now counted as completed, otherwise `null`. */
  readonly completedAt: Date | null;
}

/** Returns the change for a new record. */
export function sumsOfNew(record: SummedRecord): SyncSumsChange {
  return { of: record, by: sumsOf(record), completedAt: null };
}

/** Returns the changes of the sums after a record changed. Empty for most changes of a running sync. */
export function sumsChanges(before: SummedRecord, after: SummedRecord): readonly SyncSumsChange[] {
  const [old, fresh] = [sumsOf(before), sumsOf(after)];
  const completedAt = after.status === "completed" ? after.completedAt : null;
  if (sumsKey(before) !== sumsKey(after)) {
    const moved: SyncSumsChange[] = [
      { of: before, by: difference(NOTHING, old), completedAt: null },
      { of: after, by: fresh, completedAt },
    ];
    // A fixed order prevents deadlocks between transactions.
    return moved.toSorted((a, b) => (sumsKey(a.of) < sumsKey(b.of) ? -1 : 1));
  }
  const by = difference(fresh, old);
  const isNothing = Object.values(by).every((sum) => Number(sum) === 0);
  return isNothing ? [] : [{ of: after, by, completedAt }];
}

/** Applies a change to the sums. Runs in the transaction that writes the record. */
export async function addToSums(
  { gitHubSyncSums }: PrismaTables,
  { of, by, completedAt }: SyncSumsChange,
): Promise<void> {
  const key = sumsKey(of);
  const { syncs, successfulSyncs, failedSyncs, filesSynced, conflictsResolved, timedSyncs, duration } = by;
  const { count } = await gitHubSyncSums.updateMany({
    where: { key },
    data: {
      syncs: { increment: syncs },
      successfulSyncs: { increment: successfulSyncs },
      failedSyncs: { increment: failedSyncs },
      filesSynced: { increment: filesSynced },
      conflictsResolved: { increment: conflictsResolved },
      timedSyncs: { increment: timedSyncs },
      duration: { increment: duration },
    },
  });
  if (count === 0) await gitHubSyncSums.create({ data: sumsRow({ of, by, completedAt }) });
  else if (completedAt !== null) {
    const isEarlier = [{ lastCompletedAt: null }, { lastCompletedAt: { lt: completedAt } }];
    await gitHubSyncSums.updateMany({ where: { key, OR: isEarlier }, data: { lastCompletedAt: completedAt } });
  }
}

/** Adds up the sums of a user's projects. */
export function metricsOf(rows: readonly SyncSumsRow[]): SyncMetrics {
  const total = (of: (row: SyncSumsRow) => number | bigint): number =>
    rows.reduce((sum, row) => sum + Number(of(row)), 0);
  const timedSyncs = total((row) => row.timedSyncs);
  const ends = rows.flatMap(({ lastCompletedAt }) => lastCompletedAt?.getTime() ?? []);
  const connected = rows.filter(({ successfulSyncs }) => successfulSyncs > 0);
  return {
    totalSyncs: total((row) => row.syncs),
    successfulSyncs: total((row) => row.successfulSyncs),
    failedSyncs: total((row) => row.failedSyncs),
    totalFilesSynced: total((row) => row.filesSynced),
    totalConflictsResolved: total((row) => row.conflictsResolved),
    averageSyncDuration: timedSyncs === 0 ? null : total((row) => row.duration) / timedSyncs / 1000,
    lastSyncAt: ends.length === 0 ? null : new Date(ends.reduce((a, b) => Math.max(a, b))),
    connectedRepositories: new Set(connected.map(({ apiUrl, repositoryId }) => storeKey(apiUrl, String(repositoryId))))
      .size,
  };
}

const NOTHING: SyncSums = {
  ...{ syncs: 0, successfulSyncs: 0, failedSyncs: 0, timedSyncs: 0 },
  ...{ filesSynced: 0n, conflictsResolved: 0n, duration: 0n },
};

function sumsOf(record: SummedRecord): SyncSums {
  const { status, filesSynced, conflictsResolved, startedAt, completedAt } = record;
  const isCompleted = status === "completed";
  const milliseconds =
    isCompleted && startedAt !== null && completedAt !== null ? completedAt.getTime() - startedAt.getTime() : null;
  return {
    syncs: 1,
    successfulSyncs: isCompleted ? 1 : 0,
    failedSyncs: status === "failed" ? 1 : 0,
    filesSynced: BigInt(filesSynced),
    conflictsResolved: BigInt(conflictsResolved),
    timedSyncs: milliseconds === null ? 0 : 1,
    duration: BigInt(milliseconds ?? 0),
  };
}

function difference(from: SyncSums, subtracted: SyncSums): SyncSums {
  return {
    syncs: from.syncs - subtracted.syncs,
    successfulSyncs: from.successfulSyncs - subtracted.successfulSyncs,
    failedSyncs: from.failedSyncs - subtracted.failedSyncs,
    filesSynced: from.filesSynced - subtracted.filesSynced,
    conflictsResolved: from.conflictsResolved - subtracted.conflictsResolved,
    timedSyncs: from.timedSyncs - subtracted.timedSyncs,
    duration: from.duration - subtracted.duration,
  };
}

function sumsRow({ of, by, completedAt }: SyncSumsChange): SyncSumsRow {
  const { userId, projectId, repository, target } = of;
  return {
    key: sumsKey(of),
    userKey: userKey(userId),
    projectKey: projectKey(of),
    repositoryKey: repositoryKey(repository),
    ...{ userId, projectId, apiUrl: target.apiUrl, repositoryId: BigInt(target.repositoryId) },
    ...by,
    lastCompletedAt: completedAt,
  };
}

/** Returns the key of the sums of a project and repository. */
export function sumsKey({
  userId,
  projectId,
  repository,
  target,
}: Omit<SyncRecordDraft, "options" | "createdAt">): string {
  return storeKey(userId, projectId, repository.toLowerCase(), target.apiUrl, target.repositoryId);
}
