import { GitHubSdkError } from "../errors.js";
import type { SyncOptions, SyncRecordChange } from "./sync-record.js";

/** The maximum size of a record's options as JSON, in bytes of UTF-8. */
export const MAX_OPTIONS_BYTES = 1024 * 1024;

const MAX_CONFLICTS_BYTES = 1024 * 1024;
const MAX_NOTES_BYTES = 64 * 1024;
const MAX_MESSAGE_LENGTH = 8 * 1024;

/** Checks the size of a sync's options. @throws GitHubSdkError `input_too_large` when they exceed {@link MAX_OPTIONS_BYTES} */
export function assertOptionsSize(options: SyncOptions): void {
  const bytes = jsonBytes(options);
  if (bytes <= MAX_OPTIONS_BYTES) return;
  throw new GitHubSdkError(
    "input_too_large",
    `The options of the sync have ${bytes} bytes as JSON. The maximum is ${MAX_OPTIONS_BYTES}. Pass fewer paths, or a shorter message.`,
    { details: { bytes, maxBytes: MAX_OPTIONS_BYTES } },
  );
}

/**
 * Bounds the texts of a change: keeps the first conflicts up to 1 MiB and the first notes up to 64 KiB as JSON, and adds a note
 * with the number of conflicts that were dropped. Shortens a long error message.
 */
export function boundedChange(change: SyncRecordChange): SyncRecordChange {
  const { conflicts, notes, error } = change;
  const bounded: { -readonly [Key in keyof SyncRecordChange]: SyncRecordChange[Key] } = { ...change };
  if (notes !== undefined) bounded.notes = first(notes, MAX_NOTES_BYTES);
  if (conflicts !== undefined) {
    bounded.conflicts = first(conflicts, MAX_CONFLICTS_BYTES);
    const dropped = conflicts.length - bounded.conflicts.length;
    if (dropped > 0) bounded.notes = [...(bounded.notes ?? []), `${dropped} more conflicts are not listed.`];
  }
  if (error && error.message.length > MAX_MESSAGE_LENGTH)
    bounded.error = { ...error, message: `${error.message.slice(0, MAX_MESSAGE_LENGTH)}…` };
  return bounded;
}

/** Returns the error for a user who has the maximum number of pending syncs. */
export function tooManyPendingSyncs(maxPending: number): GitHubSdkError {
  return new GitHubSdkError(
    "too_many_pending_syncs",
    `The user already has ${maxPending} pending syncs. Wait until some have ended, or cancel them.`,
    { details: { maxPending } },
  );
}

/** Returns the first items whose JSON fits into a number of bytes. The same array when all of them fit. */
function first<Item>(items: readonly Item[], maxBytes: number): readonly Item[] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += jsonBytes(item) + 1;
    return bytes > maxBytes;
  });
  return end === -1 ? items : items.slice(0, end);
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), "utf8");
}
