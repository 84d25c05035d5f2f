import * as z from "zod";
import type { SyncHistoryPage, SyncSummary } from "../adapters/sync-record-store.js";
import type { SyncHistoryEntry } from "../domain/sync-record.js";
import { toErrorText } from "./error-text.js";
import { syncDetailFields, toSyncDetails } from "./sync-details-wire.js";
import { syncStatusSchema } from "./sync-wire.js";
import {
  countSchema,
  fullNameSchema,
  named,
  timeSchema,
  toWireTime,
  toWireTimeOrNull,
  toWireUserId,
  userIdSchema,
} from "./wire-value.js";

const syncRecordSchema = named(
  "GitHubSyncRecord",
  z.object({
    id: z.int(),
    project_id: z.string(),
    user_id: userIdSchema,
    github_repository: fullNameSchema,
    last_sync_at: timeSchema.nullable(),
    sync_status: syncStatusSchema,
    last_commit_sha: z.string().nullable(),
    sync_errors: z.string().nullable(),
    created_at: timeSchema,
    updated_at: timeSchema,
    branch: z.string(),
    files_synced: countSchema,
    files_deleted: countSchema,
    conflicts_resolved: countSchema,
    retry_count: countSchema,
    duration_seconds: z.number().nullable(),
    ...syncDetailFields,
  }),
);

/** The shape of a page of a project's history. */
export const syncHistorySchema = named(
  "GitHubSyncHistory",
  z.object({
    project_id: z.string(),
    repository_full_name: z.string().describe("`owner/repo`; empty when the project was never synced"),
    sync_records: z.array(syncRecordSchema),
    total_syncs: countSchema,
    last_successful_sync: timeSchema.nullable(),
    current_status: syncStatusSchema,
    next_cursor: z.string().nullable(),
  }),
);

/** A sync in a history, as the endpoints return it. */
export type GitHubSyncRecord = z.infer<typeof syncRecordSchema>;
/** A page of a project's history, as the endpoints return it. */
export type GitHubSyncHistory = z.infer<typeof syncHistorySchema>;

/** Converts a page of a project's history to `GitHubSyncHistory`. */
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

function toRecordResponse(record: SyncHistoryEntry): GitHubSyncRecord {
  const { startedAt, completedAt } = record;
  return {
    id: record.id,
    project_id: record.projectId,
    user_id: toWireUserId(record.userId),
    github_repository: record.repository,
    last_sync_at: toWireTimeOrNull(completedAt),
    sync_status: record.status,
    last_commit_sha: record.commitId,
    sync_errors: record.error === null ? null : toErrorText(record.error),
    created_at: toWireTime(record.createdAt),
    updated_at: toWireTime(record.updatedAt),
    branch: record.target.branch,
    files_synced: record.filesSynced,
    files_deleted: record.filesDeleted,
    conflicts_resolved: record.conflictsResolved,
    retry_count: record.retryCount,
    duration_seconds:
      startedAt === null || completedAt === null ? null : (completedAt.getTime() - startedAt.getTime()) / 1000,
    ...toSyncDetails(record),
  };
}
