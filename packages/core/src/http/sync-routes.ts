import { z } from "zod";
import type { SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../sdk.js";
import type { SyncRequest } from "../sync/sync-request.js";
import type { CallingUser } from "./calling-user.js";
import type { HttpSettings } from "./http-options.js";
import {
  branch,
  commitMessage,
  directory,
  filePath,
  optional,
  projectId,
  queryNumber,
  repositoryFullName,
  withDefault,
} from "./request-fields.js";
import { defineRoute, type Route, type RouteReply } from "./route.js";
import {
  conflictCheckSchema,
  type GitHubSyncResponse,
  projectSyncStatusSchema,
  syncHistorySchema,
  syncMetricsSchema,
  syncResponseSchema,
  toConflictCheckResponse,
  toHistoryResponse,
  toMetricsResponse,
  toProjectStatusResponse,
  toSyncResponse,
} from "./sync-wire.js";
import { invalidFields } from "./validation.js";
import { named } from "./wire-value.js";

const tag = "Project sync";
const SYNC_ERRORS = [400, 403, 404, 422, 429];

const wait = optional(
  z.number().min(0).describe("Seconds to wait for the end before answering; the host sets the default and the most"),
);
const target = { project_id: projectId, repository_full_name: repositoryFullName, branch };
const syncFields = {
  ...target,
  commit_message: commitMessage,
  directory: optional(directory),
  conflict_strategy: optional(z.enum(["fail", "merge", "ours", "theirs", "pull_request"])),
  wait,
};
const projectParams = z.object({ project_id: projectId });
const ofRepository = { repository_full_name: optional(repositoryFullName) };

const syncProject = defineRoute({
  method: "POST",
  path: "/sync/project",
  operationId: "syncProject",
  tag,
  summary: "Bring a project's files into a repository, in one commit",
  auth: "user",
  input: {
    body: named(
      "GitHubProjectSyncRequest",
      z.object({ ...syncFields, check_conflicts: withDefault(z.boolean(), true) }),
    ),
  },
  project: "body",
  response: syncResponseSchema,
  errors: SYNC_ERRORS,
  async handle({ sdk, settings, user, body, request }) {
    const { check_conflicts, conflict_strategy } = body;
    const overwrites = !check_conflicts;
    if (overwrites && conflict_strategy !== undefined && conflict_strategy !== "ours") {
      throw invalidFields([
        { field: "conflict_strategy", message: "check_conflicts: false means ours; leave one of the two out" },
      ]);
    }
    const wishes = overwrites ? { ...body, conflict_strategy: "ours" as const } : body;
    const record = await sdk.sync.submit(syncRequest(user, wishes), { signal: request.signal });
    return answerWhenEnded(sdk, settings, record, { wait: body.wait, signal: request.signal });
  },
});

const triggerSync = defineRoute({
  method: "POST",
  path: "/sync/manual-trigger",
  operationId: "triggerSync",
  tag,
  summary: "Bring all files of a project, or some of them, into a repository",
  auth: "user",
  input: {
    body: named(
      "GitHubSyncRequest",
      z.object({
        ...syncFields,
        sync_all_files: withDefault(z.boolean(), true),
        file_paths: optional(z.array(filePath)),
      }),
    ),
  },
  project: "body",
  response: syncResponseSchema,
  errors: SYNC_ERRORS,
  async handle({ sdk, settings, user, body, request }) {
    const { sync_all_files, file_paths = [] } = body;
    if (!sync_all_files && file_paths.length === 0) {
      throw invalidFields([{ field: "file_paths", message: "name at least one path, or set sync_all_files" }]);
    }
    const paths = sync_all_files ? {} : { filePaths: file_paths };
    const record = await sdk.sync.submit({ ...syncRequest(user, body), ...paths }, { signal: request.signal });
    return answerWhenEnded(sdk, settings, record, { wait: body.wait, signal: request.signal });
  },
});

const history = defineRoute({
  method: "GET",
  path: "/sync/history/{project_id}",
  operationId: "getSyncHistory",
  tag,
  summary: "A page of a project's syncs, newest first",
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
    const wanted = recordsOf(user, params.project_id, repository_full_name);
    const [page, summary] = await Promise.all([sdk.sync.history(wanted, { limit, cursor }), sdk.sync.summary(wanted)]);
    return { body: toHistoryResponse(params.project_id, page, summary) };
  },
});

const status = defineRoute({
  method: "GET",
  path: "/sync/status/{project_id}",
  operationId: "getSyncStatus",
  tag,
  summary: "How a project stands, and how far a running sync of it has come",
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

const checkConflicts = defineRoute({
  method: "POST",
  path: "/sync/check-conflicts",
  operationId: "checkConflicts",
  tag,
  summary: "What a sync would do now; writes nothing",
  auth: "user",
  input: { body: z.object({ ...target, directory: optional(directory) }) },
  project: "body",
  response: conflictCheckSchema,
  errors: SYNC_ERRORS,
  async handle({ sdk, user, body, request: { signal } }) {
    return { body: toConflictCheckResponse(body.project_id, await sdk.sync.plan(syncRequest(user, body), { signal })) };
  },
});

const retry = defineRoute({
  method: "POST",
  path: "/sync/retry",
  operationId: "retrySync",
  tag,
  summary: "Run a failed or cancelled sync again, on the same record",
  auth: "user",
  input: {
    body: z.object({
      sync_record_id: z.int().positive(),
      max_retries: withDefault(z.int().nonnegative(), 3),
      wait,
    }),
  },
  response: syncResponseSchema,
  errors: [400, 404, 422],
  async handle({ sdk, settings, user, body, request: { signal } }) {
    const { sync_record_id: syncId, max_retries: maxRetries } = body;
    const found = await sdk.sync.get(syncId);
    if (found.userId !== user.id) {
      throw new GitHubSdkError("sync_record_not_found", `There is no sync ${syncId}.`);
    }
    await settings.requireProject(user, found.projectId);
    const record = await sdk.sync.resubmit(syncId, { maxRetries });
    return answerWhenEnded(sdk, settings, record, { wait: body.wait, signal });
  },
});

const metrics = defineRoute({
  method: "GET",
  path: "/sync/metrics",
  operationId: "getSyncMetrics",
  tag,
  summary: "Sums over all syncs of the user",
  auth: "user",
  input: {},
  response: syncMetricsSchema,
  errors: [],
  handle: async ({ sdk, user }) => ({ body: toMetricsResponse(user.id, await sdk.sync.metrics(user.id)) }),
});

/** Syncs of projects, with the user's connection. */
export const syncRoutes: readonly Route[] = [syncProject, triggerSync, history, status, checkConflicts, retry, metrics];

interface SyncBody {
  readonly project_id: string;
  readonly repository_full_name: string;
  readonly branch: string;
  readonly commit_message?: string | undefined;
  readonly directory?: string | undefined;
  readonly conflict_strategy?: SyncRequest["strategy"];
}

function syncRequest(user: CallingUser, wishes: SyncBody): SyncRequest {
  return {
    project: { userId: user.id, projectId: wishes.project_id },
    repository: wishes.repository_full_name,
    branch: wishes.branch,
    message: wishes.commit_message ?? null,
    directory: wishes.directory,
    strategy: wishes.conflict_strategy,
  };
}

function recordsOf(user: CallingUser, projectId: string, repository: string | undefined) {
  return { userId: user.id, projectId, ...(repository === undefined ? {} : { repository }) };
}

/** A client that goes away ends the waiting, never the sync. */
async function answerWhenEnded(
  sdk: GitHubSdk,
  { syncWaitSeconds }: HttpSettings,
  record: SyncRecord,
  { wait: wanted = syncWaitSeconds, signal }: { readonly wait: number | undefined; readonly signal: AbortSignal },
): Promise<RouteReply<GitHubSyncResponse>> {
  const seconds = Math.min(wanted, syncWaitSeconds);
  return { body: toSyncResponse(await sdk.sync.wait(record.id, { timeoutMs: seconds * 1000, signal })) };
}
