import * as z from "zod";
import type { SyncRecord } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import { syncStatusSchema } from "./sync-wire.js";
import { countSchema, fullNameSchema, named, timeSchema, toWireTime } from "./wire-value.js";

/** The shape of a sync's progress. */
export const syncStatusUpdateSchema = named(
  "GitHubSyncStatusUpdate",
  z.object({
    sync_id: z.string(),
    status: syncStatusSchema,
    progress_percentage: z.number().min(0).max(100),
    current_file: z.string().nullable(),
    files_completed: countSchema,
    total_files: countSchema,
    error_message: z.string().nullable(),
    estimated_completion: timeSchema.nullable(),
    project_id: z.string(),
    repository_full_name: fullNameSchema,
    branch: z.string(),
    phase: z.enum(["waiting", "reading", "comparing", "writing", "pulling", "finished"]),
  }),
);

/** The progress of a sync, as the endpoints and the WebSocket return it. */
export type GitHubSyncStatusUpdate = z.infer<typeof syncStatusUpdateSchema>;

const STATUS_OF_PHASE = {
  waiting: "pending",
  reading: "in_progress",
  comparing: "in_progress",
  writing: "in_progress",
  pulling: "in_progress",
  finished: "completed",
} as const satisfies Record<SyncProgress["phase"], SyncRecord["status"]>;

/** Converts progress to `GitHubSyncStatusUpdate`. */
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
