import { isDeepStrictEqual } from "node:util";
import { syncTargetText } from "./repository.js";
import type { SyncRecord, SyncRecordDraft } from "./sync-record.js";

/** True when a pending record does what a new one would do: the same target, direction and options. */
export function isSameSync(pending: SyncRecord, { target, direction = "push", options }: SyncRecordDraft): boolean {
  return (
    syncTargetText(pending.target) === syncTargetText(target) &&
    pending.direction === direction &&
    isDeepStrictEqual(pending.options, options)
  );
}
