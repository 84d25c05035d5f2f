import * as z from "zod";
import { defineRoute } from "./route.js";
import { checkConflicts, syncFields, toProjectSyncRequest } from "./sync-body.js";
import { syncPlanSchema, toPlanResponse } from "./sync-plan-wire.js";
import { named } from "./wire-value.js";

/** `POST /sync/plan`. */
export const syncPlanRoute = defineRoute({
  method: "POST",
  path: "/sync/plan",
  operationId: "planSync",
  tag: "Project sync",
  summary: "List the changes that a sync would make, without writing",
  auth: "user",
  input: {
    body: named("GitHubSyncPlanRequest", z.object({ ...syncFields, check_conflicts: checkConflicts })),
  },
  project: "body",
  response: syncPlanSchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, body, request: { signal } }) {
    const plan = await sdk.sync.plan(toProjectSyncRequest(user, body), { signal, isInteractive: true });
    return { body: toPlanResponse(body.project_id, plan) };
  },
});
