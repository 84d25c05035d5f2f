import * as z from "zod";
import type { SyncConflict } from "../domain/conflict.js";
import { countSchema, named } from "./wire-value.js";

/** The shape of a conflict. */
export const syncConflictSchema = named(
  "GitHubSyncConflict",
  z.object({
    file_path: z.string(),
    has_conflict: z.boolean(),
    conflict_reason: z.string().nullable(),
    existing_sha: z.string().nullable(),
    existing_size: countSchema,
    resolution_strategy: z.enum(["merge", "keep_change", "ours", "theirs", "pull_request"]).nullable(),
  }),
);

/** A path that changed on both sides, as the endpoints return it. */
export type GitHubSyncConflict = z.infer<typeof syncConflictSchema>;

/** Converts a conflict to `GitHubSyncConflict`. */
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
