import type { ErrorCode } from "../errors.js";
import type { ConflictStrategy, SyncConflict } from "./conflict.js";
import type { ObjectId, SyncTarget } from "./repository.js";

/** Where a sync stands. */
export type SyncStatus = "pending" | "in_progress" | "completed" | "failed" | "cancelled";

/** How a change set reaches the branch. */
export type WriterName = "graphql" | "git-data" | "push";

/**
 * The legal steps of a sync. A failed or cancelled one goes back to `pending` on retry, and to `completed` when a commit
 * that seemed lost turns out to have landed; a running one goes back to `pending` when its host shuts down in order. A step
 * from an end to itself writes down what became of the record's attempts.
 */
export const SYNC_TRANSITIONS: Readonly<Record<SyncStatus, readonly SyncStatus[]>> = {
  pending: ["in_progress", "failed", "cancelled"],
  in_progress: ["completed", "failed", "cancelled", "pending"],
  completed: [],
  failed: ["pending", "completed", "failed"],
  cancelled: ["pending", "completed", "cancelled"],
};

/** Whether a sync in that state has ended. */
export function isFinished(status: SyncStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** One try to move a branch, stored before the branch can move. */
export interface SyncAttempt {
  /** 1 for the first try of a record, growing over its retries. */
  readonly number: number;
  /** Random: tells its commit from that of another host whose store gives the same ids. */
  readonly mark: string;
  readonly writer: WriterName;
  /** The branch that this try moves: the target's own, or the head branch of a pull request. */
  readonly branch: string;
  /** The head that the plan was made from; `null` when the branch or the repository was empty. */
  readonly expectedHead: ObjectId | null;
  /** Known beforehand by the writers that make the commit themselves; otherwise `null` until GitHub has answered. */
  readonly commitId: ObjectId | null;
  /** Files that it adds or updates, and that it deletes. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  /** `missing` once it can land no more: GitHub refused it, or the branch went on without it. Until then `unknown`. */
  readonly outcome: "unknown" | "landed" | "missing";
}

/** What the caller asked for; stored with the record so that any process can run it. */
export interface SyncOptions {
  readonly strategy: ConflictStrategy;
  /** Strategies for the paths that match a pattern (gitignore syntax); the last match counts. */
  readonly pathStrategies: readonly PathStrategy[];
  /** `null`: a message is made from the change set. */
  readonly message: string | null;
  /** Only these paths are looked at; `null` means all. */
  readonly filePaths: readonly string[] | null;
  /** Paths whose absence is meant: they are deleted also where this SDK had not put them. Part of `filePaths`. */
  readonly deletePaths: readonly string[];
  /** Whether ignore rules, the built-in ones and the project's own, are followed. */
  readonly applyIgnoreRules: boolean;
  readonly writer: WriterName | "auto";
  /** Allows a sync to delete more than half of the baseline, or everything. */
  readonly allowMassDeletion: boolean;
  /** Deletes from the repository what the project's ignore rules have come to cover. */
  readonly deleteIgnored: boolean;
  /** The sync runs only while its plan still has this hash. */
  readonly planHash: string | null;
}

/** A strategy for some paths. */
export interface PathStrategy {
  readonly pattern: string;
  readonly strategy: Exclude<ConflictStrategy, "pull_request">;
}

/** One sync, from the request to its end. */
export interface SyncRecord {
  /** Grows with every new record of a store. */
  readonly id: number;
  readonly userId: string;
  readonly projectId: string;
  readonly target: SyncTarget;
  /** `owner/name` as GitHub spelled it when the sync was asked for. */
  readonly repository: string;
  readonly options: SyncOptions;
  readonly status: SyncStatus;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  /** The commit that was written, or the branch's head when there was nothing to write. */
  readonly commitId: ObjectId | null;
  readonly commitUrl: string | null;
  readonly pullRequestUrl: string | null;
  readonly writer: WriterName | null;
  /** Files added or updated. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  readonly conflictsResolved: number;
  readonly conflicts: readonly SyncConflict[];
  /** Things worth knowing that are no error, such as a commit that had to be made to begin an empty repository. */
  readonly notes: readonly string[];
  readonly retryCount: number;
  readonly attempts: readonly SyncAttempt[];
  /** The fencing token of the lease under which the record was last written; 0 before it ran. */
  readonly leaseToken: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly updatedAt: Date;
}

/** What a new record is made from; everything else begins empty. */
export type SyncRecordDraft = Pick<
  SyncRecord,
  "userId" | "projectId" | "target" | "repository" | "options" | "createdAt"
>;

/** The fields that a running sync may write. */
export type SyncRecordChange = Partial<
  Omit<SyncRecord, "id" | "userId" | "projectId" | "target" | "options" | "status" | "leaseToken" | "createdAt">
>;

/** Sums over all syncs of one user. */
export interface SyncMetrics {
  readonly totalSyncs: number;
  readonly successfulSyncs: number;
  readonly failedSyncs: number;
  readonly totalFilesSynced: number;
  readonly totalConflictsResolved: number;
  /** Seconds from start to end over completed syncs; `null` when there is none. */
  readonly averageSyncDuration: number | null;
  readonly lastSyncAt: Date | null;
  /** How many repositories the user has synced to. */
  readonly connectedRepositories: number;
}

/** A record as a store first holds it. */
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
