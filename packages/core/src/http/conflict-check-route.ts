import * as z from "zod";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import type { SyncPlan } from "../sync/plan/plan.js";
import type { SyncRequest } from "../sync/sync-request.js";
import type { CallOptions } from "../sync/syncs.js";
import { conflictCheckSchema, toConflictCheckResponse } from "./conflict-check-wire.js";
import { directory, optional } from "./request-fields.js";
import { defineRoute } from "./route.js";
import { syncTargetFields, toTarget } from "./sync-body.js";
import { named } from "./wire-value.js";

/** `POST /sync/check-conflicts`. */
export const conflictCheckRoute = defineRoute({
  method: "POST",
  path: "/sync/check-conflicts",
  operationId: "checkConflicts",
  tag: "Project sync",
  summary: "Check which changes and conflicts a sync would have, without writing",
  auth: "user",
  input: {
    body: named("GitHubSyncConflictCheckRequest", z.object({ ...syncTargetFields, directory: optional(directory) })),
  },
  project: "body",
  response: conflictCheckSchema,
  errors: [400, 403, 404, 422, 429],
  async handle({ sdk, user, body, request: { signal } }) {
    const request = toTarget(user, body);
    const options = { signal, isInteractive: true } as const;
    const plan = await sdk.sync.plan(request, options);
    return { body: toConflictCheckResponse(body.project_id, plan, await planTwoWay(sdk, request, options)) };
  },
});

/** Returns `null` where no sync could change the project: the endpoint still reports what a push would do. */
async function planTwoWay(sdk: GitHubSdk, request: SyncRequest, options: CallOptions): Promise<SyncPlan | null> {
  const overrides = { allowMassDeletion: true, allowRewrittenHistory: true } as const;
  try {
    return await sdk.sync.plan({ ...request, ...overrides, direction: "two_way" }, options);
  } catch (error) {
    if (isGitHubSdkError(error, "capability_not_configured") || isGitHubSdkError(error, "path_collision")) return null;
    throw error;
  }
}
