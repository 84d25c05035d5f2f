import * as z from "zod";
import { isFinished, type SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { RepositoryChangedEvent } from "../events.js";
import { cursorText } from "../realtime/change-cursor.js";
import type { RealtimeMessage } from "../realtime/realtime-message.js";
import { syncStatusUpdateSchema, toProgressResponse } from "./sync-progress-wire.js";
import { syncResponseSchema, toSyncResponse } from "./sync-wire.js";
import { countSchema, fullNameSchema, named, timeSchema, toWireTime } from "./wire-value.js";

const projectFields = { cursor: z.string().describe("Sent back as `after` to resume"), timestamp: timeSchema };
const projectSchema = z.object({ project_id: z.string() });

/** The messages of a WebSocket, and the data of server-sent events. */
export const realtimeMessageSchema = named(
  "GitHubRealtimeMessage",
  z.discriminatedUnion("type", [
    z.object({
      type: z.enum(["subscription_confirmed", "subscription_removed", "resync_required"]),
      data: projectSchema,
      ...projectFields,
    }),
    z.object({ type: z.literal("github_sync_progress"), data: syncStatusUpdateSchema, ...projectFields }),
    z.object({
      type: z.enum(["github_sync_completed", "github_sync_failed", "github_sync_cancelled"]),
      data: z.intersection(syncResponseSchema, projectSchema),
      ...projectFields,
    }),
    z.object({
      type: z.literal("github_project_changed"),
      data: projectSchema.extend({ sync_id: z.string(), files_pulled: countSchema, files_removed: countSchema }),
      ...projectFields,
    }),
    z.object({
      type: z.literal("github_repository_changed"),
      data: projectSchema.extend({ repository_full_name: fullNameSchema, branch: z.string(), commit_sha: z.string() }),
      ...projectFields,
    }),
    z.object({ type: z.literal("heartbeat"), data: z.object({}), timestamp: timeSchema }),
    z.object({
      type: z.literal("error"),
      data: z.object({ code: z.string(), detail: z.string() }),
      timestamp: timeSchema,
    }),
  ]),
);

/** A message to a client on the wire. */
export type GitHubRealtimeMessage = z.infer<typeof realtimeMessageSchema>;

/** Converts a message. @param now Epoch milliseconds. */
export function toWireMessage(message: RealtimeMessage, now: number): GitHubRealtimeMessage {
  const timestamp = toWireTime(new Date(now));
  switch (message.type) {
    case "heartbeat":
      return { type: "heartbeat", data: {}, timestamp };
    case "error":
      return { type: "error", data: { code: message.code, detail: message.detail }, timestamp };
  }
  const fields = { cursor: cursorText(message.cursor), timestamp };
  switch (message.type) {
    case "progress":
      return { type: "github_sync_progress", data: toProgressResponse(message.progress), ...fields };
    case "ended":
      return { ...typeAndEnd(message.record), ...fields };
    case "project_changed":
      return { type: "github_project_changed", data: projectChange(message.record), ...fields };
    case "repository_changed":
      return { type: "github_repository_changed", data: repositoryChange(message.change), ...fields };
    default:
      return { type: SUBSCRIPTION_TYPES[message.type], data: { project_id: message.projectId }, ...fields };
  }
}

const SUBSCRIPTION_TYPES = {
  subscribed: "subscription_confirmed",
  unsubscribed: "subscription_removed",
  resync: "resync_required",
} as const;

function typeAndEnd(record: SyncRecord) {
  const { id, status, projectId } = record;
  if (!isFinished(status)) throw new GitHubSdkError("internal_error", `The sync ${id} has not ended.`);
  return { type: `github_sync_${status}`, data: { ...toSyncResponse(record), project_id: projectId } } as const;
}

function projectChange({ id, projectId, filesPulled, filesRemoved }: SyncRecord) {
  return { project_id: projectId, sync_id: String(id), files_pulled: filesPulled, files_removed: filesRemoved };
}

function repositoryChange({ projectId, repository, branch, head }: RepositoryChangedEvent) {
  return { project_id: projectId, repository_full_name: repository, branch, commit_sha: head };
}
