import * as z from "zod";
import type { SyncHistoryEntry } from "../domain/sync-record.js";
import { countSchema } from "./wire-value.js";

export const errorCodeSchema = z.string().nullable().describe("Stable, machine-readable error code");

export const writerSchema = z.enum(["graphql", "git-data", "push"]);

export const directionSchema = z.enum(["push", "pull", "two_way"]);

/** The fields that `GitHubSyncResponse` and `GitHubSyncRecord` have in common. */
export const syncDetailFields = {
  error_code: errorCodeSchema,
  direction: directionSchema,
  files_pulled: countSchema.describe("Files that were written to the project"),
  files_removed: countSchema.describe("Files that were removed from the project"),
  files_kept: countSchema.describe("Versions of the project that were moved aside"),
  writer: writerSchema.nullable().describe("The commit writer"),
  plan_hash: z.string().nullable().describe("The hash of the plan that the sync was limited to"),
  notes: z.array(z.string()).describe("Notices for the user"),
};

/** Converts the fields of {@link syncDetailFields}. */
export function toSyncDetails(record: SyncHistoryEntry): SyncDetails {
  const { error, direction, writer, planHash, notes } = record;
  return {
    error_code: error?.code ?? null,
    direction,
    files_pulled: record.filesPulled,
    files_removed: record.filesRemoved,
    files_kept: record.filesKept,
    writer,
    plan_hash: planHash,
    notes: [...notes],
  };
}

type SyncDetails = z.infer<z.ZodObject<typeof syncDetailFields>>;
