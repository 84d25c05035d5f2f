import * as z from "zod";
import { type SyncRecord, syncHistoryEntry } from "../domain/sync-record.js";
import { toErrorText } from "./error-text.js";
import { syncConflictSchema, toConflictResponse } from "./sync-conflict-wire.js";
import { syncDetailFields, toSyncDetails } from "./sync-details-wire.js";
import { countSchema, fullNameSchema, named, timeSchema, toWireTime, toWireTimeOrNull } from "./wire-value.js";

/** The state of a sync. */
export const syncStatusSchema = named(
  "GitHubSyncStatus",
  z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
);

/** The shape of a sync. */
export const syncResponseSchema = named(
  "GitHubSyncResponse",
  z.object({
    sync_id: z.string(),
    status: syncStatusSchema,
    repository_full_name: fullNameSchema,
    branch: z.string(),
    commit_sha: z.string().nullable(),
    commit_url: z.string().nullable(),
    files_synced: countSchema,
    error_message: z.string().nullable(),
    created_at: timeSchema,
    completed_at: timeSchema.nullable(),
    conflicts: z.array(syncConflictSchema),
    files_deleted: countSchema,
    pull_request_url: z.string().nullable(),
    ...syncDetailFields,
  }),
);

/** A sync, as the endpoints return it. */
export type GitHubSyncResponse = z.infer<typeof syncResponseSchema>;

/** Converts a record to `GitHubSyncResponse`. */
export function toSyncResponse(record: SyncRecord): GitHubSyncResponse {
  return {
    sync_id: String(record.id),
    status: record.status,
    repository_full_name: record.repository,
    branch: record.target.branch,
    commit_sha: record.commitId,
    commit_url: record.commitUrl,
    files_synced: record.filesSynced,
    error_message: record.error === null ? null : toErrorText(record.error),
    created_at: toWireTime(record.createdAt),
    completed_at: toWireTimeOrNull(record.completedAt),
    conflicts: record.conflicts.map(toConflictResponse),
    files_deleted: record.filesDeleted,
    pull_request_url: record.pullRequestUrl,
    ...toSyncDetails(syncHistoryEntry(record)),
  };
}
