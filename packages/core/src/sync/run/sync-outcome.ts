import type { SyncRecordChange } from "../../domain/sync-record.js";

/** The end of a sync and the change of its record. */
export interface SyncOutcome {
  readonly status: "completed" | "failed";
  readonly change: SyncRecordChange;
}
