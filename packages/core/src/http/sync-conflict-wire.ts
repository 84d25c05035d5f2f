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
    base_sha: z.string().nullable().describe("The blob of the common base"),
    ours_sha: z.string().nullable().describe("The blob in the project; `existing_sha` is the one on the branch"),
    binary: z.boolean().describe("A version was read and is not text that can be merged"),
    resolution_strategy: z.enum(["merge", "keep_change", "ours", "theirs", "pull_request", "content"]).nullable(),
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
  localOid,
  baseOid,
  isBinary,
}: SyncConflict): GitHubSyncConflict {
  return {
    file_path: path,
    has_conflict: true,
    conflict_reason: reason,
    existing_sha: remoteOid,
    existing_size: remoteSize ?? 0,
    base_sha: baseOid,
    ours_sha: localOid,
    binary: isBinary,
    resolution_strategy: resolution,
  };
}
