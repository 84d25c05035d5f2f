import * as z from "zod";
import { branch, count, fullName, id, sha, text, time, userId } from "./response-fields.js";

// The documented responses. Each schema is strict: no field may be missing, and no undocumented field may be present.

/** Returns the expected form of a user id in a response. */
export function wireUserId(userId: string): string | number {
  const number = Number(userId);
  return Number.isSafeInteger(number) && String(number) === userId ? number : userId;
}

export const authSchema = z.strictObject({ authorization_url: z.url(), state: text.min(1) });

export const profileSchema = z.strictObject({
  id,
  login: text.min(1),
  email: text.nullable(),
  name: text.nullable(),
  avatar_url: z.url().nullable(),
  html_url: z.url().nullable(),
  company: text.nullable(),
  location: text.nullable(),
  bio: text.nullable(),
  public_repos: count.nullable(),
  followers: count.nullable(),
  following: count.nullable(),
  created_at: time.nullable(),
});

export const connectionStatusSchema = z.strictObject({
  connected: z.boolean(),
  username: text.nullable(),
  connected_at: time.nullable(),
  repositories_count: count.nullable(),
  permissions: z.array(text).nullable(),
  reauth_required: z.boolean().optional(),
  missing_permissions: z.array(text).optional(),
});

export const disconnectSchema = z.strictObject({
  success: z.literal(true),
  message: text.min(1),
  token_revoked: z.boolean(),
});

export const repositorySchema = z.strictObject({
  id,
  name: text.min(1),
  full_name: fullName,
  description: text.nullable(),
  private: z.boolean(),
  html_url: z.url(),
  clone_url: z.url(),
  ssh_url: text.min(1),
  default_branch: branch,
  permissions: z.record(text, z.boolean()).nullable(),
  owner: z.looseObject({ login: text.min(1), id }),
  created_at: time.nullable(),
  updated_at: time.nullable(),
  pushed_at: time.nullable(),
});

export const repositoryListSchema = z.strictObject({
  repositories: z.array(repositorySchema),
  total_count: count,
  page: z.int().min(1),
  per_page: z.int().min(1).max(100),
});

export const conflictSchema = z.strictObject({
  file_path: text.min(1),
  has_conflict: z.boolean(),
  conflict_reason: text.min(1).nullable(),
  existing_sha: sha.nullable(),
  existing_size: count,
  base_sha: sha.nullable(),
  ours_sha: sha.nullable(),
  binary: z.boolean(),
  resolution_strategy: z.enum(["merge", "keep_change", "ours", "theirs", "pull_request", "content"]).nullable(),
});

const syncStatus = z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]);
const errorCode = text.regex(/^[a-z_]+$/);
const direction = z.enum(["push", "pull", "two_way"]);
const writer = z.enum(["graphql", "git-data", "push"]);

const syncDetails = {
  error_code: errorCode.nullable(),
  direction,
  files_pulled: count,
  files_removed: count,
  files_kept: count,
  writer: writer.nullable(),
  plan_hash: text.min(1).nullable(),
  notes: z.array(text.min(1)),
};

export const syncSchema = z.strictObject({
  sync_id: text.regex(/^[1-9]\d*$/),
  status: syncStatus,
  repository_full_name: fullName,
  branch,
  commit_sha: sha.nullable(),
  commit_url: z.url().nullable(),
  files_synced: count,
  error_message: text.min(1).nullable(),
  created_at: time,
  completed_at: time.nullable(),
  conflicts: z.array(conflictSchema),
  files_deleted: count,
  pull_request_url: z.url().nullable(),
  ...syncDetails,
});

const syncRecordSchema = z.strictObject({
  id,
  project_id: text.min(1),
  user_id: userId,
  github_repository: fullName,
  last_sync_at: time.nullable(),
  sync_status: syncStatus,
  last_commit_sha: sha.nullable(),
  sync_errors: text.min(1).nullable(),
  created_at: time,
  updated_at: time,
  branch,
  files_synced: count,
  files_deleted: count,
  conflicts_resolved: count,
  retry_count: count,
  duration_seconds: z.number().nonnegative().nullable(),
  ...syncDetails,
});

export const historySchema = z.strictObject({
  project_id: text.min(1),
  repository_full_name: z.union([z.literal(""), fullName]),
  sync_records: z.array(syncRecordSchema),
  total_syncs: count,
  last_successful_sync: time.nullable(),
  current_status: syncStatus,
  next_cursor: text.min(1).nullable(),
});

export const progressSchema = z.strictObject({
  sync_id: text.regex(/^[1-9]\d*$/),
  status: syncStatus,
  progress_percentage: z.number().min(0).max(100),
  current_file: text.nullable(),
  files_completed: count,
  total_files: count,
  error_message: text.nullable(),
  estimated_completion: time.nullable(),
  project_id: text.min(1),
  repository_full_name: fullName,
  branch,
  phase: text.min(1),
});

export const projectStatusSchema = z.strictObject({
  project_id: text.min(1),
  status: syncStatus,
  repository: fullName,
  last_sync_at: time.nullable(),
  last_commit_sha: sha.nullable(),
  total_syncs: z.int().positive(),
  last_successful_sync: time.nullable(),
  error_message: text.min(1).nullable(),
  error_code: errorCode.nullable(),
  progress: progressSchema.nullable(),
});

export const neverSyncedSchema = z.strictObject({
  project_id: text.min(1),
  status: z.literal("never_synced"),
  message: text.min(1),
  repository: z.null(),
  last_sync_at: z.null(),
  last_commit_sha: z.null(),
  total_syncs: z.literal(0),
  last_successful_sync: z.null(),
  error_message: z.null(),
  error_code: z.null(),
  progress: z.null(),
});

export const conflictCheckSchema = z.strictObject({
  project_id: text.min(1),
  repository_full_name: fullName,
  branch,
  conflicts: z.array(conflictSchema),
  total_conflicts: count,
  can_auto_resolve: z.boolean(),
  to_add: count,
  to_update: count,
  to_delete: count,
  remote_only_changes: count,
  to_pull: count,
  to_remove: count,
});

export const conflictListSchema = z.strictObject({
  project_id: text.min(1),
  repository_full_name: fullName,
  branch,
  conflicts: z.array(conflictSchema),
});

export const conflictContentSchema = z.strictObject({
  file_path: text.min(1),
  side: z.enum(["base", "ours", "theirs"]),
  sha: sha.nullable(),
  size: count,
  encoding: z.enum(["utf-8", "base64"]),
  content: text.nullable(),
  truncated: z.boolean(),
});

export const resolvedSchema = z.strictObject({ resolved: z.literal(true), file_path: text.min(1) });

const plannedChange = z.strictObject({
  file_path: text.min(1),
  action: z.enum(["add", "update", "delete"]),
  size: count,
  merged: z.boolean(),
});

export const planSchema = z.strictObject({
  project_id: text.min(1),
  repository_full_name: fullName,
  branch,
  direction,
  plan_hash: text.min(1),
  writer: writer.nullable(),
  changes: z.array(plannedChange),
  project_changes: z.array(plannedChange),
  conflicts: z.array(conflictSchema),
  remote_only_changes: z.array(
    z.strictObject({ file_path: text.min(1), change: z.enum(["added", "updated", "deleted"]) }),
  ),
  ignored: z.array(text.min(1)),
  secrets: z.array(z.strictObject({ file_path: text.min(1), rule: text.min(1), line: z.int().positive() })),
});

export const metricsSchema = z.strictObject({
  user_id: userId,
  total_syncs: count,
  successful_syncs: count,
  failed_syncs: count,
  total_files_synced: count,
  total_conflicts_resolved: count,
  average_sync_duration: z.number().nonnegative().nullable(),
  last_sync_at: time.nullable(),
  connected_repositories: count,
});

export const branchListSchema = z.strictObject({
  branches: z.array(z.strictObject({ name: branch, commit_sha: sha, protected: z.boolean() })),
  page: z.int().min(1),
  per_page: z.int().min(1).max(100),
  has_more: z.boolean(),
});

const check = text.regex(/^[✓✗] \S/u, "has to begin with ✓ or ✗");

export const liveSchema = z.strictObject({ status: z.literal("ok") });

export const readySchema = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  checks: z.strictObject({ store: check, migrations: check, source: check, queue: check.optional() }),
});

export const doctorSchema = z.strictObject({
  status: z.enum(["ok", "warnings", "errors"]),
  findings: z.array(
    z.strictObject({
      check: z.string().regex(/^[a-z_]+$/),
      severity: z.enum(["error", "warning"]),
      cause: z.string().min(1),
      repair: z.string().min(1),
      url: z.string().nullable(),
    }),
  ),
});

export const healthSchema = z.strictObject({
  service: z.literal("GitHub App"),
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  checks: z.strictObject({ configuration: check, jwt_generation: check, api_connectivity: check }),
  errors: z.array(text),
});
