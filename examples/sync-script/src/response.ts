import type { SyncConflict, SyncPlan, SyncRecord } from "@infrajet/github";
import type { Arguments } from "./arguments.js";

/** What a run cost. */
export interface Requests {
  /** Requests to GitHub. */
  readonly github: number;
  /** Files read from the project. */
  readonly source_reads: number;
}

/** What `--json` prints: the GitHubSyncResponse of the HTTP endpoints, and what the run cost. */
export interface SyncScriptResponse {
  /** Empty when there is no record: after a plan, and when the sync could not begin. */
  readonly sync_id: string;
  readonly status: SyncRecord["status"];
  readonly repository_full_name: string;
  readonly branch: string;
  readonly commit_sha: string | null;
  readonly commit_url: string | null;
  readonly files_synced: number;
  readonly files_deleted: number;
  readonly conflicts: readonly ConflictResponse[];
  readonly pull_request_url: string | null;
  readonly error_message: string | null;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly requests: Requests;
  readonly writer: string | null;
  readonly plan?: PlanResponse;
}

/** A path that changed on both sides. */
export interface ConflictResponse {
  readonly file_path: string;
  readonly has_conflict: boolean;
  readonly conflict_reason: string | null;
  readonly existing_sha: string | null;
  readonly existing_size: number;
  readonly resolution_strategy: string | null;
}

/** What a sync would do. */
export interface PlanResponse {
  readonly head: string | null;
  readonly strategy: string;
  readonly changes: readonly {
    readonly path: string;
    readonly action: "add" | "update" | "delete";
    readonly mode: string | null;
    readonly sha: string | null;
    readonly size: number;
    readonly merged: boolean;
  }[];
  readonly remote_changes: readonly { readonly path: string; readonly change: "updated" | "deleted" }[];
  readonly ignored: readonly string[];
  readonly ignored_in_repository: readonly string[];
  readonly writer: { readonly name: string; readonly reason: string } | null;
  readonly hash: string;
}

/** The response about a sync that has a record. */
export function recordResponse(record: SyncRecord, requests: Requests): SyncScriptResponse {
  return {
    sync_id: String(record.id),
    status: record.status,
    repository_full_name: record.repository,
    branch: record.target.branch,
    commit_sha: record.commitId,
    commit_url: record.commitUrl,
    files_synced: record.filesSynced,
    files_deleted: record.filesDeleted,
    conflicts: record.conflicts.map(conflictResponse),
    pull_request_url: record.pullRequestUrl,
    error_message: record.error?.message ?? null,
    created_at: record.createdAt.toISOString(),
    completed_at: record.completedAt?.toISOString() ?? null,
    requests,
    writer: record.writer,
  };
}

/** The response about a plan: nothing was written, so nothing has been synced yet. */
export function planResponse(plan: SyncPlan, requests: Requests): SyncScriptResponse {
  return {
    ...emptyResponse("pending", { repository: plan.repository, branch: plan.target.branch }, requests),
    commit_sha: plan.head,
    conflicts: plan.conflicts.map(conflictResponse),
    writer: plan.writer?.name ?? null,
    plan: {
      head: plan.head,
      strategy: plan.strategy,
      changes: plan.changes.map(({ oid, ...change }) => ({ ...change, sha: oid })),
      remote_changes: plan.remoteChanges,
      ignored: plan.ignored,
      ignored_in_repository: plan.ignoredInRepository,
      writer: plan.writer,
      hash: plan.hash,
    },
  };
}

/** The response about a sync that could not begin. */
export function failureResponse(
  status: "failed" | "cancelled",
  message: string,
  asked: Pick<Arguments, "repository" | "branch"> | null,
  requests: Requests,
): SyncScriptResponse {
  const response = emptyResponse(status, asked ?? { repository: "", branch: "" }, requests);
  return { ...response, error_message: message, completed_at: response.created_at };
}

function emptyResponse(
  status: SyncRecord["status"],
  { repository, branch }: Pick<Arguments, "repository" | "branch">,
  requests: Requests,
): SyncScriptResponse {
  return {
    sync_id: "",
    status,
    repository_full_name: repository,
    branch,
    commit_sha: null,
    commit_url: null,
    files_synced: 0,
    files_deleted: 0,
    conflicts: [],
    pull_request_url: null,
    error_message: null,
    created_at: new Date().toISOString(),
    completed_at: null,
    requests,
    writer: null,
  };
}

function conflictResponse({ path, reason, resolution, remoteOid, remoteSize }: SyncConflict): ConflictResponse {
  return {
    file_path: path,
    has_conflict: true,
    conflict_reason: reason,
    existing_sha: remoteOid,
    existing_size: remoteSize ?? 0,
    resolution_strategy: resolution,
  };
}
