import * as z from "zod";
import type { SyncPlan } from "../sync/plan/plan.js";
import { syncConflictSchema, toConflictResponse } from "./sync-conflict-wire.js";
import { countSchema, fullNameSchema, named } from "./wire-value.js";

/** The shape of a conflict check. */
export const conflictCheckSchema = named(
  "GitHubSyncConflictCheckResponse",
  z.object({
    project_id: z.string(),
    repository_full_name: fullNameSchema,
    branch: z.string(),
    conflicts: z.array(syncConflictSchema),
    total_conflicts: countSchema,
    can_auto_resolve: z.boolean(),
    to_add: countSchema,
    to_update: countSchema,
    to_delete: countSchema,
    remote_only_changes: countSchema,
    to_pull: countSchema.describe("Files that a sync with the direction `two_way` would write to the project"),
    to_remove: countSchema.describe("Files that a sync with the direction `two_way` would remove from the project"),
  }),
);

/** The changes and conflicts of a planned sync, as the endpoints return them. */
export type GitHubSyncConflictCheckResponse = z.infer<typeof conflictCheckSchema>;

/**
 * Converts a plan to `GitHubSyncConflictCheckResponse`.
 *
 * @param twoWay the plan in both directions; `null` where the project cannot be changed
 */
export function toConflictCheckResponse(
  projectId: string,
  plan: SyncPlan,
  twoWay: SyncPlan | null,
): GitHubSyncConflictCheckResponse {
  const changes = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  const arrivals = twoWay?.projectChanges ?? [];
  const removals = arrivals.filter(({ action }) => action === "delete").length;
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
    to_pull: arrivals.length - removals,
    to_remove: removals,
  };
}
