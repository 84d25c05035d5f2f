import type { BaselineEntry } from "../../domain/baseline.js";
import type { RemoteEntry } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { joinPath } from "../../git/path.js";
import { pathCollisions } from "../../git/path-collision.js";
import type { BranchPermissions } from "../../repository/branch-view.js";
import { isWorkflow } from "../../repository/written-paths.js";
import { refuseWithNames } from "../project/guard-listing.js";
import { printablePair } from "../project/printable-path.js";
import type { SyncPlan } from "./plan.js";

const DELETIONS_WITHOUT_OVERRIDE = 10;

/** The state that a plan is checked against. */
export interface PlanContext {
  readonly baseline: ReadonlyMap<string, BaselineEntry>;
  /** The branch's entries below the directory. */
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  readonly permissions: BranchPermissions;
  readonly options: SyncOptions;
}

/**
 * Rejects a plan that must not or cannot be written, before the first write.
 *
 * @throws GitHubSdkError `plan_stale`, `mass_deletion`, `path_collision`, `workflow_permission_missing`.
 */
export function guardPlan(plan: SyncPlan, { baseline, remote, permissions, options }: PlanContext): void {
  if (options.planHash !== null && options.planHash !== plan.hash) throw staleError();
  const deletions = plan.changes.filter((change) => change.action === "delete").length;
  if (isMassDeletion(deletions, baseline.size) && !options.allowMassDeletion) {
    throw new GitHubSdkError(
      "mass_deletion",
      `The sync would delete ${deletions} of ${baseline.size} files. To delete them, set \`allowMassDeletion\`.`,
      { details: { deletions, files: baseline.size } },
    );
  }
  refuseWithNames(
    "path_collision",
    "The repository has these names with another case or Unicode form. Rename them",
    newCollisions(plan, remote),
  );
  const workflows = plan.changes.map(({ path }) => joinPath(plan.target.directory, path)).filter(isWorkflow);
  if (permissions.canWriteWorkflows === false) {
    refuseWithNames(
      "workflow_permission_missing",
      'The credential cannot write workflow files. Grant the "workflow" scope (or the App\'s Workflows permission), or ignore them',
      workflows,
    );
  }
}

/** True for so many deletions that the caller has to allow them. */
export function isMassDeletion(deletions: number, files: number): boolean {
  return deletions > DELETIONS_WITHOUT_OVERRIDE && deletions > files / 2;
}

/** Returns the error of a sync that is limited to a plan which no longer applies. */
function staleError(): GitHubSdkError {
  return new GitHubSdkError(
    "plan_stale",
    "The project or the branch has changed since the plan was made. Make a new plan.",
  );
}

/** Returns added paths that collide with a path of the branch. Collisions that the branch already has are not reported. */
function newCollisions(plan: SyncPlan, remote: ReadonlyMap<string, RemoteEntry>): string[] {
  const added = new Set(plan.changes.filter((change) => change.action === "add").map((change) => change.path));
  if (added.size === 0) return [];
  const deleted = new Set(plan.changes.filter((change) => change.action === "delete").map((change) => change.path));
  const after = [...remote.keys()].filter((path) => !deleted.has(path)).concat([...added]);
  return pathCollisions(after)
    .filter(({ first, second }) => added.has(first) || added.has(second))
    .map(({ first, second }) => printablePair(first, second));
}
