import type { SyncRecord } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { SyncProgress } from "../events.js";

/** What a client asks for. */
export type RealtimeCommand =
  | { readonly action: "subscribe" | "unsubscribe"; readonly projectId: string }
  | { readonly action: "heartbeat" };

/** What a client is told. */
export type RealtimeMessage =
  | { readonly type: "subscribed" | "unsubscribed"; readonly projectId: string }
  | { readonly type: "progress"; readonly progress: SyncProgress }
  /** The record's `status` tells how the sync ended. */
  | { readonly type: "ended"; readonly record: SyncRecord }
  | { readonly type: "heartbeat" }
  | { readonly type: "error"; readonly code: ErrorCode; readonly detail: string };

/** The project that a message is about, if it is about the syncs of one. */
export function projectOf(message: RealtimeMessage): string | null {
  if (message.type === "progress") return message.progress.projectId;
  return message.type === "ended" ? message.record.projectId : null;
}
