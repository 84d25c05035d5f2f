import * as z from "zod";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import { toProgressResponse } from "../http/sync-progress-wire.js";
import { toSyncResponse } from "../http/sync-wire.js";
import { parseInput } from "../http/validation.js";
import { toWireTime } from "../http/wire-value.js";
import { cursorText } from "../realtime/change-cursor.js";
import type { RealtimeCommand, RealtimeMessage } from "../realtime/realtime-message.js";

const actions = { subscribe_project: "subscribe", unsubscribe: "unsubscribe", heartbeat: "heartbeat" } as const;

const envelope = z.object({
  action: z.enum(["subscribe_project", "unsubscribe", "heartbeat"]),
  data: z.unknown().optional(),
});
const projectCommand = z.object({ data: z.object({ project_id: z.string(), after: z.string().optional() }) });

/** Parses a client's message. @throws GitHubSdkError `malformed_request`; `validation_failed` that names the field */
export function parseCommand(text: string): RealtimeCommand {
  const message = parseObject(text);
  const action = actions[parseInput(envelope, message).action];
  if (action === "heartbeat") return { action };
  const { project_id: projectId, after } = parseInput(projectCommand, message).data;
  return action === "subscribe" ? { action, projectId, ...defined({ after }) } : { action, projectId };
}

/** Converts a message to its JSON text. @param now Epoch milliseconds. */
export function toMessageText(message: RealtimeMessage, now: number): string {
  const cursor = "cursor" in message ? { cursor: cursorText(message.cursor) } : {};
  return JSON.stringify({ ...typeAndData(message), ...cursor, timestamp: toWireTime(new Date(now)) });
}

function parseObject(text: string): object {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === "object" && message !== null) return message;
  } catch {
    // Reported below.
  }
  throw new GitHubSdkError("malformed_request", 'The message is not a JSON object such as {"action": "heartbeat"}.');
}

function typeAndData(message: RealtimeMessage): { readonly type: string; readonly data: object } {
  switch (message.type) {
    case "subscribed":
      return { type: "subscription_confirmed", data: { project_id: message.projectId } };
    case "unsubscribed":
      return { type: "subscription_removed", data: { project_id: message.projectId } };
    case "resync":
      return { type: "resync_required", data: { project_id: message.projectId } };
    case "progress":
      return { type: "github_sync_progress", data: toProgressResponse(message.progress) };
    case "ended":
      return {
        type: `github_sync_${message.record.status}`,
        data: { ...toSyncResponse(message.record), project_id: message.record.projectId },
      };
    case "heartbeat":
      return { type: "heartbeat", data: {} };
    case "error":
      return { type: "error", data: { code: message.code, detail: message.detail } };
  }
}
