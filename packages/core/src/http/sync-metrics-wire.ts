import * as z from "zod";
import type { SyncMetrics } from "../domain/sync-record.js";
import { countSchema, named, timeSchema, toWireTimeOrNull, toWireUserId, userIdSchema } from "./wire-value.js";

/** The shape of the sums over a user's syncs. */
export const syncMetricsSchema = named(
  "GitHubSyncMetrics",
  z.object({
    user_id: userIdSchema,
    total_syncs: countSchema,
    successful_syncs: countSchema,
    failed_syncs: countSchema,
    total_files_synced: countSchema,
    total_conflicts_resolved: countSchema,
    average_sync_duration: z.number().nullable().describe("Seconds"),
    last_sync_at: timeSchema.nullable(),
    connected_repositories: countSchema,
  }),
);

/** Totals over a user's syncs, as the endpoints return them. */
export type GitHubSyncMetrics = z.infer<typeof syncMetricsSchema>;

/** Converts totals over a user's syncs to `GitHubSyncMetrics`. */
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
