import * as z from "zod";
import type { SyncRecord } from "../../domain/sync-record.js";

/** The address of a sync at the host: a URL with the placeholders `{syncId}`, `{projectId}` and `{userId}`. */
export const syncUrlTemplate = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s<>]+$/, "must be a URL that begins with https:// or http://")
  .regex(
    /^(?:[^{}]|\{(?:syncId|projectId|userId)\})*$/,
    "may have only the placeholders {syncId}, {projectId} and {userId}",
  );

/** Returns the address of a sync: the template with the encoded values of its placeholders. */
export function toSyncUrl(template: string, { id, projectId, userId }: SyncRecord): string {
  const values = new Map([
    ["{syncId}", String(id)],
    ["{projectId}", projectId],
    ["{userId}", userId],
  ]);
  return template.replaceAll(/\{\w+\}/g, (placeholder) => encodeURIComponent(values.get(placeholder) ?? placeholder));
}
