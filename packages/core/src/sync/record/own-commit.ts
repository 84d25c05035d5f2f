import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { CommitOrigin } from "../../domain/branch-move.js";
import type { ObjectId } from "../../domain/repository.js";
import { attemptInMessage } from "./attempts.js";

/** A commit as a push event describes it. */
export interface PushedCommit {
  readonly repositoryId: number;
  readonly commitId: ObjectId;
  readonly message: string;
}

/**
 * Returns the recorded sync that made the commit; `null` for a commit of another client, also for one that only copies a message,
 * such as a cherry-pick.
 */
export async function originOf(records: SyncRecordStore, commit: PushedCommit): Promise<CommitOrigin | null> {
  const named = attemptInMessage(commit.message);
  const record = named === null ? null : await records.find(named.syncId);
  if (named === null || record?.target.repositoryId !== commit.repositoryId) return null;
  const attempt = record.attempts.find(({ number, mark }) => number === named.number && mark === named.mark);
  if (attempt === undefined || (attempt.commitId !== null && attempt.commitId !== commit.commitId)) return null;
  return { target: record.target, direction: record.direction, parent: attempt.expectedHead };
}
