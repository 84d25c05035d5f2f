import type { GitHubSyncConflict, GitHubSyncConflictContent, GitHubSyncResolveRequest } from "@infrajet/github-client";
import { computed, effect, signal } from "@preact/signals";
import { api } from "../api.js";
import { projectId } from "./address.js";
import { type FoundPlan, plan } from "./plan.js";
import { resource } from "./resource.js";
import { branch, repository } from "./target.js";

/** A side of a conflict: the base, the project's version, or the branch's. */
export type Side = GitHubSyncConflictContent["side"];
/** The user's decision about a file. */
export type Decision = Pick<GitHubSyncResolveRequest, "choice" | "content">;

/** The conflicts of the last sync to the target. */
export const lastConflicts = resource(async (signal) => {
  if (repository.value === "" || branch.value === "") return [];
  return (await api.listConflicts(target(), { signal })).conflicts;
});

/** The decisions that the user made on this page, by the versions that they are for. */
const decided = signal<ReadonlyMap<string, string>>(new Map());

/** The conflicts of the plan on the page, or else of the last sync, that need or have the user's decision. */
export const conflicts = computed<readonly GitHubSyncConflict[]>(() => {
  const found = plan.data.value;
  if (found === null) return lastConflicts.data.value ?? [];
  return found.plan.conflicts.filter((conflict) => decisionOf(conflict) !== null || isOpenIn(found, conflict));
});

/** The number of conflicts without a decision. */
export const openCount = computed(() => conflicts.value.filter((conflict) => decisionOf(conflict) === null).length);

/** The path of the conflict that the page shows; `null` for the first one. */
export const selectedPath = signal<string | null>(null);
export const selected = computed(
  () => conflicts.value.find(({ file_path: path }) => path === selectedPath.value) ?? conflicts.value[0] ?? null,
);

/** The three versions of the selected file. */
export const versions = resource(async (signal) => {
  const conflict = selected.value;
  if (conflict === null) return null;
  const read = (side: Side): Promise<GitHubSyncConflictContent> =>
    api.getConflictContent({ ...target(), file_path: conflict.file_path, side }, { signal });
  const [base, ours, theirs] = await Promise.all([read("base"), read("ours"), read("theirs")]);
  return { conflict, base, ours, theirs };
});

/** Returns the decision about a conflict, which the next sync carries out; `null` without one. */
export function decisionOf(conflict: GitHubSyncConflict): string | null {
  return decided.value.get(versionsKey(conflict)) ?? (conflict.resolution_strategy === "content" ? "content" : null);
}

/** True for a conflict of a plan that neither the strategy nor the user has resolved. A plan also lists resolved ones. */
export function isOpenIn(
  { plan: { changes, project_changes: pulled }, request }: FoundPlan,
  conflict: GitHubSyncConflict,
): boolean {
  const { file_path: path, resolution_strategy: how } = conflict;
  const { conflict_strategy: strategy = "merge" } = request;
  if (decisionOf(conflict) !== null || (strategy !== "merge" && strategy !== "fail")) return false;
  if (strategy === "merge" && how === "keep_change") return false;
  return ![...changes, ...pulled].some((change) => change.file_path === path);
}

/** Stores a decision. @throws GitHubClientError `resolution_stale` when a side has changed since the versions were read */
export async function decide(conflict: GitHubSyncConflict, decision: Decision): Promise<void> {
  const { file_path, ours_sha, existing_sha: theirs_sha } = conflict;
  await api.resolveConflict({ ...target(), file_path, ours_sha, theirs_sha, ...decision });
  decided.value = new Map([...decided.value, [versionsKey(conflict), decision.choice ?? "content"]]);
  const next = conflicts.value.find((other) => decisionOf(other) === null);
  if (next !== undefined) selectedPath.value = next.file_path;
}

function clearConflicts(): void {
  lastConflicts.clear();
  versions.clear();
  decided.value = new Map();
  selectedPath.value = null;
}

/** Reads the conflicts whenever another target is chosen. */
export function followTarget(): void {
  effect(() => {
    clearConflicts();
    if (projectId.value !== null && repository.value !== "" && branch.value !== "") void lastConflicts.load();
  });
}

function target(): { project_id: string; repository_full_name: string; branch: string } {
  return { project_id: projectId.value ?? "", repository_full_name: repository.value, branch: branch.value };
}

/** A decision does not apply to a later conflict of the same file. */
function versionsKey({ file_path, ours_sha, existing_sha }: GitHubSyncConflict): string {
  return JSON.stringify([file_path, ours_sha, existing_sha]);
}
