import * as z from "zod";
import type { SyncSummary } from "../adapters/sync-record-store.js";
import { isFinished } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import { recordedProgress } from "../sync/record/progress.js";
import { toErrorText } from "./error-text.js";
import { errorCodeSchema } from "./sync-details-wire.js";
import { syncStatusUpdateSchema, toProgressResponse } from "./sync-progress-wire.js";
import { syncStatusSchema } from "./sync-wire.js";
import { countSchema, fullNameSchema, named, timeSchema, toWireTimeOrNull } from "./wire-value.js";

/** The shape of a project's sync status. */
export const projectSyncStatusSchema = named(
  "GitHubProjectSyncStatus",
  z.union([
    z.object({
      project_id: z.string(),
      status: syncStatusSchema,
      repository: fullNameSchema,
      last_sync_at: timeSchema.nullable(),
      last_commit_sha: z.string().nullable(),
      total_syncs: countSchema,
      last_successful_sync: timeSchema.nullable(),
      error_message: z.string().nullable(),
      error_code: errorCodeSchema,
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
      error_code: z.null(),
      progress: z.null(),
    }),
  ]),
);

/** A project's sync status, as the endpoints return it. */
export type GitHubProjectSyncStatus = z.infer<typeof projectSyncStatusSchema>;

/**
 * Converts the summary of a project's syncs to `GitHubProjectSyncStatus`.
 *
 * @param progress The latest sync's progress that this process knows; `null` when it knows none.
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
    error_message: latest.error === null ? null : toErrorText(latest.error),
    error_code: latest.error?.code ?? null,
    progress: isFinished(latest.status) ? null : toProgressResponse(progress ?? recordedProgress(latest)),
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
    error_code: null,
    progress: null,
  };
}
