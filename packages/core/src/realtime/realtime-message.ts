import type { SyncRecord } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { RepositoryChangedEvent, SyncProgress } from "../events.js";
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
  /** A sync that ended has changed files of the project. Its end follows. */
  | { readonly type: "project_changed"; readonly record: SyncRecord }
  /** A branch that the project is linked to was moved by another than the project's own syncs. */
  | { readonly type: "repository_changed"; readonly change: RepositoryChangedEvent }
);

/** A message to a client. */
export type RealtimeMessage =
  | ProjectMessage
  | { readonly type: "heartbeat" }
  | { readonly type: "error"; readonly code: ErrorCode; readonly detail: string };

/** Returns the project of a message; `null` for a message that is not about a project. */
export function projectOf(message: RealtimeMessage): string | null {
  if (message.type === "progress") return message.progress.projectId;
  if (message.type === "ended" || message.type === "project_changed") return message.record.projectId;
  if (message.type === "repository_changed") return message.change.projectId;
  return message.type === "heartbeat" || message.type === "error" ? null : message.projectId;
}

/**
 * Returns the messages to send in place of one: before the end of a sync that changed the project comes the change, with the cursor
 * before the end. A client that missed the end receives both again.
 */
export function withProjectChange(message: RealtimeMessage): readonly RealtimeMessage[] {
  if (message.type !== "ended" || message.record.filesPulled + message.record.filesRemoved === 0) return [message];
  const { record, cursor } = message;
  return [{ type: "project_changed", record, cursor: { ...cursor, seq: cursor.seq - 1 } }, message];
}
