import type { SyncRecord } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { SyncProgress } from "../events.js";
import type { ChangeCursor } from "./change-cursor.js";

/** A command of a client. */
export type RealtimeCommand =
  /** `after` is the cursor of the last message that the client received about the project. */
  | { readonly action: "subscribe"; readonly projectId: string; readonly after?: string }
  | { readonly action: "unsubscribe"; readonly projectId: string }
  | { readonly action: "heartbeat" };

/** A message about a project. A client that reconnects with its `cursor` receives every end after it. */
export type ProjectMessage = { readonly cursor: ChangeCursor } & (
  | { readonly type: "subscribed" | "unsubscribed" | "resync"; readonly projectId: string }
  | { readonly type: "progress"; readonly progress: SyncProgress }
  /** The record's `status` is the result of the sync. */
  | { readonly type: "ended"; readonly record: SyncRecord }
);

/** A message to a client. */
export type RealtimeMessage =
  | ProjectMessage
  | { readonly type: "heartbeat" }
  | { readonly type: "error"; readonly code: ErrorCode; readonly detail: string };

/** Returns the project of a message; `null` for a message that is not about a project. */
export function projectOf(message: RealtimeMessage): string | null {
  if (message.type === "progress") return message.progress.projectId;
  if (message.type === "ended") return message.record.projectId;
  return message.type === "heartbeat" || message.type === "error" ? null : message.projectId;
}
