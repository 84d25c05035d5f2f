import * as z from "zod";
import type { PlannedChange, SyncPlan } from "../sync/plan/plan.js";
import { syncConflictSchema, toConflictResponse } from "./sync-conflict-wire.js";
import { directionSchema, writerSchema } from "./sync-details-wire.js";
import { countSchema, fullNameSchema, named } from "./wire-value.js";

const plannedChangeSchema = named(
  "GitHubPlannedChange",
  z.object({
    file_path: z.string(),
    action: z.enum(["add", "update", "delete"]),
    size: countSchema.describe("Bytes; 0 for a deletion"),
    merged: z.boolean().describe("The content is a three-way merge of both sides"),
  }),
);

/** The shape of a plan. */
export const syncPlanSchema = named(
  "GitHubSyncPlan",
  z.object({
    project_id: z.string(),
    repository_full_name: fullNameSchema,
    branch: z.string(),
    direction: directionSchema,
    plan_hash: z.string().describe("Differs when either side changes. Send it with a sync to run exactly this plan"),
    writer: writerSchema
      .nullable()
      .describe("The commit writer; `null` with nothing to write or with unresolved conflicts"),
    changes: z.array(plannedChangeSchema).describe("Changes of the branch"),
    project_changes: z.array(plannedChangeSchema).describe("Changes of the project"),
    conflicts: z.array(syncConflictSchema),
    remote_only_changes: z
      .array(z.object({ file_path: z.string(), change: z.enum(["added", "updated", "deleted"]) }))
      .describe("Changes on the branch of paths that the project has or had. The branch keeps its version"),
    ignored: z.array(z.string()).describe("Entries that ignore rules exclude; directories end in `/`"),
    secrets: z
      .array(z.object({ file_path: z.string(), rule: z.string(), line: z.int() }))
      .describe("Secrets in files that the commit adds or updates, except in those of `allow_secrets`"),
  }),
);

/** The effects of a sync before it runs, as the endpoints return them. */
export type GitHubSyncPlan = z.infer<typeof syncPlanSchema>;

/** Converts a plan to `GitHubSyncPlan`. */
export function toPlanResponse(projectId: string, plan: SyncPlan): GitHubSyncPlan {
  return {
    project_id: projectId,
    repository_full_name: plan.repository,
    branch: plan.target.branch,
    direction: plan.direction,
    plan_hash: plan.hash,
    writer: plan.writer?.name ?? null,
    changes: plan.changes.map(toChangeResponse),
    project_changes: plan.projectChanges.map(toChangeResponse),
    conflicts: plan.conflicts.map(toConflictResponse),
    remote_only_changes: plan.remoteChanges.map(({ path, change }) => ({ file_path: path, change })),
    ignored: [...plan.ignored],
    secrets: plan.secrets.map(({ path, rule, line }) => ({ file_path: path, rule, line })),
  };
}

function toChangeResponse({ path, action, size, merged }: PlannedChange): z.infer<typeof plannedChangeSchema> {
  return { file_path: path, action, size, merged };
}
