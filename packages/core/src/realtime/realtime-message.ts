import type { SyncRecord } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { SyncProgress } from "../events.js";

/** A command of a client. */
export type RealtimeCommand =
  | { readonly action: "subscribe" | "unsubscribe"; readonly projectId: string }
  | { readonly action: "heartbeat" };

/** A message to a client. */
export type RealtimeMessage =
  | { readonly type: "subscribed" | "unsubscribed"; readonly projectId: string }
  | { readonly type: "progress"; readonly progress: SyncProgress }
  /** The record's `status` is the result of the sync. */
  | { readonly type: "ended"; readonly record: SyncRecord }
  | { readonly type: "heartbeat" }
  | { readonly type: "error"; readonly code: ErrorCode; readonly detail: string };

/** Returns the project of a message about a sync; `null` for other messages. */
export function projectOf(message: RealtimeMessage): string | null {
  if (message.type === "progress") return message.progress.projectId;
  return message.type === "ended" ? message.record.projectId : null;
}
