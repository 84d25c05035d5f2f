import type { GitHubSyncPlanRequest } from "@infrajet/github-client";
import { signal } from "@preact/signals";
import { projectId } from "./address.js";

export type Direction = NonNullable<GitHubSyncPlanRequest["direction"]>;
export type Strategy = NonNullable<GitHubSyncPlanRequest["conflict_strategy"]>;

/** The repository as `owner/name`; empty before one is chosen. */
export const repository = signal("");
export const branch = signal("");
/** The folder of the repository that mirrors the project; empty for its root. */
export const directory = signal("");
export const direction = signal<Direction>("push");
export const strategy = signal<Strategy>("merge");
/** True when files with conflicts are left out and the others are synced. */
export const skipsConflicts = signal(false);
export const message = signal("");

/** Fields that allow one sync what is refused by default. */
export type Override =
  | "allow_mass_deletion"
  | "allow_empty_project"
  | "allow_rewritten_history"
  | "bypass_rules"
  | "delete_ignored";
/** The overrides of the next sync. */
export const overrides = signal<readonly Override[]>([]);

/** The paths of files whose secrets the user allows in the next sync. */
export const allowedSecrets = signal<readonly string[]>([]);

export function clearTarget(): void {
  for (const text of [repository, branch, directory, message]) text.value = "";
  direction.value = "push";
  strategy.value = "merge";
  skipsConflicts.value = false;
  clearAllowances();
}

/** Withdraws what was allowed for one sync. */
export function clearAllowances(): void {
  overrides.value = [];
  allowedSecrets.value = [];
}

/** Returns the request that the form describes. */
export function syncRequest(): GitHubSyncPlanRequest {
  return {
    project_id: projectId.value ?? "",
    repository_full_name: repository.value,
    branch: branch.value,
    direction: direction.value,
    conflict_strategy: strategy.value,
    ...(directory.value === "" ? {} : { directory: directory.value }),
    ...(message.value === "" ? {} : { commit_message: message.value }),
    ...(skipsConflicts.value ? { on_conflict: "skip" as const } : {}),
    ...(allowedSecrets.value.length > 0 ? { allow_secrets: [...allowedSecrets.value] } : {}),
    ...Object.fromEntries(overrides.value.map((name) => [name, true])),
  };
}
