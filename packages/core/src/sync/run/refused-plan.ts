import type { Baseline } from "../../domain/baseline.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { conflictMessage, revertMessage } from "../plan/conflict-message.js";
import { blockingConflicts } from "../plan/plan.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { SyncOutcome } from "./round.js";
import { outdatedNote } from "./used-resolutions.js";

/** The record of a sync and the sides that its plan was made from. */
export interface PlannedSides {
  readonly record: SyncRecord;
  readonly baseline: Baseline;
  readonly remote: RemoteBranch;
}

/** Returns the outcome of a plan with unresolved conflicts; `null` when it may be written. */
export function refusedPlan({ record, baseline, remote }: PlannedSides, prepared: PreparedSync): SyncOutcome | null {
  const { plan } = prepared;
  const open = blockingConflicts(plan);
  if (open.length === 0) return null;
  const { reverts } = record.options;
  const context = { remote: remote.entries, hasBaseline: baseline.entries.size > 0 };
  const message = reverts === undefined ? conflictMessage(open, context) : revertMessage(open, reverts.syncId);
  const error = { code: "conflicts", message } as const;
  const notes = [...record.notes, ...outdatedNote(prepared)];
  return { status: "failed", change: { conflicts: plan.conflicts, notes, error } };
}
