import type { GitHubSyncPlan, GitHubSyncPlanRequest } from "@infrajet/github-client";
import { api } from "../api.js";
import { resource } from "./resource.js";
import { syncRequest } from "./target.js";

/** A plan and the request that it is for. */
export interface FoundPlan {
  readonly request: GitHubSyncPlanRequest;
  readonly plan: GitHubSyncPlan;
}

/** The changes that the next sync would make. */
export const plan = resource<FoundPlan>(async (signal) => {
  const request = syncRequest();
  return { request, plan: await api.planSync(request, { signal }) };
});
