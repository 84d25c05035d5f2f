import * as z from "zod";
import { defined } from "../defined.js";
import type { SyncRecord } from "../domain/sync-record.js";
import type { GitHubSdk } from "../github-sdk.js";
import type { CallingUser } from "./calling-user.js";
import { conflictCheckRoute } from "./conflict-check-route.js";
import type { HttpSettings } from "./http-options.js";
import { requireOwnSync } from "./own-sync.js";
import { projectSyncStatusSchema, toProjectStatusResponse } from "./project-status-wire.js";
import { filePaths, optional, projectId, queryNumber, repositoryFullName, withDefault } from "./request-fields.js";
import { defineRoute, type Route, type RouteReply } from "./route.js";
import {
  checkConflicts as checkConflictsField,
  planHash,
  syncFields,
  toProjectSyncRequest,
  toSyncRequest,
} from "./sync-body.js";
import { syncCancelRoute } from "./sync-cancel-route.js";
import { syncConflictRoutes } from "./sync-conflict-routes.js";
import { syncHistorySchema, toHistoryResponse } from "./sync-history-wire.js";
import { syncMetricsSchema, toMetricsResponse } from "./sync-metrics-wire.js";
import { syncPlanRoute } from "./sync-plan-route.js";
import { type GitHubSyncResponse, syncResponseSchema, toSyncResponse } from "./sync-wire.js";
import { invalidFields } from "./validation.js";
import { named } from "./wire-value.js";

const tag = "Project sync";
const SYNC_ERRORS = [400, 403, 404, 422, 429, 501];

const wait = optional(
  z
    .number()
    .min(0)
    .describe("Seconds to wait for the sync to end before responding. The host sets the default and the maximum."),
);
const runFields = { ...syncFields, plan_hash: planHash, wait };
const projectParams = z.object({ project_id: projectId });
const ofRepository = { repository_full_name: optional(repositoryFullName) };

const syncProject = defineRoute({
  method: "POST",
  path: "/sync/project",
  operationId: "syncProject",
  tag,
  summary: "Sync a project's files to a repository in one commit",
  auth: "user",
  input: {
    body: named("GitHubProjectSyncRequest", z.object({ ...runFields, check_conflicts: checkConflictsField })),
  },
  project: "body",
  response: syncResponseSchema,
  errors: SYNC_ERRORS,
  async handle({ sdk, settings, user, body, request }) {
    const options = defined({ signal: request.signal, isInteractive: true, planHash: body.plan_hash });
    const record = await sdk.sync.submit(toProjectSyncRequest(user, body), options);
    return respondWhenEnded(sdk, settings, record, { wait: body.wait, signal: request.signal });
  },
});

const triggerSync = defineRoute({
  method: "POST",
  path: "/sync/manual-trigger",
  operationId: "triggerSync",
  tag,
  summary: "Sync all or some files of a project to a repository",
  auth: "user",
  input: {
    body: named(
      "GitHubSyncRequest",
      z.object({
        ...runFields,
        sync_all_files: withDefault(z.boolean(), true),
        file_paths: optional(filePaths),
      }),
    ),
  },
  project: "body",
  response: syncResponseSchema,
  errors: SYNC_ERRORS,
  async handle({ sdk, settings, user, body, request }) {
    const { sync_all_files, file_paths = [] } = body;
    if (!sync_all_files && file_paths.length === 0) {
      throw invalidFields([
        { path: ["file_paths"], message: "must name at least one path when `sync_all_files` is false" },
      ]);
    }
    const paths = sync_all_files ? {} : { filePaths: file_paths };
    const options = defined({ signal: request.signal, isInteractive: true, planHash: body.plan_hash });
    const record = await sdk.sync.submit({ ...toSyncRequest(user, body), ...paths }, options);
    return respondWhenEnded(sdk, settings, record, { wait: body.wait, signal: request.signal });
  },
});

const history = defineRoute({
  method: "GET",
  path: "/sync/history/{project_id}",
  operationId: "getSyncHistory",
  tag,
  summary: "List a project's syncs, newest first",
  auth: "user",
  input: {
    params: projectParams,
    query: z.object({
      limit: withDefault(queryNumber(1, 100), 50),
      cursor: optional(z.string().min(1).max(200)),
      ...ofRepository,
    }),
  },
  project: "params",
  response: syncHistorySchema,
  errors: [404, 422],
  async handle({ sdk, user, params, query: { limit, cursor = null, repository_full_name } }) {
    const query = recordsOf(user, params.project_id, repository_full_name);
    const [page, summary] = await Promise.all([sdk.sync.history(query, { limit, cursor }), sdk.sync.summary(query)]);
    return { body: toHistoryResponse(params.project_id, page, summary) };
  },
});

const status = defineRoute({
  method: "GET",
  path: "/sync/status/{project_id}",
  operationId: "getSyncStatus",
  tag,
  summary: "Get a project's sync status and the progress of a running sync",
  auth: "user",
  input: { params: projectParams, query: z.object(ofRepository) },
  project: "params",
  response: projectSyncStatusSchema,
  errors: [404, 422],
  async handle({ sdk, user, params, query: { repository_full_name } }) {
    const summary = await sdk.sync.summary(recordsOf(user, params.project_id, repository_full_name));
    const progress = summary.latest === null ? null : sdk.sync.progress(summary.latest.id);
    return { body: toProjectStatusResponse(params.project_id, summary, progress) };
  },
});

const retry = defineRoute({
  method: "POST",
  path: "/sync/retry",
  operationId: "retrySync",
  tag,
  summary: "Retry a failed or cancelled sync on the same record",
  auth: "user",
  input: {
    body: named(
      "GitHubSyncRetryRequest",
      z.object({
        sync_record_id: z.int().positive(),
        max_retries: withDefault(z.int().nonnegative(), 3),
        wait,
      }),
    ),
  },
  response: syncResponseSchema,
  errors: [400, 404, 422, 429],
  async handle({ sdk, settings, user, body, request: { signal } }) {
    const { sync_record_id: syncId, max_retries: maxRetries } = body;
    await requireOwnSync(sdk, settings, user, syncId);
    const record = await sdk.sync.resubmit(syncId, { maxRetries });
    return respondWhenEnded(sdk, settings, record, { wait: body.wait, signal });
  },
});

const revert = defineRoute({
  method: "POST",
  path: "/sync/revert",
  operationId: "revertSync",
  tag,
  summary: "Take a completed sync back by a new commit on its branch; later edits stay",
  auth: "user",
  input: { body: named("GitHubSyncRevertRequest", z.object({ sync_record_id: z.int().positive(), wait })) },
  response: syncResponseSchema,
  errors: [400, 403, 404, 422, 429],
  async handle({ sdk, settings, user, body, request: { signal } }) {
    await requireOwnSync(sdk, settings, user, body.sync_record_id);
    const record = await sdk.sync.submitRevert(body.sync_record_id, { signal, isInteractive: true });
    return respondWhenEnded(sdk, settings, record, { wait: body.wait, signal });
  },
});

const metrics = defineRoute({
  method: "GET",
  path: "/sync/metrics",
  operationId: "getSyncMetrics",
  tag,
  summary: "Get totals over all syncs of the user",
  auth: "user",
  input: {},
  response: syncMetricsSchema,
  errors: [],
  handle: async ({ sdk, user }) => ({ body: toMetricsResponse(user.id, await sdk.sync.metrics(user.id)) }),
});

/** The endpoints that sync projects with the user's connection. */
export const syncRoutes: readonly Route[] = [
  syncPlanRoute,
  syncProject,
  triggerSync,
  history,
  status,
  conflictCheckRoute,
  ...syncConflictRoutes,
  syncCancelRoute,
  retry,
  revert,
  metrics,
];

function recordsOf(user: CallingUser, projectId: string, repository: string | undefined) {
  return defined({ userId: user.id, projectId, repository });
}

/** A client that disconnects ends the waiting, not the sync. */
async function respondWhenEnded(
  sdk: GitHubSdk,
  { syncWaitSeconds }: HttpSettings,
  record: SyncRecord,
  { wait = syncWaitSeconds, signal }: { readonly wait: number | undefined; readonly signal: AbortSignal },
): Promise<RouteReply<GitHubSyncResponse>> {
  const seconds = Math.min(wait, syncWaitSeconds);
  return { body: toSyncResponse(await sdk.sync.wait(record.id, { timeoutMs: seconds * 1000, signal })) };
}
