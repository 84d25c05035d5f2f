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

/** Encodes a record as a row without its id. */
export function syncRecordRow(record: Omit<SyncRecord, "id">): Omit<SyncRecordRow, "id"> {
  const { userId, projectId, target, repository, error, options, conflicts, notes, attempts, status } = record;
  const hasOpenAttempts =
    (status === "failed" || status === "cancelled") && attempts.some(({ outcome }) => outcome === "unknown");
  const { commitId, commitUrl, pullRequestUrl, writer, filesSynced, filesDeleted, conflictsResolved } = record;
  const { retryCount, createdAt, startedAt, completedAt, updatedAt } = record;
  return {
    projectKey: projectKey(record),
    branchKey: branchKey(target),
    repositoryKey: repositoryKey(repository),
    openAttemptsBranchKey: hasOpenAttempts ? branchKey(target) : null,
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

/** Decodes a record. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
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

/** Returns a deep copy of a record, equal to what a later read returns. */
export function copyOf(record: SyncRecord): SyncRecord {
  return decodeSyncRecord(structuredClone(encodeSyncRecord(record)));
}

/** Returns the key of a user's project. */
export function projectKey({ userId, projectId }: Pick<SyncRecordDraft, "userId" | "projectId">): string {
  return storeKey(userId, projectId);
}

/** Returns the key of a branch. */
export function branchKey({ apiUrl, repositoryId, branch }: BranchKey): string {
  return storeKey(apiUrl, repositoryId, branch);
}

/** Returns the key of a repository's name. Case is ignored. */
export function repositoryKey(repository: string): string {
  return storeKey(repository.toLowerCase());
}
