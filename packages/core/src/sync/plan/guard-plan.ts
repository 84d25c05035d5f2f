import type { BaselineEntry } from "../../domain/baseline.js";
import type { RemoteEntry } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { checkPath, joinPath } from "../../git/path.js";
import { pathCollisions } from "../../git/path-collision.js";
import type { BranchPermissions } from "../../repository/branch-view.js";
import { isWorkflow } from "../../repository/written-paths.js";
import type { ProjectListing } from "../project/list-project.js";
import type { SyncPlan } from "./plan.js";

// GitHub blocks files over 100 MiB however they arrive.
// https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github
const FILE_LIMIT = 100 * 1024 * 1024;
const DELETIONS_WITHOUT_ASKING = 10;
const NAMES_IN_A_MESSAGE = 10;

/**
 * Refuses a listing that no commit can be made from, before a byte is read.
 *
 * @throws GitHubSdkError `project_empty`, `file_too_large`, `path_collision`, `invalid_path`.
 */
export function guardListing(listing: ProjectListing, directory: string, options: SyncOptions): void {
  const { files } = listing;
  if (files.size === 0 && options.filePaths === null && !options.allowMassDeletion) {
    const ignored = listing.ignored.length === 0 ? "" : ` (${listing.ignored.length} entries are ignored)`;
    throw new GitHubSdkError(
      "project_empty",
      `The project has no files${ignored}. To empty the repository on purpose, allow mass deletion.`,
    );
  }
  refuseWithNames("file_too_large", "GitHub takes no file over 100 MB; remove or ignore", oversized(listing));
  refuseWithNames("invalid_path", "The repository cannot hold these paths; rename", tooLong(listing, directory));
  refuseWithNames(
    "path_collision",
    "These names differ only in case or Unicode form and cannot be checked out side by side everywhere; rename one of each",
    pathCollisions(files.keys()).map(({ first, second }) => `${first} and ${second}`),
  );
}

/** What a plan is held against. */
export interface PlanCircumstances {
  readonly baseline: ReadonlyMap<string, BaselineEntry>;
  /** The branch's entries below the directory. */
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  readonly permissions: BranchPermissions;
  readonly options: SyncOptions;
}

/**
 * Refuses a plan that must not or cannot be written, before the first write.
 *
 * @throws GitHubSdkError `mass_deletion`, `path_collision`, `workflow_permission_missing`.
 */
export function guardPlan(plan: SyncPlan, { baseline, remote, permissions, options }: PlanCircumstances): void {
  const deletions = plan.changes.filter((change) => change.action === "delete").length;
  if (deletions > DELETIONS_WITHOUT_ASKING && deletions > baseline.size / 2 && !options.allowMassDeletion) {
    throw new GitHubSdkError(
      "mass_deletion",
      `The sync would delete ${deletions} of ${baseline.size} files. If that is meant, allow mass deletion.`,
      { details: { deletions, files: baseline.size } },
    );
  }
  refuseWithNames(
    "path_collision",
    "The repository has these names in another spelling; rename",
    newCollisions(plan, remote),
  );
  const workflows = plan.changes.map(({ path }) => joinPath(plan.target.directory, path)).filter(isWorkflow);
  if (permissions.canWriteWorkflows === false) {
    refuseWithNames(
      "workflow_permission_missing",
      'The credential may not write workflow files: grant the "workflow" scope (or the App\'s Workflows permission), or ignore',
      workflows,
    );
  }
}

/** Added paths that differ only in spelling from what the branch will hold; twins that it has already are not ours to judge. */
function newCollisions(plan: SyncPlan, remote: ReadonlyMap<string, RemoteEntry>): string[] {
  const added = new Set(plan.changes.filter((change) => change.action === "add").map((change) => change.path));
  if (added.size === 0) return [];
  const deleted = new Set(plan.changes.filter((change) => change.action === "delete").map((change) => change.path));
  const after = [...remote.keys()].filter((path) => !deleted.has(path)).concat([...added]);
  return pathCollisions(after)
    .filter(({ first, second }) => added.has(first) || added.has(second))
    .map(({ first, second }) => `${first} and ${second}`);
}

function oversized({ files }: ProjectListing): string[] {
  return [...files.values()]
    .filter((file) => file.size > FILE_LIMIT)
    .map((file) => `${file.path} (${(file.size / 1024 / 1024).toFixed(1)} MB)`);
}

function tooLong({ files }: ProjectListing, directory: string): string[] {
  if (directory === "") return [];
  return [...files.keys()].filter((path) => checkPath(joinPath(directory, path)) !== null);
}

type NamingCode = "file_too_large" | "invalid_path" | "path_collision" | "workflow_permission_missing";

function refuseWithNames(code: NamingCode, words: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length > NAMES_IN_A_MESSAGE ? ` and ${names.length - NAMES_IN_A_MESSAGE} more` : "";
  throw new GitHubSdkError(code, `${words}: ${names.slice(0, NAMES_IN_A_MESSAGE).join(", ")}${more}.`, {
    details: { paths: names.slice(0, 100), count: names.length },
  });
}
