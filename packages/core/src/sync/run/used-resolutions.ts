import type { ResolutionStore } from "../../adapters/resolution-store.js";
import type { SyncTarget } from "../../domain/repository.js";
import type { StoredResolution } from "../../domain/stored-resolution.js";
import { isProjectSource } from "../../domain/sync-source.js";
import type { Logger } from "../../logger.js";
import { pathNote } from "../plan/path-note.js";
import { unresolvedConflicts } from "../plan/plan.js";
import type { PreparedSync } from "../plan/prepare-sync.js";

/** The store of resolutions, and the logger for failures of it. */
export interface UsedResolutionsServices {
  readonly resolutions: ResolutionStore;
  readonly logger: Logger;
}

/** Reads the resolutions that people stored for a target. Files that came with a call have none. */
export async function loadResolutions(
  { resolutions }: Pick<UsedResolutionsServices, "resolutions">,
  target: SyncTarget,
): Promise<readonly StoredResolution[]> {
  return isProjectSource(target.source) ? resolutions.list(target) : [];
}

/** Returns a note that names the conflicts whose resolution is for versions that are no longer there. */
export function outdatedNote({ resolutions }: PreparedSync): readonly string[] {
  return pathNote("Resolved for versions that have changed since, so that the conflict is open again", [
    ...resolutions.undecided,
  ]);
}

/** Removes the resolutions that can never be used again: those for versions that are no longer there. Never rejects. */
export function dropOutdated(services: UsedResolutionsServices, target: SyncTarget, prepared: PreparedSync) {
  return drop(services, target, prepared.resolutions.outdated);
}

/**
 * Removes the resolutions that a sync carried out, and outdated ones. Never rejects: the next sync finds them outdated.
 *
 * @param left the paths that the sync could not change in the project
 */
export function dropUsed(
  services: UsedResolutionsServices,
  target: SyncTarget,
  { plan, resolutions }: PreparedSync,
  left: readonly string[],
): Promise<void> {
  const open = new Set([...left, ...unresolvedConflicts(plan).map(({ path }) => path)]);
  const used = [...resolutions.current.values()].filter(({ path }) => !open.has(path));
  return drop(services, target, [...used, ...resolutions.outdated]);
}

async function drop(
  { resolutions, logger }: UsedResolutionsServices,
  target: SyncTarget,
  ended: readonly StoredResolution[],
): Promise<void> {
  if (ended.length === 0) return;
  try {
    await resolutions.remove(
      target,
      ended.map(({ id }) => id),
    );
  } catch (error) {
    logger.warn("Resolutions of conflicts could not be removed. The next sync removes them.", { error });
  }
}
