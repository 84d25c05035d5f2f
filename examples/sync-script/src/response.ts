import type { SyncPlan } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { type GitHubSyncPlan, type GitHubSyncResponse, toPlanResponse, toSyncResponse } from "@infrajet/github/http";
import type { Arguments } from "./arguments.js";
import { toFlagText } from "./flag-text.js";

/** The cost of a run. */
export interface Requests {
  /** Requests to GitHub. */
  readonly github: number;
  /** Files read from the project. */
  readonly source_reads: number;
}

/** The output of `--json`: the GitHubSyncResponse of the HTTP endpoints, and the cost. `sync_id` is empty without a record. */
export interface SyncScriptResponse extends GitHubSyncResponse {
  readonly requests: Requests;
  /** With `--plan`: the GitHubSyncPlan of the HTTP endpoints. */
  readonly plan?: GitHubSyncPlan;
}

/** The response about a sync that has a record. */
export function recordResponse(record: SyncRecord, requests: Requests): SyncScriptResponse {
  const { error } = record;
  return { ...toSyncResponse(record), error_message: error === null ? null : toFlagText(error), requests };
}

/** The response about a plan: nothing was written, so nothing has been synced yet. */
export function planResponse(projectId: string, plan: SyncPlan, requests: Requests): SyncScriptResponse {
  const response = toPlanResponse(projectId, plan);
  return {
    ...emptyResponse("pending", { repository: plan.repository, branch: plan.target.branch }, requests),
    commit_sha: plan.head,
    direction: plan.direction,
    conflicts: response.conflicts,
    writer: response.writer,
    plan_hash: response.plan_hash,
    plan: response,
  };
}

/** The reason why a sync could not begin. */
export interface FailureReason {
  /** The code of an SDK error; `null` for any other error. */
  readonly code: string | null;
  readonly message: string;
}

/** The response about a sync that could not begin. */
export function failureResponse(
  status: "failed" | "cancelled",
  { code, message }: FailureReason,
  asked: Pick<Arguments, "repository" | "branch"> | null,
  requests: Requests,
): SyncScriptResponse {
  const response = emptyResponse(status, asked ?? { repository: "", branch: "" }, requests);
  return { ...response, error_message: message, error_code: code, completed_at: response.created_at };
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
    error_code: null,
    created_at: new Date().toISOString(),
    completed_at: null,
    direction: "push",
    files_pulled: 0,
    files_removed: 0,
    files_kept: 0,
    writer: null,
    plan_hash: null,
    notes: [],
    requests,
  };
}
