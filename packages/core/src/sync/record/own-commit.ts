import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { ObjectId } from "../../domain/repository.js";
import { attemptInMessage } from "./attempts.js";

/** A commit as a push event describes it. */
export interface PushedCommit {
  readonly repositoryId: number;
  readonly commitId: ObjectId;
  readonly message: string;
}

/** True when a recorded sync made the commit. False for a commit that only copies its message, such as a cherry-pick. */
export async function isOwnCommit(records: SyncRecordStore, commit: PushedCommit): Promise<boolean> {
  const named = attemptInMessage(commit.message);
  const record = named === null ? null : await records.find(named.syncId);
  if (named === null || record?.target.repositoryId !== commit.repositoryId) return false;
  const attempt = record.attempts.find(({ number, mark }) => number === named.number && mark === named.mark);
  return attempt !== undefined && (attempt.commitId === null || attempt.commitId === commit.commitId);
}
