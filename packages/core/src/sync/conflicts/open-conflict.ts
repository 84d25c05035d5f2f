import type { ConflictResolution, SyncConflict } from "../../domain/conflict.js";
import type { StoredResolution } from "../../domain/stored-resolution.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { isFor } from "../plan/stored-resolutions.js";

/** A conflict of the last sync whose versions are still there. */
export interface OpenConflict extends SyncConflict {
  /** True when a resolution is stored, which the next sync carries out: `resolution` names it. */
  readonly isDecided: boolean;
}

/** Returns the conflicts that a sync left open, and those that it would have resolved by a stored resolution if it had not failed. */
export function leftOpen(
  { status, conflicts }: SyncRecord,
  resolutions: readonly StoredResolution[],
): readonly OpenConflict[] {
  return conflicts.flatMap((conflict) => {
    const stored = resolutions.find(
      (resolution) => resolution.path === conflict.path && isStoredFor(resolution, conflict),
    );
    if (stored === undefined) return conflict.resolved ? [] : { ...conflict, isDecided: false };
    if (conflict.resolved && status === "completed") return [];
    return { ...conflict, resolved: false, resolution: resolutionOf(stored), isDecided: true };
  });
}

/** True when a resolution was made for the versions of a conflict. */
function isStoredFor(resolution: StoredResolution, conflict: SyncConflict): boolean {
  return resolution.localOid === conflict.localOid && resolution.remoteOid === conflict.remoteOid;
}

function resolutionOf({ decision }: StoredResolution): ConflictResolution {
  if ("content" in decision) return "content";
  return decision.choice === "merged" ? "merge" : decision.choice;
}

/** True when a path still has the versions of a conflict. */
export function isStillThere({ localOid, remoteOid }: SyncConflict, versions: Parameters<typeof isFor>[1]): boolean {
  return isFor({ localOid, remoteOid }, versions);
}
