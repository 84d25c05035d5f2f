import { z } from "zod";
import type { SyncHistoryPage, SyncSummary } from "../adapters/sync-record-store.js";
import type { SyncConflict } from "../domain/conflict.js";
import { isFinished, type SyncMetrics, type SyncRecord } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import type { SyncPlan } from "../sync/plan/plan.js";
import { firstProgress } from "../sync/record/progress.js";
import { named, timeSchema, toWireTime, toWireTimeOrNull, toWireUserId, userIdSchema } from "./wire-value.js";

const count = z.int().nonnegative();
const objectId = z.string();
const fullName = z.string().describe("`owner/repo`");

const syncStatusSchema = named(
  "GitHubSyncStatus",
  z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
);

export const syncConflictSchema = named(
  "GitHubSyncConflict",
  z.object({
    file_path: z.string(),
    has_conflict: z.boolean(),
    conflict_reason: z.string().nullable(),
    existing_sha: objectId.nullable(),
    existing_size: count,
    resolution_strategy: z.enum(["merge", "keep_change", "ours", "theirs", "pull_request"]).nullable(),
  }),
);

export const syncResponseSchema = named(
  "GitHubSyncResponse",
  z.object({
    sync_id: z.string(),
    status: syncStatusSchema,
    repository_full_name: fullName,
    branch: z.string(),
    commit_sha: objectId.nullable(),
    commit_url: z.string().nullable(),
    files_synced: count,
    error_message: z.string().nullable(),
    created_at: timeSchema,
    completed_at: timeSchema.nullable(),
    conflicts: z.array(syncConflictSchema),
    files_deleted: count,
    pull_request_url: z.string().nullable(),
  }),
);

export const syncStatusUpdateSchema = named(
  "GitHubSyncStatusUpdate",
  z.object({
    sync_id: z.string(),
    status: syncStatusSchema,
    progress_percentage: z.number().min(0).max(100),
    current_file: z.string().nullable(),
    files_completed: count,
    total_files: count,
    error_message: z.string().nullable(),
    estimated_completion: timeSchema.nullable(),
    project_id: z.string(),
    repository_full_name: fullName,
    branch: z.string(),
    phase: z.enum(["waiting", "reading", "comparing", "writing", "finished"]),
  }),
);

export const syncRecordSchema = named(
  "GitHubSyncRecord",
  z.object({
    id: z.int(),
    project_id: z.string(),
    user_id: userIdSchema,
    github_repository: fullName,
    last_sync_at: timeSchema.nullable(),
    sync_status: syncStatusSchema,
    last_commit_sha: objectId.nullable(),
    sync_errors: z.string().nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
    branch: z.string(),
    files_synced: count,
    files_deleted: count,
    conflicts_resolved: count,
    retry_count: count,
    duration_seconds: z.number().nullable(),
  }),
);

export const syncHistorySchema = named(
  "GitHubSyncHistory",
  z.object({
    project_id: z.string(),
    repository_full_name: z.string().describe("`owner/repo`; empty when the project was never synced"),
    sync_records: z.array(syncRecordSchema),
    total_syncs: count,
    last_successful_sync: timeSchema.nullable(),
    current_status: syncStatusSchema,
    next_cursor: z.string().nullable(),
  }),
);

export const projectSyncStatusSchema = named(
  "GitHubProjectSyncStatus",
  z.union([
    z.object({
      project_id: z.string(),
      status: syncStatusSchema,
      repository: fullName,
      last_sync_at: timeSchema.nullable(),
      last_commit_sha: objectId.nullable(),
      total_syncs: count,
      last_successful_sync: timeSchema.nullable(),
      error_message: z.string().nullable(),
      progress: syncStatusUpdateSchema.nullable(),
    }),
    z.object({
      project_id: z.string(),
      status: z.literal("never_synced"),
      message: z.string(),
      repository: z.null(),
      last_sync_at: z.null(),
      last_commit_sha: z.null(),
      total_syncs: z.literal(0),
      last_successful_sync: z.null(),
      error_message: z.null(),
      progress: z.null(),
    }),
  ]),
);

export const conflictCheckSchema = named(
  "GitHubSyncConflictCheckResponse",
  z.object({
    project_id: z.string(),
    repository_full_name: fullName,
    branch: z.string(),
    conflicts: z.array(syncConflictSchema),
    total_conflicts: count,
    can_auto_resolve: z.boolean(),
    to_add: count,
    to_update: count,
    to_delete: count,
    remote_only_changes: count,
  }),
);

export const syncMetricsSchema = named(
  "GitHubSyncMetrics",
  z.object({
    user_id: userIdSchema,
    total_syncs: count,
    successful_syncs: count,
    failed_syncs: count,
    total_files_synced: count,
    total_conflicts_resolved: count,
    average_sync_duration: z.number().nullable().describe("Seconds"),
    last_sync_at: timeSchema.nullable(),
    connected_repositories: count,
  }),
);

/** A path that changed on both sides, on the wire. */
export type GitHubSyncConflict = z.infer<typeof syncConflictSchema>;
/** A sync, on the wire. */
export type GitHubSyncResponse = z.infer<typeof syncResponseSchema>;
/** How far a sync has come, on the wire. */
export type GitHubSyncStatusUpdate = z.infer<typeof syncStatusUpdateSchema>;
/** A sync in a history, on the wire. */
export type GitHubSyncRecord = z.infer<typeof syncRecordSchema>;
/** A page of a project's history, on the wire. */
export type GitHubSyncHistory = z.infer<typeof syncHistorySchema>;
/** A project at a glance, on the wire. */
export type GitHubProjectSyncStatus = z.infer<typeof projectSyncStatusSchema>;
/** What a sync would do, on the wire. */
export type GitHubSyncConflictCheckResponse = z.infer<typeof conflictCheckSchema>;
/** Sums over a user's syncs, on the wire. */
export type GitHubSyncMetrics = z.infer<typeof syncMetricsSchema>;

/** A conflict as `GitHubSyncConflict`. */
export function toConflictResponse({
  path,
  reason,
  resolution,
  remoteOid,
  remoteSize,
}: SyncConflict): GitHubSyncConflict {
  return {
    file_path: path,
    has_conflict: true,
    conflict_reason: reason,
    existing_sha: remoteOid,
    existing_size: remoteSize ?? 0,
    resolution_strategy: resolution,
  };
}

/** A record as `GitHubSyncResponse`. */
export function toSyncResponse(record: SyncRecord): GitHubSyncResponse {
  return {
    sync_id: String(record.id),
    status: record.status,
    repository_full_name: record.repository,
    branch: record.target.branch,
    commit_sha: record.commitId,
    commit_url: record.commitUrl,
    files_synced: record.filesSynced,
    error_message: record.error?.message ?? null,
    created_at: toWireTime(record.createdAt),
    completed_at: toWireTimeOrNull(record.completedAt),
    conflicts: record.conflicts.map(toConflictResponse),
    files_deleted: record.filesDeleted,
    pull_request_url: record.pullRequestUrl,
  };
}

const STATUS_OF_PHASE = {
  waiting: "pending",
  reading: "in_progress",
  comparing: "in_progress",
  writing: "in_progress",
  finished: "completed",
} as const satisfies Record<SyncProgress["phase"], SyncRecord["status"]>;

/** Progress as `GitHubSyncStatusUpdate`. */
export function toProgressResponse(progress: SyncProgress): GitHubSyncStatusUpdate {
  const { estimatedCompletion } = progress;
  return {
    sync_id: String(progress.syncId),
    status: STATUS_OF_PHASE[progress.phase],
    progress_percentage: progress.percentage,
    current_file: progress.currentFile,
    files_completed: progress.filesCompleted,
    total_files: progress.totalFiles,
    error_message: null,
    estimated_completion: estimatedCompletion === null ? null : toWireTime(new Date(estimatedCompletion)),
    project_id: progress.projectId,
    repository_full_name: progress.repository,
    branch: progress.branch,
    phase: progress.phase,
  };
}

/** A record as `GitHubSyncRecord`. */
function toRecordResponse(record: SyncRecord): GitHubSyncRecord {
  const { startedAt, completedAt } = record;
  return {
    id: record.id,
    project_id: record.projectId,
    user_id: toWireUserId(record.userId),
    github_repository: record.repository,
    last_sync_at: toWireTimeOrNull(completedAt),
    sync_status: record.status,
    last_commit_sha: record.commitId,
    sync_errors: record.error?.message ?? null,
    created_at: toWireTime(record.createdAt),
    updated_at: toWireTime(record.updatedAt),
    branch: record.target.branch,
    files_synced: record.filesSynced,
    files_deleted: record.filesDeleted,
    conflicts_resolved: record.conflictsResolved,
    retry_count: record.retryCount,
    duration_seconds:
      startedAt === null || completedAt === null ? null : (completedAt.getTime() - startedAt.getTime()) / 1000,
  };
}

/** A page of a project's history as `GitHubSyncHistory`. */
export function toHistoryResponse(
  projectId: string,
  { records, nextCursor }: SyncHistoryPage,
  { totalSyncs, latest, lastSuccessful }: SyncSummary,
): GitHubSyncHistory {
  return {
    project_id: projectId,
    repository_full_name: latest?.repository ?? "",
    sync_records: records.map(toRecordResponse),
    total_syncs: totalSyncs,
    last_successful_sync: toWireTimeOrNull(lastSuccessful?.completedAt ?? null),
    current_status: latest?.status ?? "pending",
    next_cursor: nextCursor,
  };
}

/**
 * A project's syncs at a glance as `GitHubProjectSyncStatus`.
 *
 * @param progress of the latest sync, as far as this process was told
 */
export function toProjectStatusResponse(
  projectId: string,
  { totalSyncs, latest, lastSuccessful }: SyncSummary,
  progress: SyncProgress | null,
): GitHubProjectSyncStatus {
  if (latest === null) return neverSynced(projectId);
  return {
    project_id: projectId,
    status: latest.status,
    repository: latest.repository,
    last_sync_at: toWireTimeOrNull(latest.completedAt ?? lastSuccessful?.completedAt ?? null),
    last_commit_sha: latest.commitId ?? lastSuccessful?.commitId ?? null,
    total_syncs: totalSyncs,
    last_successful_sync: toWireTimeOrNull(lastSuccessful?.completedAt ?? null),
    error_message: latest.error?.message ?? null,
    progress: isFinished(latest.status) ? null : toProgressResponse(progress ?? firstProgress(latest)),
  };
}

/** A plan as `GitHubSyncConflictCheckResponse`. */
export function toConflictCheckResponse(projectId: string, plan: SyncPlan): GitHubSyncConflictCheckResponse {
  const changes = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  return {
    project_id: projectId,
    repository_full_name: plan.repository,
    branch: plan.target.branch,
    conflicts: plan.conflicts.map(toConflictResponse),
    total_conflicts: plan.conflicts.length,
    can_auto_resolve: plan.conflicts.every((conflict) => conflict.resolved),
    to_add: changes("add"),
    to_update: changes("update"),
    to_delete: changes("delete"),
    remote_only_changes: plan.remoteChanges.length,
  };
}

/** Sums over a user's syncs as `GitHubSyncMetrics`. */
export function toMetricsResponse(userId: string, metrics: SyncMetrics): GitHubSyncMetrics {
  return {
    user_id: toWireUserId(userId),
    total_syncs: metrics.totalSyncs,
    successful_syncs: metrics.successfulSyncs,
    failed_syncs: metrics.failedSyncs,
    total_files_synced: metrics.totalFilesSynced,
    total_conflicts_resolved: metrics.totalConflictsResolved,
    average_sync_duration: metrics.averageSyncDuration,
    last_sync_at: toWireTimeOrNull(metrics.lastSyncAt),
    connected_repositories: metrics.connectedRepositories,
  };
}

function neverSynced(projectId: string): GitHubProjectSyncStatus {
  return {
    project_id: projectId,
    status: "never_synced",
    message: "This project was never synced.",
    repository: null,
    last_sync_at: null,
    last_commit_sha: null,
    total_syncs: 0,
    last_successful_sync: null,
    error_message: null,
    progress: null,
  };
}
