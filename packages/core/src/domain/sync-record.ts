import type { ErrorCode } from "../errors.js";
import type { ConflictStrategy, SyncConflict } from "./conflict.js";
import type { ObjectId, SyncTarget } from "./repository.js";

/** The status of a sync. */
export type SyncStatus = "pending" | "in_progress" | "completed" | "failed" | "cancelled";

/** The way in which a commit is written to the branch. */
export type WriterName = "graphql" | "git-data" | "push";

/**
 * The allowed transitions of a sync. A failed or cancelled sync returns to `pending` on retry, and becomes `completed` when
 * its commit is found on the branch later. A running sync returns to `pending` when its host shuts down. A transition from
 * a final status to itself stores the outcomes of the record's attempts.
 */
export const SYNC_TRANSITIONS: Readonly<Record<SyncStatus, readonly SyncStatus[]>> = {
  pending: ["in_progress", "failed", "cancelled"],
  in_progress: ["completed", "failed", "cancelled", "pending"],
  completed: [],
  failed: ["pending", "completed", "failed"],
  cancelled: ["pending", "completed", "cancelled"],
};

/** Returns true when a sync with that status has ended. */
export function isFinished(status: SyncStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** One attempt to move a branch. It is stored before the request that moves the branch is sent. */
export interface SyncAttempt {
  /** 1 for the first attempt of a record. Increases over its retries. */
  readonly number: number;
  /** A random value in the commit message. It distinguishes hosts whose stores issue the same record IDs. */
  readonly mark: string;
  readonly writer: WriterName;
  /** The branch that the attempt moves: the target's branch, or the head branch of a pull request. */
  readonly branch: string;
  /** The head that the plan was made for; `null` when the branch did not exist or the repository was empty. */
  readonly expectedHead: ObjectId | null;
  /** Known in advance when the writer creates the commit itself; otherwise `null` until GitHub responds. */
  readonly commitId: ObjectId | null;
  /** The number of files that it adds or updates. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  /** `missing` when the commit can no longer land: GitHub rejected it, or the branch moved without it. `unknown` until then. */
  readonly outcome: "unknown" | "landed" | "missing";
}

/** The options of a sync, stored with the record so that any process can run it. */
export interface SyncOptions {
  readonly strategy: ConflictStrategy;
  /** Strategies for paths that match a pattern with the syntax of `.gitignore`. The last match counts. */
  readonly pathStrategies: readonly PathStrategy[];
  /** The commit message; `null` for a summary of the changes. */
  readonly message: string | null;
  /** The paths that the sync is limited to; `null` for all. */
  readonly filePaths: readonly string[] | null;
  /** Paths to delete even when this SDK did not write them. A subset of `filePaths`. */
  readonly deletePaths: readonly string[];
  /** Applies ignore rules: the built-in ones and the project's. */
  readonly applyIgnoreRules: boolean;
  readonly writer: WriterName | "auto";
  /** Allows the sync to delete more than half of the files, or all of them. */
  readonly allowMassDeletion: boolean;
  /** Deletes files from the repository that are ignored now and that earlier syncs wrote. */
  readonly deleteIgnored: boolean;
  /** The hash that the plan must have; the sync fails otherwise. `null` for any plan. */
  readonly planHash: string | null;
}

/** The strategy for paths that match a pattern. */
export interface PathStrategy {
  readonly pattern: string;
  readonly strategy: Exclude<ConflictStrategy, "pull_request">;
}

/** The record of one sync, from the request to its end. */
export interface SyncRecord {
  /** Increases with every new record of a store. */
  readonly id: number;
  readonly userId: string;
  readonly projectId: string;
  readonly target: SyncTarget;
  /** `owner/name`, as GitHub spelled it when the sync was requested. */
  readonly repository: string;
  readonly options: SyncOptions;
  readonly status: SyncStatus;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  /** The commit that was written, or the branch's head when there was nothing to write; `null` before that. */
  readonly commitId: ObjectId | null;
  readonly commitUrl: string | null;
  readonly pullRequestUrl: string | null;
  readonly writer: WriterName | null;
  /** Files added or updated. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  readonly conflictsResolved: number;
  readonly conflicts: readonly SyncConflict[];
  /** Notices for the user, such as an additional commit that initialized an empty repository. */
  readonly notes: readonly string[];
  readonly retryCount: number;
  readonly attempts: readonly SyncAttempt[];
  /** The fencing token of the lease of the last write; 0 before the sync first ran. */
  readonly leaseToken: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly updatedAt: Date;
}

/** The fields of a new record. All others start empty. */
export type SyncRecordDraft = Pick<
  SyncRecord,
  "userId" | "projectId" | "target" | "repository" | "options" | "createdAt"
>;

/** The fields that a running sync may write. */
export type SyncRecordChange = Partial<
  Omit<SyncRecord, "id" | "userId" | "projectId" | "target" | "options" | "status" | "leaseToken" | "createdAt">
>;

/** Totals over all syncs of one user. */
export interface SyncMetrics {
  readonly totalSyncs: number;
  readonly successfulSyncs: number;
  readonly failedSyncs: number;
  readonly totalFilesSynced: number;
  readonly totalConflictsResolved: number;
  /** Average duration of completed syncs in seconds; `null` when there are none. */
  readonly averageSyncDuration: number | null;
  readonly lastSyncAt: Date | null;
  /** The number of repositories that the user has synced to. */
  readonly connectedRepositories: number;
}

/** Returns a new record with the status `pending`. */
export function newSyncRecord(id: number, draft: SyncRecordDraft): SyncRecord {
  return {
    id,
    ...draft,
    status: "pending",
    error: null,
    commitId: null,
    commitUrl: null,
    pullRequestUrl: null,
    writer: null,
    filesSynced: 0,
    filesDeleted: 0,
    conflictsResolved: 0,
    conflicts: [],
    notes: [],
    retryCount: 0,
    attempts: [],
    leaseToken: 0,
    startedAt: null,
    completedAt: null,
    updatedAt: draft.createdAt,
  };
}
