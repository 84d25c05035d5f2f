import { effect, untracked } from "@preact/signals";
import { projectId, token } from "./address.js";
import { canCreateApp, connection, installations } from "./connection.js";
import { clearHistory, history, records } from "./history.js";
import { links } from "./links.js";
import { plan } from "./plan.js";
import { nextRepositories, reloadRepositories } from "./repositories.js";
import { clearSync, closeSync } from "./sync.js";
import { branch, clearTarget, direction, repository } from "./target.js";

/** Loads what the pages show, whenever the user or the project changes. */
export function loadOnChange(): void {
  let user: string | null = null;
  effect(() => {
    const bearer = token.value;
    const isOpen = projectId.value !== null;
    untracked(() => {
      if (bearer !== user) clearUser();
      user = bearer;
      clearProject();
      if (bearer === null) return;
      if (connection.data.value === null) void loadUser();
      if (isOpen) void loadProject();
    });
  });
}

/** Loads the state of the open project, and proposes the target of its last sync. */
export async function loadProject(): Promise<void> {
  await history.load();
  const latest = records.value[0];
  if (latest === undefined || repository.value !== "") return;
  repository.value = latest.github_repository;
  branch.value = latest.branch;
  direction.value = latest.direction;
}

/** Forgets a plan or result that belongs to another target. */
export function targetChanged(): void {
  plan.clear();
  closeSync();
}

async function loadUser(): Promise<void> {
  await connection.load();
  if (connection.data.value?.connected === true) await reloadRepositories();
  else await canCreateApp.load();
}

function clearUser(): void {
  for (const state of [connection, installations, nextRepositories]) state.clear();
}

function clearProject(): void {
  clearHistory();
  links.clear();
  clearTarget();
  clearSync();
  plan.clear();
}
