import type { SyncMetrics, SyncRecord, SyncRecordDraft } from "@infrajet/github/adapters";
import type { PrismaTables, SyncSums, SyncSumsRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { projectKey, repositoryKey } from "./sync-record-row.js";

type SummedRecord = Omit<SyncRecord, "id">;

/** What the sums of one project and repository grow by. */
export interface SyncSumsChange {
  readonly of: SummedRecord;
  readonly by: SyncSums;
  /** When the sync completed that is counted now; `null` when none is. */
  readonly completedAt: Date | null;
}

/** What a new record adds. */
export function sumsOfNew(record: SummedRecord): SyncSumsChange {
  return { of: record, by: sumsOf(record), completedAt: null };
}

/** What it makes in the sums that a record is another one now; nothing for most changes of a running sync. */
export function sumsChanges(before: SummedRecord, after: SummedRecord): readonly SyncSumsChange[] {
  const [old, fresh] = [sumsOf(before), sumsOf(after)];
  const completedAt = after.status === "completed" ? after.completedAt : null;
  if (sumsKey(before) !== sumsKey(after)) {
    const moved: SyncSumsChange[] = [
      { of: before, by: difference(NOTHING, old), completedAt: null },
      { of: after, by: fresh, completedAt },
    ];
    // In one order everywhere, so that no two transactions wait for each other.
    return moved.toSorted((a, b) => (sumsKey(a.of) < sumsKey(b.of) ? -1 : 1));
  }
  const by = difference(fresh, old);
  const isNothing = Object.values(by).every((sum) => Number(sum) === 0);
  return isNothing ? [] : [{ of: after, by, completedAt }];
}

/** Adds a change to the sums: part of the transaction that writes the record. */
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

/** What the sums of a user's projects come to. */
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

/** What the sums of one user are found by. */
export function sumsUserKey(userId: string): string {
  return storeKey(userId);
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

function difference(from: SyncSums, what: SyncSums): SyncSums {
  return {
    syncs: from.syncs - what.syncs,
    successfulSyncs: from.successfulSyncs - what.successfulSyncs,
    failedSyncs: from.failedSyncs - what.failedSyncs,
    filesSynced: from.filesSynced - what.filesSynced,
    conflictsResolved: from.conflictsResolved - what.conflictsResolved,
    timedSyncs: from.timedSyncs - what.timedSyncs,
    duration: from.duration - what.duration,
  };
}

function sumsRow({ of, by, completedAt }: SyncSumsChange): SyncSumsRow {
  const { userId, projectId, repository, target } = of;
  return {
    key: sumsKey(of),
    userKey: sumsUserKey(userId),
    projectKey: projectKey(of),
    repositoryKey: repositoryKey(repository),
    ...{ userId, projectId, apiUrl: target.apiUrl, repositoryId: BigInt(target.repositoryId) },
    ...by,
    lastCompletedAt: completedAt,
  };
}

/** What the sums of a project and repository are found by. */
export function sumsKey({
  userId,
  projectId,
  repository,
  target,
}: Omit<SyncRecordDraft, "options" | "createdAt">): string {
  return storeKey(userId, projectId, repository.toLowerCase(), target.apiUrl, target.repositoryId);
}
