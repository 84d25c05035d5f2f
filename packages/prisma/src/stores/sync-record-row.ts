import { randomUUID } from "node:crypto";
import {
  type BranchKey,
  decodeSyncHistoryEntry,
  decodeSyncRecord,
  decodeUnfinishedSync,
  encodeSyncRecord,
  type SyncHistoryEntry,
  type SyncPriority,
  type SyncRecord,
  type SyncRecordDraft,
  type UnfinishedSync,
} from "@infrajet/github/adapters";
import type { ListedSyncRow, SyncRecordRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { parseStoredJson } from "../stored-json.js";

/** The priorities in the order in which records run. The column is the index. */
const PRIORITIES: readonly SyncPriority[] = ["interactive", "background"];

/** Encodes a record as a row without its id. */
export function syncRecordRow(record: Omit<SyncRecord, "id">): Omit<SyncRecordRow, "id"> {
  const { userId, projectId, target, repository, error, options, conflicts, notes, attempts, status } = record;
  const hasOpenAttempts =
    (status === "failed" || status === "cancelled") && attempts.some(({ outcome }) => outcome === "unknown");
  const { commitId, commitUrl, pullRequestUrl, writer, filesSynced, filesDeleted, conflictsResolved } = record;
  const { filesPulled, filesRemoved, filesKept } = record;
  const { retryCount, interruptions, direction, runsFrom, progress, changeSeq } = record;
  const { createdAt, startedAt, completedAt, updatedAt, notBefore, waitingSince, holder, coalesced } = record;
  return {
    projectKey: projectKey(record),
    branchKey: branchKey(target),
    repositoryKey: repositoryKey(repository),
    userKey: userKey(userId),
    openAttemptsBranchKey: hasOpenAttempts ? branchKey(target) : null,
    ...{ userId, projectId, ...target, repositoryId: BigInt(target.repositoryId), repository, status },
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    ...{ commitId, commitUrl, pullRequestUrl, writer, filesSynced, filesDeleted, conflictsResolved },
    ...{ filesPulled, filesRemoved, filesKept },
    options: JSON.stringify(options),
    planHash: options.planHash,
    conflicts: JSON.stringify(conflicts),
    notes: JSON.stringify(notes),
    attempts: JSON.stringify(attempts),
    progress: progress === null ? null : JSON.stringify(progress),
    changeSeq: BigInt(changeSeq),
    ...{ retryCount, interruptions, direction, runsFrom, createdAt, startedAt, completedAt, updatedAt, notBefore },
    priority: PRIORITIES.indexOf(record.priority),
    ...{ waitingSince, holder, coalesced },
    leaseToken: BigInt(record.leaseToken),
    revision: randomUUID(),
  };
}

/** Decodes a record. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function syncRecordOf(row: SyncRecordRow): SyncRecord {
  return decodeSyncRecord({
    ...encodedEntry(row),
    options: parseStoredJson("sync record", row.options),
    conflicts: parseStoredJson("sync record", row.conflicts),
    notes: parseStoredJson("sync record", row.notes),
    attempts: parseStoredJson("sync record", row.attempts),
  });
}

/** Decodes a record in a history. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function syncHistoryEntryOf(row: ListedSyncRow): SyncHistoryEntry {
  return decodeSyncHistoryEntry({ ...encodedEntry(row), notes: parseStoredJson("sync record", row.notes) });
}

/** Decodes an unfinished record. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function unfinishedSyncOf({ createdAt, updatedAt, notBefore, ...row }: ListedSyncRow): UnfinishedSync {
  return decodeUnfinishedSync({
    ...row,
    target: encodedTarget(row),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    notBefore: notBefore?.toISOString() ?? null,
  });
}

/** Returns a deep copy of a record, equal to what a later read returns. */
export function copyOf(record: SyncRecord): SyncRecord {
  return decodeSyncRecord(structuredClone(encodeSyncRecord(record)));
}

/** Returns the key of a user. */
export function userKey(userId: string): string {
  return storeKey(userId);
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

function encodedEntry(row: ListedSyncRow): Readonly<Record<string, unknown>> {
  const { errorCode, errorMessage, createdAt, startedAt, completedAt, updatedAt, notBefore, waitingSince } = row;
  return {
    ...row,
    target: encodedTarget(row),
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" },
    progress: row.progress === null ? null : parseStoredJson("sync record", row.progress),
    changeSeq: Number(row.changeSeq),
    leaseToken: Number(row.leaseToken),
    priority: PRIORITIES[row.priority],
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
    notBefore: notBefore?.toISOString() ?? null,
    waitingSince: waitingSince?.toISOString() ?? null,
  };
}

function encodedTarget({
  apiUrl,
  repositoryId,
  branch,
  source,
  directory,
}: Pick<SyncRecordRow, "apiUrl" | "repositoryId" | "branch" | "source" | "directory">): object {
  return { apiUrl, repositoryId: Number(repositoryId), branch, source, directory };
}
