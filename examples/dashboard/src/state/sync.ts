import type {
  GitHubClientError,
  GitHubSyncPlanRequest,
  GitHubSyncResponse,
  GitHubSyncStatusUpdate,
} from "@infrajet/github-client";
import { signal } from "@preact/signals";
import { api, failureOf, textOf } from "../api.js";
import { projectId } from "./address.js";
import { lastConflicts } from "./conflicts.js";
import { history } from "./history.js";
import { notify } from "./notice.js";
import { plan } from "./plan.js";
import { clearAllowances } from "./target.js";

/** A sync of the project that runs or has ended. */
export interface CurrentSync {
  readonly id: string;
  readonly target: string;
  /** `null` before the first update. */
  readonly progress: GitHubSyncStatusUpdate | null;
  /** `null` until it ends. */
  readonly result: GitHubSyncResponse | null;
}

/** The sync that the page shows; `null` for none. */
export const current = signal<CurrentSync | null>(null);
/** True between a click and the response that names the sync. */
export const isStarting = signal(false);
/** The reason why a sync could not be started. */
export const startError = signal<GitHubClientError | null>(null);
/** True after the user asked to cancel, until the sync ends. */
export const isCancelling = signal(false);

/** Starts the sync of a plan, which writes exactly what the plan lists. */
export function applyPlan(request: GitHubSyncPlanRequest, planHash: string): Promise<void> {
  return begin(() => api.syncProject({ ...request, plan_hash: planHash, wait: 0 }));
}

/** Runs a failed or cancelled sync again. */
export function retry(recordId: number): Promise<void> {
  return begin(() => api.retrySync({ sync_record_id: recordId, wait: 0 }));
}

/** Takes a completed sync back by a new commit. */
export function revert(recordId: number): Promise<void> {
  return begin(() => api.revertSync({ sync_record_id: recordId, wait: 0 }));
}

/** Asks the host to stop the running sync. */
export async function cancel(): Promise<void> {
  const running = current.value;
  if (running === null || running.result !== null) return;
  isCancelling.value = true;
  try {
    takeResult(await api.cancelSync({ sync_record_id: Number(running.id) }));
  } catch (error) {
    isCancelling.value = false;
    notify("bad", textOf(failureOf(error)));
  }
}

/** Takes an update of a running sync of the project. */
export function takeProgress(progress: GitHubSyncStatusUpdate): void {
  const { sync_id: id, repository_full_name: repository, branch } = progress;
  const shown = current.value;
  if (shown?.id === id && shown.result !== null) return;
  current.value = { id, target: `${repository}@${branch}`, progress, result: null };
}

/** Takes the state of a sync of the project. */
export function takeResult(result: GitHubSyncResponse): void {
  const hasEnded = result.status !== "pending" && result.status !== "in_progress";
  const shown = current.value?.id === result.sync_id ? current.value : null;
  if (!hasEnded && shown !== null) return;
  const target = `${result.repository_full_name}@${result.branch}`;
  current.value = { id: result.sync_id, target, progress: shown?.progress ?? null, result: hasEnded ? result : null };
  if (!hasEnded) return;
  isCancelling.value = false;
  void history.load();
  void lastConflicts.load();
}

/** Shows the plan again in place of a sync that has ended. */
export function closeSync(): void {
  current.value = null;
  startError.value = null;
}

export function clearSync(): void {
  closeSync();
  isStarting.value = false;
  isCancelling.value = false;
}

async function begin(start: () => Promise<GitHubSyncResponse>): Promise<void> {
  const project = projectId.value;
  isStarting.value = true;
  startError.value = null;
  try {
    const result = await start();
    if (projectId.value !== project) return;
    plan.clear();
    clearAllowances();
    takeResult(result);
  } catch (error) {
    startError.value = failureOf(error);
  } finally {
    isStarting.value = false;
  }
}
