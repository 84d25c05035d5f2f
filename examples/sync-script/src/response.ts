import type { SyncPlan } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { type GitHubSyncResponse, toConflictResponse, toSyncResponse } from "@infrajet/github/http";
import type { Arguments } from "./arguments.js";

/** What a run cost. */
export interface Requests {
  /** Requests to GitHub. */
  readonly github: number;
  /** Files read from the project. */
  readonly source_reads: number;
}

/** What `--json` prints: the GitHubSyncResponse of the HTTP endpoints, and what the run cost. `sync_id` is empty when there is no record. */
export interface SyncScriptResponse extends GitHubSyncResponse {
  readonly requests: Requests;
  readonly writer: string | null;
  readonly plan?: PlanResponse;
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
  return { ...toSyncResponse(record), requests, writer: record.writer };
}

/** The response about a plan: nothing was written, so nothing has been synced yet. */
export function planResponse(plan: SyncPlan, requests: Requests): SyncScriptResponse {
  return {
    ...emptyResponse("pending", { repository: plan.repository, branch: plan.target.branch }, requests),
    commit_sha: plan.head,
    conflicts: plan.conflicts.map(toConflictResponse),
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
