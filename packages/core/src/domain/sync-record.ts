import type { ErrorCode } from "../errors.js";
import type { CommitAuthor } from "./commit-author.js";
import type { ConflictStrategy, SyncConflict } from "./conflict.js";
import type { ProtectedBranchPolicy, PullRequestOptions } from "./pull-request-options.js";
import { branchKeyText, type ObjectId, type SyncTarget } from "./repository.js";
import type { RevertedSync } from "./reverted-sync.js";

/** The status of a sync. */
export type SyncStatus = "pending" | "in_progress" | "completed" | "failed" | "cancelled";

/** A way to write a change set to the branch. */
export type WriterName = "graphql" | "git-data" | "push";

/** The direction in which a sync carries changes: from the project to the branch, the reverse, or both. */
export type SyncDirection = "push" | "pull" | "two_way";

/** The priority of a sync: `interactive` while a person waits for it. Pending interactive syncs run before background ones. */
export type SyncPriority = "interactive" | "background";

/** The version of the record format that this process runs: 1 pushes, 2 has directions, 3 reverts. Newer processes run records with a greater `runsFrom`. */
export const SYNC_RECORD_VERSION = 3;

/** The default of `rateLimitDeadlineMs`: one day. */
export const RATE_LIMIT_DEADLINE_MS = 86_400_000;

/**
 * The legal transitions of a sync. A failed or cancelled sync becomes `pending` on retry, and `completed` when its commit turns
 * out to be on the branch. A running sync becomes `pending` when it is interrupted or has to wait. A transition from a final
 * status to itself stores the outcome of attempts, one from `pending` to itself a further request or a delay.
 */
export const SYNC_TRANSITIONS: Readonly<Record<SyncStatus, readonly SyncStatus[]>> = {
  pending: ["in_progress", "failed", "cancelled", "pending"],
  in_progress: ["completed", "failed", "cancelled", "pending"],
  completed: [],
  failed: ["pending", "completed", "failed"],
  cancelled: ["pending", "completed", "cancelled"],
};

/** True for a final status. */
export function isFinished(status: SyncStatus): status is Exclude<SyncStatus, "pending" | "in_progress"> {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** An attempt to update a branch. Stored before the branch is updated. */
export interface SyncAttempt {
  /** 1 for the first attempt of a record. Increases over its retries. */
  readonly number: number;
  /** A random text that distinguishes the commit from that of another host whose store assigns the same ids. */
  readonly mark: string;
  readonly writer: WriterName;
  /** The branch that the attempt updates: the target's, or the head branch of a pull request. */
  readonly branch: string;
  /** The head on which the plan is based; `null` when the branch did not exist. */
  readonly expectedHead: ObjectId | null;
  /** Known in advance by writers that create the commit themselves; otherwise `null` until GitHub has responded. */
  readonly commitId: ObjectId | null;
  /** The number of files that the attempt adds or updates, and deletes. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  /** `missing` when the commit can no longer reach the branch, because GitHub rejected it or the branch has moved on. Initially `unknown`. */
  readonly outcome: "unknown" | "landed" | "missing";
}

/** The options of a sync. Stored with the record, so that any process can run it. At most 1 MiB as JSON. */
export interface SyncOptions {
  readonly strategy: ConflictStrategy;
  /** Strategies by path or by pattern (gitignore syntax). The exact path applies, otherwise the last match. */
  readonly pathStrategies: readonly PathStrategy[];
  /** `null` generates a message from the change set. */
  readonly message: string | null;
  /** Syncs only these paths; `null` syncs all. */
  readonly filePaths: readonly string[] | null;
  /** Paths to delete even if this SDK did not create them. A subset of `filePaths`. */
  readonly deletePaths: readonly string[];
  /** Applies the built-in ignore rules and the project's. */
  readonly applyIgnoreRules: boolean;
  readonly writer: WriterName | "auto";
  /** Allows the sync to delete more than half of the baseline. */
  readonly allowMassDeletion: boolean;
  /** Allows the sync to delete all files when the project is empty. */
  readonly allowEmptyProject: boolean;
  /** Deletes files from the repository that the project's ignore rules now cover. */
  readonly deleteIgnored: boolean;
  /** Runs the sync only if its plan has this hash. */
  readonly planHash: string | null;
  /** The author of the commit; `null` for the account of the credential. */
  readonly author: CommitAuthor | null;
  /** Named in the commit message. */
  readonly coAuthors: readonly CommitAuthor[];
  /** Used when the sync opens a pull request. */
  readonly pullRequest: PullRequestOptions;
  readonly protectedBranch: ProtectedBranchPolicy;
  /** Unresolved conflicts end the sync without a write, or are skipped while all other paths are synced. */
  readonly onConflict: "stop" | "skip";
  /** Changes the project although the branch's history no longer contains the head of the last sync. */
  readonly allowRewrittenHistory: boolean;
  /** The longest time that the sync waits for rate limits of GitHub, from the first one on, in milliseconds. */
  readonly rateLimitDeadlineMs: number;
  /** Paths of files that may be sent to GitHub although they contain secrets. */
  readonly allowSecrets: readonly string[];
  /** The sync that this one takes back on the branch. Omitted by a sync of a project. */
  readonly reverts?: RevertedSync | undefined;
}

/** A strategy for the paths that match a pattern. */
export interface PathStrategy {
  readonly pattern: string;
  readonly strategy: Exclude<ConflictStrategy, "pull_request">;
}

/** The progress of a running sync, as it is stored with its record every few seconds. */
export interface StoredProgress {
  readonly phase: "waiting" | "reading" | "comparing" | "writing" | "pulling" | "finished";
  /** 0 to 100. */
  readonly percentage: number;
  readonly currentFile: string | null;
  readonly filesCompleted: number;
  readonly totalFiles: number;
  /** Epoch milliseconds; `null` while it cannot be estimated. */
  readonly estimatedCompletion: number | null;
}

/** The record of one sync, from the request to its end. */
export interface SyncRecord {
  /** Increases with every new record of a store. */
  readonly id: number;
  readonly userId: string;
  readonly projectId: string;
  readonly target: SyncTarget;
  /** `owner/name` with the case that GitHub reported when the sync was requested. */
  readonly repository: string;
  readonly options: SyncOptions;
  readonly status: SyncStatus;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  /** The commit that was written, or the branch's head when there was nothing to write; `null` before that. */
  readonly commitId: ObjectId | null;
  readonly commitUrl: string | null;
  readonly pullRequestUrl: string | null;
  readonly writer: WriterName | null;
  /** Files added to or updated on the branch. */
  readonly filesSynced: number;
  readonly filesDeleted: number;
  /** Files written to the project. */
  readonly filesPulled: number;
  /** Files removed from the project. */
  readonly filesRemoved: number;
  /** Versions of the project that were moved aside. */
  readonly filesKept: number;
  readonly conflictsResolved: number;
  /** At most 1 MiB as JSON; `notes` contains the number of conflicts that were dropped. */
  readonly conflicts: readonly SyncConflict[];
  /** Notes that are not errors, such as about an initial commit in an empty repository. At most 64 KiB as JSON. */
  readonly notes: readonly string[];
  readonly retryCount: number;
  /** The number of times that the sync was interrupted and became `pending` again. */
  readonly interruptions: number;
  readonly direction: SyncDirection;
  /** The lowest version of the record format that may run the record. See {@link SYNC_RECORD_VERSION}. */
  readonly runsFrom: number;
  readonly priority: SyncPriority;
  /**
   * The name of the lease of the process that has the files of the sync, which no other process can run; `null` for a sync that
   * every process can run.
   */
  readonly holder: string | null;
  /** The time before which a pending sync does not continue; `null` for no delay. */
  readonly notBefore: Date | null;
  /** The time since which the sync waits for a rate limit of GitHub; `null` for a sync that did not have to wait since its request or last retry. */
  readonly waitingSince: Date | null;
  /** The number of further requests that the record answers, because they asked for the same sync while it was pending. */
  readonly coalesced: number;
  readonly attempts: readonly SyncAttempt[];
  /** The last stored progress of the current run; `null` before it. At most a few seconds old while the sync runs. */
  readonly progress: StoredProgress | null;
  /**
   * The number of the last change of the record's status among all changes of its project: 1, 2, 3 … Each new record and each
   * transition takes the next number. 0 for a record that an earlier version wrote last.
   */
  readonly changeSeq: number;
  /** The fencing token of the lease with which the record was last written; 0 before its first run. */
  readonly leaseToken: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly updatedAt: Date;
}

/** A record in a history, without its long texts. */
export interface SyncHistoryEntry extends Omit<SyncRecord, "options" | "conflicts" | "attempts"> {
  /** The `planHash` of the record's options. */
  readonly planHash: string | null;
}

/** A pending or running record with the fields that are needed to find and order work. */
export type UnfinishedSync = Pick<
  SyncRecord,
  "id" | "userId" | "projectId" | "target" | "status" | "createdAt" | "updatedAt" | "notBefore" | "holder"
>;

/**
 * The fields of a new record. `direction` defaults to `push`, `runsFrom` to the lowest version that carries out the direction,
 * `priority` to `interactive`, `holder` to `null`, and `notBefore` to no delay.
 */
export type SyncRecordDraft = Pick<
  SyncRecord,
  "userId" | "projectId" | "target" | "repository" | "options" | "createdAt"
> &
  Partial<Pick<SyncRecord, "direction" | "runsFrom" | "priority" | "holder" | "notBefore">>;

/** The fields of a record that can change. */
export type SyncRecordChange = Partial<
  Omit<
    SyncRecord,
    | "id"
    | "userId"
    | "projectId"
    | "target"
    | "options"
    | "status"
    | "leaseToken"
    | "changeSeq"
    | "createdAt"
    | "direction"
    | "runsFrom"
    | "holder"
  >
>;

/** Sums over all syncs of a user. */
export interface SyncMetrics {
  readonly totalSyncs: number;
  readonly successfulSyncs: number;
  readonly failedSyncs: number;
  readonly totalFilesSynced: number;
  readonly totalConflictsResolved: number;
  /** The average duration of completed syncs in seconds; `null` without completed syncs. */
  readonly averageSyncDuration: number | null;
  readonly lastSyncAt: Date | null;
  /** The number of repositories with a completed sync. */
  readonly connectedRepositories: number;
}

/** Returns a new pending record. @param changeSeq the project's next number, which a store has to pass */
export function newSyncRecord(id: number, draft: SyncRecordDraft, changeSeq = 0): SyncRecord {
  const { userId, projectId, target, repository, options, createdAt, direction = "push", notBefore = null } = draft;
  const lowest = options.reverts !== undefined ? 3 : direction === "push" ? 1 : 2;
  const { runsFrom = lowest, priority = "interactive", holder = null } = draft;
  return {
    id,
    ...{ userId, projectId, target, repository, options, createdAt, direction, runsFrom, priority, holder },
    status: "pending",
    error: null,
    commitId: null,
    commitUrl: null,
    pullRequestUrl: null,
    writer: null,
    filesSynced: 0,
    filesDeleted: 0,
    filesPulled: 0,
    filesRemoved: 0,
    filesKept: 0,
    conflictsResolved: 0,
    conflicts: [],
    notes: [],
    retryCount: 0,
    interruptions: 0,
    notBefore,
    waitingSince: null,
    coalesced: 0,
    attempts: [],
    progress: null,
    changeSeq,
    leaseToken: 0,
    startedAt: null,
    completedAt: null,
    updatedAt: draft.createdAt,
  };
}

/** Returns a record's fields in a history. */
export function syncHistoryEntry(record: SyncRecord): SyncHistoryEntry {
  const { options, conflicts: _conflicts, attempts: _attempts, ...entry } = record;
  return { ...entry, planHash: options.planHash };
}

/** Returns the fields of a record in a list of unfinished syncs. */
export function unfinishedSync(record: SyncRecord): UnfinishedSync {
  const { id, userId, projectId, target, status, createdAt, updatedAt, notBefore, holder } = record;
  return { id, userId, projectId, target, status, createdAt, updatedAt, notBefore, holder };
}

/** Returns the first entry of each branch, in the order of the entries. */
export function latestOfBranches(newestFirst: readonly SyncHistoryEntry[]): SyncHistoryEntry[] {
  const latest = new Map<string, SyncHistoryEntry>();
  for (const entry of newestFirst) {
    const key = branchKeyText(entry.target);
    if (!latest.has(key)) latest.set(key, entry);
  }
  return [...latest.values()];
}
