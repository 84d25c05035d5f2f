import type { BaselineEntry } from "../../domain/baseline.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { pathCollisions } from "../../git/path-collision.js";
import { refuseWithNames } from "../project/guard-listing.js";
import { printablePair } from "../project/printable-path.js";
import type { LocalFile } from "../project/read-project.js";
import { isMassDeletion } from "./guard-plan.js";
import type { SyncPlan } from "./plan.js";

/** The project that a plan changes. */
export interface ProjectContext {
  readonly baseline: ReadonlyMap<string, BaselineEntry>;
  readonly local: ReadonlyMap<string, LocalFile>;
  readonly options: SyncOptions;
}

/**
 * Rejects changes of the project that must not be made, before the first write.
 *
 * @throws GitHubSdkError `mass_deletion`, `path_collision`
 */
export function guardProject({ projectChanges }: SyncPlan, { baseline, local, options }: ProjectContext): void {
  const removed = new Set(projectChanges.filter(({ action }) => action === "delete").map(({ path }) => path));
  if (isMassDeletion(removed.size, baseline.size) && !options.allowMassDeletion) {
    throw new GitHubSdkError(
      "mass_deletion",
      `The sync would remove ${removed.size} of ${baseline.size} files from the project. To remove them, set \`allowMassDeletion\`.`,
      { details: { deletions: removed.size, files: baseline.size } },
    );
  }
  const added = new Set(projectChanges.filter(({ action }) => action === "add").map(({ path }) => path));
  const after = [...local.keys()].filter((path) => !removed.has(path)).concat([...added]);
  const collisions = added.size === 0 ? [] : pathCollisions(after);
  refuseWithNames(
    "path_collision",
    "These names of the branch differ from another name only in case or Unicode form. Rename one of each on the branch",
    collisions
      .filter(({ first, second }) => added.has(first) || added.has(second))
      .map(({ first, second }) => printablePair(first, second)),
  );
}
