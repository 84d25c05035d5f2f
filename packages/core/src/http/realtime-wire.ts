import { cursorText } from "../realtime/change-cursor.js";
import type { RealtimeMessage } from "../realtime/realtime-message.js";
import { toProgressResponse } from "./sync-progress-wire.js";
import { toSyncResponse } from "./sync-wire.js";
import { toWireTime } from "./wire-value.js";

/** A message to a client on the wire. */
export interface WireMessage {
  readonly type: string;
  readonly data: object;
  /** Only in messages about a project. */
  readonly cursor?: string;
  readonly timestamp: string;
}

/** Converts a message. @param now Epoch milliseconds. */
export function toWireMessage(message: RealtimeMessage, now: number): WireMessage {
  const cursor = "cursor" in message ? { cursor: cursorText(message.cursor) } : {};
  return { ...typeAndData(message), ...cursor, timestamp: toWireTime(new Date(now)) };
}

function typeAndData(message: RealtimeMessage): Pick<WireMessage, "type" | "data"> {
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
