import * as z from "zod";
import { requireOwnSync } from "./own-sync.js";
import { defineRoute } from "./route.js";
import { syncResponseSchema, toSyncResponse } from "./sync-wire.js";
import { named } from "./wire-value.js";

/** `POST /sync/cancel`. */
export const syncCancelRoute = defineRoute({
  method: "POST",
  path: "/sync/cancel",
  operationId: "cancelSync",
  tag: "Project sync",
  summary: "Cancel a pending or running sync. One that is being written may still say `in_progress`",
  auth: "user",
  input: { body: named("GitHubSyncCancelRequest", z.object({ sync_record_id: z.int().positive() })) },
  response: syncResponseSchema,
  errors: [404, 422],
  async handle({ sdk, settings, user, body: { sync_record_id: syncId } }) {
    await requireOwnSync(sdk, settings, user, syncId);
    return { body: toSyncResponse(await sdk.sync.cancel(syncId)) };
  },
});
