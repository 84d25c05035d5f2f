import { randomUUID } from "node:crypto";
import {
  type BranchKey,
  decodeSyncRecord,
  encodeSyncRecord,
  type SyncRecord,
  type SyncRecordDraft,
} from "@infrajet/github/adapters";
import type { SyncRecordRow } from "../client.js";
import { storeKey } from "../store-key.js";

/** A record as its row, all but the id. */
export function syncRecordRow(record: Omit<SyncRecord, "id">): Omit<SyncRecordRow, "id"> {
  const { userId, projectId, target, repository, error, options, conflicts, notes, attempts, status } = record;
  const isUnsettled =
    (status === "failed" || status === "cancelled") && attempts.some(({ outcome }) => outcome === "unknown");
  const { commitId, commitUrl, pullRequestUrl, writer, filesSynced, filesDeleted, conflictsResolved } = record;
  const { retryCount, createdAt, startedAt, completedAt, updatedAt } = record;
  return {
    projectKey: projectKey(record),
    branchKey: branchKey(target),
    repositoryKey: repositoryKey(repository),
    unsettledBranchKey: isUnsettled ? branchKey(target) : null,
    ...{ userId, projectId, ...target, repositoryId: BigInt(target.repositoryId), repository, status },
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    ...{ commitId, commitUrl, pullRequestUrl, writer, filesSynced, filesDeleted, conflictsResolved },
    options: JSON.stringify(options),
    conflicts: JSON.stringify(conflicts),
    notes: JSON.stringify(notes),
    attempts: JSON.stringify(attempts),
    ...{ retryCount, createdAt, startedAt, completedAt, updatedAt },
    leaseToken: BigInt(record.leaseToken),
    revision: randomUUID(),
  };
}

/** The record that a row holds. @throws GitHubSdkError `store_failed` for a row that this package did not write */
export function syncRecordOf(row: SyncRecordRow): SyncRecord {
  const { apiUrl, branch, source, directory, errorCode, errorMessage, createdAt, startedAt, completedAt, updatedAt } =
    row;
  return decodeSyncRecord({
    ...row,
    target: { apiUrl, repositoryId: Number(row.repositoryId), branch, source, directory },
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" },
    options: JSON.parse(row.options),
    conflicts: JSON.parse(row.conflicts),
    notes: JSON.parse(row.notes),
    attempts: JSON.parse(row.attempts),
    leaseToken: Number(row.leaseToken),
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
  });
}

/** A copy of a record that shares nothing with it, as a later read gives it. */
export function copyOf(record: SyncRecord): SyncRecord {
  return decodeSyncRecord(structuredClone(encodeSyncRecord(record)));
}

/** What the records of one user's project are found by. */
export function projectKey({ userId, projectId }: Pick<SyncRecordDraft, "userId" | "projectId">): string {
  return storeKey(userId, projectId);
}

/** What the records of one branch are found by. */
export function branchKey({ apiUrl, repositoryId, branch }: BranchKey): string {
  return storeKey(apiUrl, repositoryId, branch);
}

/** What the records of one repository are found by: its name, without case. */
export function repositoryKey(repository: string): string {
  return storeKey(repository.toLowerCase());
}
